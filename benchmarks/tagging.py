"""Recipes for several labels a text, compared with fastText's `ova` and scikit-learn's one-vs-rest.

    python -m benchmarks.tagging --data FILE [--recipes tags-fast] [--repeats 3] [--json OUT]

FILE has the columns text, label (labels joined by `|`) and split (train, val, test); benchmarks.programs.label_sets
makes one of GoEmotions. Each training is a whole process on the same cores; that of the zoo ends with the metrics and
the run folder, those of the peers with the probabilities of val and test. The settings of a peer are those with the
best micro F1 on val; the search is not timed. A label is predicted from a probability of 0.5, or of the threshold of
the label with the best F1 on val ("own"). Seconds are medians. Needs the extra `bench`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from benchmarks.peers import Settings, grid, process
from benchmarks.programs.label_sets import read_label_sets, to_matrix

PEERS = {
    "fasttext": grid(wordNgrams=(1, 2), epoch=(5, 25), lr=(0.05, 0.1, 0.25)),
    "sklearn": grid(C=(1, 4, 16)),
}
Matrix = NDArray[np.float64]


def best_thresholds(targets: NDArray[np.bool_], probabilities: Matrix) -> Matrix:
    """The threshold of each label with the best F1; 0.5 for a label that no row has."""
    found = np.full(targets.shape[1], 0.5)
    for label in np.flatnonzero(targets.any(axis=0)):
        precision, recall, values = metrics.precision_recall_curve(targets[:, label], probabilities[:, label])
        scores = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        found[label] = values[min(int(scores.argmax()), len(values) - 1)]
    return found


def measure(targets: NDArray[np.bool_], probabilities: Matrix, own: Matrix) -> dict[str, float]:
    """Metrics of a split, with thresholds of 0.5 and those of the labels."""
    found = {"LRAP": float(metrics.label_ranking_average_precision_score(targets, probabilities))}
    for name, thresholds in (("0.5", np.array(0.5)), ("own", own)):
        predicted = probabilities >= thresholds
        for average in ("micro", "macro"):
            found[f"{average} F1, {name}"] = float(
                metrics.f1_score(targets, predicted, average=average, zero_division=0)
            )
        found[f"subset, {name}"] = float(metrics.accuracy_score(targets, predicted))
    return found


class Bench:
    """The processes that run on one file."""

    def __init__(self, file: Path, folder: Path) -> None:
        frames, classes = read_label_sets(str(file))
        self.file, self.folder = file, folder
        self.targets = {name: to_matrix(frames[name]["labels"], classes) for name in ("val", "test")}

    def _measure(self, program: str, options: list[str]) -> tuple[dict[str, Any], float]:
        """The metrics of a program's probabilities on each split, and its seconds."""
        out = self.folder / "probabilities.npz"
        arguments = ["-m", "benchmarks.programs.label_sets", program, str(self.file), str(out), *options]
        seconds = process(arguments)[1]
        with np.load(out) as found:
            own = best_thresholds(self.targets["val"], found["val"])
            return {name: measure(self.targets[name], found[name], own) for name in self.targets}, seconds

    def peer(self, name: str, settings: Settings) -> dict[str, Any]:
        """Run a peer with these settings."""
        values, seconds = self._measure(name, ["--settings", json.dumps(settings)])
        return {**values, "seconds": seconds}

    def recipe(self, name: str) -> dict[str, Any]:
        """Train a shipped recipe."""
        with tempfile.TemporaryDirectory() as folder:
            run = f"{folder}/run"
            command = ["-m", "zoo_cli", "train", name, "--data", str(self.file), "--run", run, "--json"]
            seconds = process([*command, "--set", "task.separator=|"])[1]
            return {**self._measure("zoo", ["--run", run])[0], "seconds": seconds}

    def compare(self, recipes: list[str], peers: list[str], repeats: int) -> dict[str, Any]:
        """The results of each recipe and peer, with the median of their seconds."""
        settings = {}
        for name in peers:
            found = [(self.peer(name, each)["val"]["micro F1, 0.5"], each) for each in PEERS[name]]
            settings[name] = max(found, key=lambda pair: pair[0])[1]
            print(f"{name}: {settings[name]}", file=sys.stderr)
        results: dict[str, Any] = {}
        seconds: dict[str, list[float]] = {}
        for _ in range(repeats):
            for name in [*recipes, *peers]:
                results[name] = self.peer(name, settings[name]) if name in settings else self.recipe(name)
                seconds.setdefault(name, []).append(results[name]["seconds"])
        for name, each in seconds.items():
            results[name]["seconds"] = statistics.median(each)
        imports = statistics.median(process(["-c", "import torch; print(0)"])[1] for _ in range(repeats))
        return {"results": results, "settings": settings, "import torch": imports}


def format_table(found: dict[str, Any]) -> str:
    """The metrics of test and the seconds, a line for each recipe and peer."""
    results = found["results"]
    names = [*next(iter(results.values()))["test"], "seconds"]
    lines = [" " * 12 + "".join(f"{name:>16}" for name in names)]
    for name, values in results.items():
        cells = [*(f"{value:16.4f}" for value in values["test"].values()), f"{values['seconds']:16.2f}"]
        lines.append(f"{name:12}{''.join(cells)}")
    return "\n".join([*lines, f"import torch: {found['import torch']:.2f} s"])


def main() -> None:
    """Compare on a file, print the table, and write all results to a file if requested."""
    parser = argparse.ArgumentParser(description="Recipes for several labels compared with other tools.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--recipes", default="tags-fast")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all results to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.data.resolve(), Path(folder))
        recipes, peers = (list(filter(None, names.split(","))) for names in (options.recipes, options.peers))
        found = bench.compare(recipes, peers, options.repeats)
    print(format_table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
