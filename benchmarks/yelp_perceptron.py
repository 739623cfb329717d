"""The zoo's `yelp-perceptron` beside the textbook's own method: whole processes, taking turns.

    python -m benchmarks.yelp_perceptron FILE [--repeats 3] [--json OUT]

Both get the same file, seed and cores. Each figure is the median over the repeats. A textbook epoch is timed
inside its run; a zoo epoch, and the speed from file to features, in a third process (`zoo_in_process`).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECIPE = "yelp-perceptron"
SEED = "1337"

Figures = dict[str, float]


def timed(arguments: Sequence[str]) -> tuple[Any, float]:
    """The JSON object a Python process prints, and the wall seconds of the whole process."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - began
    return json.loads(done.stdout), seconds


def figures_of(found: Any, test: Any, whole: float) -> Figures:
    """What both sides report, by the same names; `found` is a run's JSON object."""
    return {
        "epochs": found["epochs"],
        "best epoch": found["best_epoch"],
        "features": found["features"],
        "test accuracy": test["accuracy"],
        "test loss": test["loss"],
        "seconds, whole process": whole,
        "seconds, fit": found["seconds"]["fit"],
    }


def textbook(path: Path) -> Figures:
    """One run of the textbook's method."""
    found, whole = timed(["-m", "benchmarks.textbook_method", str(path), "--seed", SEED, "--json"])
    return {**figures_of(found, found["test"], whole), "seconds, one epoch": found["seconds_per_epoch"]}


def zoo(path: Path) -> Figures:
    """One run of the zoo's command, and one of the process that times its epochs and encoding."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["train", RECIPE, "--data", str(path), "--seed", SEED, "--run", str(Path(folder) / "run")]
        found, whole = timed(["-m", "zoo_cli", *arguments, "--json"])
    inside, _ = timed(["-m", "benchmarks.zoo_in_process", str(path), "--json"])
    return {
        **figures_of(found, found["metrics"]["test"], whole),
        "seconds, one epoch": inside["seconds_per_epoch"],
        "MB/s, median": inside["megabytes_per_second"]["median"],
        "MB/s, best": inside["megabytes_per_second"]["best"],
    }


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of each figure, except the best speed, which stays the best."""
    return {name: (max if name == "MB/s, best" else statistics.median)(run[name] for run in runs) for name in runs[0]}


def least(runs: Sequence[Figures], name: str) -> float:
    """The smallest of a figure: of seconds, the run that a busy machine disturbed least."""
    return min(run[name] for run in runs)


def compare(path: Path, repeats: int) -> dict[str, Any]:
    """Run both in turn; every run, the medians, the ratios of the seconds, and the gain in accuracy."""
    runs: dict[str, list[Figures]] = {"textbook": [], "zoo": []}
    for number in range(1, repeats + 1):
        for name, side in (("textbook", textbook), ("zoo", zoo)):
            runs[name].append(side(path))
            seconds = runs[name][-1]["seconds, whole process"]
            print(f"{name} {number}/{repeats}: {seconds:.2f} s", file=sys.stderr)
    book, own = medians(runs["textbook"]), medians(runs["zoo"])
    clocks = [name for name in book if name.startswith("seconds")]
    return {
        "medians": {"textbook": book, "zoo": own},
        "ratios": {name: book[name] / own[name] for name in clocks},
        "ratios_of_best": {name: least(runs["textbook"], name) / least(runs["zoo"], name) for name in clocks},
        "accuracy_difference": own["test accuracy"] - book["test accuracy"],
        "runs": runs,
    }


def table(found: dict[str, Any]) -> str:
    """The medians side by side, one figure a line."""
    book, own = found["medians"]["textbook"], found["medians"]["zoo"]
    ratios, best = found["ratios"], found["ratios_of_best"]
    lines = [f"{'median':26}{'textbook':>12}{'zoo':>12}{'textbook/zoo':>16}{'of the best':>14}"]
    for name in own:
        left = _number(book[name]) if name in book else ""
        ratio = f"{ratios[name]:16.1f}{best[name]:14.1f}" if name in ratios else ""
        lines.append(f"{name:26}{left:>12}{_number(own[name]):>12}{ratio}")
    lines.append(f"test accuracy, zoo less textbook: {found['accuracy_difference']:+.4f}")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:g}" if value == int(value) else f"{value:.4f}"


def positive(text: str) -> int:
    """A whole number of at least one, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def main() -> None:
    """Compare on a file, print the table, and write all figures where asked."""
    parser = argparse.ArgumentParser(description="The zoo's yelp-perceptron beside the textbook's method.")
    parser.add_argument("file", type=Path, help="a CSV file with the columns rating, review, split")
    parser.add_argument("--repeats", type=positive, default=3)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every figure to this file")
    options = parser.parse_args()
    found = compare(options.file.resolve(), options.repeats)
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
