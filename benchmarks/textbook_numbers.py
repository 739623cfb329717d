"""The classifications of the textbook's chapters 3 to 6: the accuracy that it publishes, and that of the zoo's recipe.

    python -m benchmarks.textbook_numbers [--yelp FILE] [--surnames FILE] [--agnews FILE] [--only NAME] [--json OUT]

Prints the rows of the table in `docs/explanation/textbook-numbers.md`. A row whose file is not given says so. The
published figures are the outputs in the notebooks of Rao & McMahan 2019 (github.com/joosthub/PyTorchNLPBook, commit
6169d3e).
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core import load_recipe, train

SEED = 1337


@frozen
class Experiment:
    """A classification of the textbook: where it is, what it publishes, and the recipe that repeats it."""

    name: str
    section: str
    data: str  # the option of the program that names its file
    accuracy: float | None  # that the textbook publishes, in percent
    recipe: str
    settings: tuple[str, ...] = ()

    def command(self) -> str:
        """The command that trains it."""
        settings = "".join(f" --set {shlex.quote(setting)}" for setting in self.settings)
        return f"zoo train {self.recipe} --data FILE{settings}"


SINGLE_CHARACTERS = (  # as the textbook has them, where the recipe counts up to three in a row
    'vectorizer={use="one-hot", tokenizer="characters", cutoff=0, punctuation=true}',
    "task.normalization=none",
    "training.monitor=loss",
    "model.dropout=0",
)
EXPERIMENTS = (
    Experiment("Yelp, perceptron", "3.6", "yelp", 91.07, "yelp-perceptron"),
    Experiment("Yelp, MLP", "4.1", "yelp", None, "yelp-mlp"),
    Experiment("surnames, MLP", "4.2", "surnames", 47.88, "surnames-mlp", SINGLE_CHARACTERS),
    Experiment("surnames, MLP on n-grams", "4.2", "surnames", 47.88, "surnames-mlp"),
    Experiment("surnames, CNN", "4.4", "surnames", 44.79, "surnames-cnn"),
    Experiment("AG News titles, CNN", "5.3", "agnews", 83.78, "agnews-cnn", ("task.text=title",)),
    Experiment("surnames, RNN", "6.2", "surnames", 41.50, "surnames-rnn"),
)


def measure(experiment: Experiment, path: Path, settings: Sequence[str] = ()) -> dict[str, Any]:
    """Train a recipe on a file, and give its results on the test split."""
    recipe = load_recipe(experiment.recipe).with_assignments(*experiment.settings, *settings)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        summary = train(recipe, path, run=Path(folder) / "run").summary
    return {
        "experiment": experiment.name,
        "rows": summary["rows"],
        "published": experiment.accuracy,
        "accuracy": 100 * summary["metrics"]["test"]["accuracy"],
        "interval": [100 * end for end in summary["intervals"]["test"]["accuracy"]],
        "epochs": summary["epochs"],
        "seconds": time.perf_counter() - started,
    }


def table_row(experiment: Experiment, found: dict[str, Any] | None) -> str:
    """A row of the table in Markdown."""
    ours = "not measured: no file was given"
    if found is not None:
        low, high = found["interval"]
        ours = f"{found['accuracy']:.1f} % [{low:.1f}, {high:.1f}], {found['epochs']} epochs, {found['seconds']:.0f} s"
    published = "none" if experiment.accuracy is None else f"{experiment.accuracy:.1f} %"
    cells = (experiment.name, experiment.section, published, ours, f"`{experiment.command()}`")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yelp", type=Path, help="reviews with the columns rating, review and split")
    parser.add_argument("--surnames", type=Path, help="surnames with the columns nationality, surname and split")
    parser.add_argument("--agnews", type=Path, help="AG News, with a column of titles")
    parser.add_argument("--only", action="append", help="the recipe to train (repeatable); default: all")
    parser.add_argument("--set", dest="settings", action="append", default=[], help="a setting of every recipe")
    parser.add_argument("--json", type=Path, help="a file to write the results to")
    arguments = parser.parse_args()
    results = []
    print("| experiment | section | the textbook | textzoo | command |\n|---|---|---|---|---|")
    for experiment in EXPERIMENTS:
        if arguments.only and experiment.recipe not in arguments.only:
            continue
        path = getattr(arguments, experiment.data)
        found = None if path is None else measure(experiment, path, arguments.settings)
        results += [] if found is None else [found]
        print(table_row(experiment, found), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
