"""The recipe `yelp-perceptron` compared with the textbook's method: whole processes in turns.

    python -m benchmarks.yelp_perceptron FILE [--repeats 3] [--json OUT]

Both get the same file, seed and cores. Each value is the median over the repeats. An epoch of the textbook is timed
inside its run; an epoch of the zoo, and the speed from file to features, in a third process (`zoo_in_process`).
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

Results = dict[str, float]


def run_timed(arguments: Sequence[str]) -> tuple[Any, float]:
    """Return the JSON object that a Python process prints, and the wall seconds of the process."""
    started = time.perf_counter()
    process = subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - started
    return json.loads(process.stdout), seconds


def common_results(summary: Any, test: Any, seconds: float) -> Results:
    """Return what both report, by the same names; `summary` is the JSON object of a run."""
    return {
        "epochs": summary["epochs"],
        "best epoch": summary["best_epoch"],
        "features": summary["features"],
        "test accuracy": test["accuracy"],
        "test loss": test["loss"],
        "seconds, whole process": seconds,
        "seconds, fit": summary["seconds"]["fit"],
    }


def textbook(path: Path) -> Results:
    """Run the textbook's method."""
    summary, seconds = run_timed(["-m", "benchmarks.textbook_method", str(path), "--seed", SEED, "--json"])
    return {**common_results(summary, summary["test"], seconds), "seconds, one epoch": summary["seconds_per_epoch"]}


def zoo(path: Path) -> Results:
    """Run the zoo's command, and the process that times its epochs and encoding."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["train", RECIPE, "--data", str(path), "--seed", SEED, "--run", str(Path(folder) / "run")]
        summary, seconds = run_timed(["-m", "zoo_cli", *arguments, "--json"])
    inside, _ = run_timed(["-m", "benchmarks.zoo_in_process", str(path), "--json"])
    return {
        **common_results(summary, summary["metrics"]["test"], seconds),
        "seconds, one epoch": inside["seconds_per_epoch"],
        "MB/s, median": inside["megabytes_per_second"]["median"],
        "MB/s, best": inside["megabytes_per_second"]["best"],
    }


def medians(runs: Sequence[Results]) -> Results:
    """Return the median of each value; the maximum of the best speed."""
    return {name: (max if name == "MB/s, best" else statistics.median)(run[name] for run in runs) for name in runs[0]}


def smallest(runs: Sequence[Results], name: str) -> float:
    """Return the smallest value: of seconds, the run that a busy machine disturbed least."""
    return min(run[name] for run in runs)


def compare(path: Path, repeats: int) -> dict[str, Any]:
    """Run both in turns; return all runs, the medians, the ratios of the seconds, and the accuracy difference."""
    runs: dict[str, list[Results]] = {"textbook": [], "zoo": []}
    for number in range(1, repeats + 1):
        for name, run in (("textbook", textbook), ("zoo", zoo)):
            runs[name].append(run(path))
            seconds = runs[name][-1]["seconds, whole process"]
            print(f"{name} {number}/{repeats}: {seconds:.2f} s", file=sys.stderr)
    of_textbook, of_zoo = medians(runs["textbook"]), medians(runs["zoo"])
    times = [name for name in of_textbook if name.startswith("seconds")]
    return {
        "medians": {"textbook": of_textbook, "zoo": of_zoo},
        "ratios": {name: of_textbook[name] / of_zoo[name] for name in times},
        "ratios_of_best": {name: smallest(runs["textbook"], name) / smallest(runs["zoo"], name) for name in times},
        "accuracy_difference": of_zoo["test accuracy"] - of_textbook["test accuracy"],
        "runs": runs,
    }


def format_table(results: dict[str, Any]) -> str:
    """Return the medians side by side, one value per line."""
    of_textbook, of_zoo = results["medians"]["textbook"], results["medians"]["zoo"]
    ratios, best = results["ratios"], results["ratios_of_best"]
    lines = [f"{'median':26}{'textbook':>12}{'zoo':>12}{'textbook/zoo':>16}{'best runs':>14}"]
    for name in of_zoo:
        textbook_value = _number(of_textbook[name]) if name in of_textbook else ""
        ratio = f"{ratios[name]:16.1f}{best[name]:14.1f}" if name in ratios else ""
        lines.append(f"{name:26}{textbook_value:>12}{_number(of_zoo[name]):>12}{ratio}")
    lines.append(f"test accuracy, zoo minus textbook: {results['accuracy_difference']:+.4f}")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:g}" if value == int(value) else f"{value:.4f}"


def positive(text: str) -> int:
    """Parse an integer of at least 1 for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def main() -> None:
    """Compare on a file, print the table, and write all results to a file if requested."""
    parser = argparse.ArgumentParser(description="The recipe yelp-perceptron compared with the textbook's method.")
    parser.add_argument("file", type=Path, help="a CSV file with the columns rating, review, split")
    parser.add_argument("--repeats", type=positive, default=3)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all results to this file")
    options = parser.parse_args()
    results = compare(options.file.resolve(), options.repeats)
    print(format_table(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
