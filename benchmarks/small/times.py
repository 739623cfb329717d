"""Seconds of whole processes: a small file beside `import torch`, many texts without word spaces beside fastText."""

from __future__ import annotations

import csv
import json
import random
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import grid, process
from benchmarks.small import real, transforms
from benchmarks.small.files import write_rows, write_set
from benchmarks.small.sets import SmallSet

SMALL = SmallSet("sentences-5000", 5000, real.sentences)
WORDS = grid(wordNgrams=(1, 2), epoch=(5, 10, 25), lr=(0.5,))
CHARACTERS = grid(minn=(1,), maxn=(4,), epoch=(5, 10), lr=(0.5,))
REPEATS = 5


def write_unspaced(data: Path, path: Path) -> None:
    """Write all sentences with their own splits, the spaces cut out of half of them."""
    rng = random.Random(0)
    with (data / "yelp_sentences/sentences_with_splits.csv").open(newline="", encoding="utf-8") as stream:
        rows = [(row["text"], row["label"], row["split"]) for row in csv.DictReader(stream)]
    cut = ((transforms.unspaced(text, rng) if rng.random() < 0.5 else text, *rest) for text, *rest in rows)
    write_rows(path, cut)


def seconds_of_import() -> float:
    """Return the seconds of a process that imports torch."""
    return process(["-c", "import torch; print(0)"])[1]


def train(recipe: str, changes: Sequence[str], file: Path) -> tuple[float, float]:
    """Train a recipe in a process of its own and return its test accuracy and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["-m", "zoo_cli", "train", recipe, "--data", str(file), "--run", f"{folder}/run", "--json"]
        summary, seconds, _ = process(arguments + [part for change in changes for part in ("--set", change)])
    return summary["metrics"]["test"]["accuracy"], seconds


def fasttext(file: Path, settings: dict[str, Any]) -> tuple[dict[str, float], float]:
    """Train fastText in a process of its own and return its accuracies and seconds, file preparation included."""
    arguments = ["-m", "benchmarks.programs.fasttext_peer", str(file), "--settings", json.dumps(settings)]
    accuracies, seconds, _ = process(arguments)
    return accuracies, seconds


def measure_small(recipe: str, changes: Sequence[str], data: Path, work: Path) -> dict[str, float]:
    """Return the medians of alternating processes on a file of 5,000 rows."""
    file = write_set(SMALL, data, 0, work)
    pairs = [(train(recipe, changes, file)[1], seconds_of_import()) for _ in range(REPEATS)]
    recipe_seconds, import_seconds = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(
        f"5,000 rows: {recipe} {recipe_seconds:.2f} s, import torch {import_seconds:.2f} s, "
        f"ratio {recipe_seconds / import_seconds:.2f}"
    )
    return {"recipe": recipe_seconds, "import torch": import_seconds}


def measure_unspaced(recipe: str, changes: Sequence[str], data: Path, work: Path) -> dict[str, Any]:
    """Return the accuracy and seconds of the recipe and of fastText's best settings on texts without spaces."""
    file = work / "sentences-unspaced.csv"
    if not file.exists():
        write_unspaced(data, file)
    scores = [(fasttext(file, settings)[0]["val"], settings) for settings in (*WORDS, *CHARACTERS)]
    words = [score for score in scores if "minn" not in score[1]]
    results: dict[str, Any] = {}
    for name, candidates in (("fastText, words", words), ("fastText, words or characters", scores)):
        settings = max(candidates, key=lambda score: score[0])[1]
        runs = [fasttext(file, settings) for _ in range(3)]
        seconds = statistics.median(run[1] for run in runs)
        results[name] = {"test": runs[0][0]["test"], "seconds": seconds, "settings": settings}
    runs = [train(recipe, changes, file) for _ in range(3)]
    results[recipe] = {"test": runs[0][0], "seconds": statistics.median(run[1] for run in runs)}
    results["import torch"] = statistics.median(seconds_of_import() for _ in range(3))
    for name in list(results)[:3]:
        result = results[name]
        limit = result["seconds"] + results["import torch"]
        print(f"{file.stem}: {name:30} {result['test']:.4f} {result['seconds']:6.2f} s", end="")
        print(
            f", {recipe} takes {results[recipe]['seconds'] / limit:.2f} of it and import torch"
            if name != recipe
            else f", import torch {results['import torch']:.2f} s"
        )
    return results


def print_times(recipe: str, changes: Sequence[str], data: Path, work: Path) -> dict[str, Any]:
    """Measure and print both, and return the results."""
    return {
        "small": measure_small(recipe, changes, data, work),
        "unspaced": measure_unspaced(recipe, changes, data, work),
    }
