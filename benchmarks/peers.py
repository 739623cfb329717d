"""The zoo's recipes compared with fastText, Vowpal Wabbit, scikit-learn and the textbook's method.

    python -m benchmarks.peers --data FILE [--text COL --label COL --split COL] [--repeats 3] [--json OUT]

Each run is a whole process on the same cores, from the file to the accuracy on its test split. The settings of a peer
are chosen on the validation split, as those of a recipe are; the search is not timed. Peers and recipes take turns, and
medians are reported. A peer that fails on a file is skipped with a note. The file needs a column of splits with train,
val and test. Needs the extra `bench`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Settings = Mapping[str, Any]


def grid(**values: Sequence[Any]) -> list[dict[str, Any]]:
    """Return every combination of these values."""
    return [dict(zip(values, combination, strict=True)) for combination in product(*values.values())]


PEERS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "fastText": ("fasttext_peer", grid(wordNgrams=(1, 2), epoch=(5, 10, 25), lr=(0.25, 0.5))),
    "fastText, autotune 30 s": ("fasttext_peer", [{"autotuneDuration": 30}]),
    "Vowpal Wabbit": ("vowpal_peer", grid(passes=(1, 3, 10), learning_rate=(0.5, 2.0))),
    "scikit-learn, TF-IDF": ("sklearn_peer", grid(method=("tfidf",), C=(1, 4, 10, 30), min_df=(1, 2))),
    "scikit-learn, hashing": ("sklearn_peer", grid(method=("hashing",), alpha=(1e-6, 1e-5, 1e-4))),
    "the textbook's method": ("textbook_peer", [{}]),
}
RECIPES = ("text-fast", "fasttext")


def process(arguments: Sequence[str]) -> tuple[Any, float, float]:
    """Return the JSON that a Python process prints, its wall seconds, and its peak memory in MB."""
    printed, seconds, memory = command([sys.executable, *arguments])
    return json.loads(printed), seconds, memory


def command(arguments: Sequence[str], out: Path | None = None) -> tuple[bytes, float, float]:
    """Return what a process prints, b"" if it goes to a file, its wall seconds, and its peak memory in MB."""
    with out.open("wb+") if out else tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        running = subprocess.Popen(arguments, cwd=ROOT, stdout=stdout, stderr=err)
        _, status, usage = os.wait4(running.pid, 0)
        seconds = time.perf_counter() - started
        running.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        err.seek(0)
        if running.returncode:
            raise RuntimeError(err.read().decode()[-2000:])
        return b"" if out else stdout.read(), seconds, usage.ru_maxrss / 1024


class Bench:
    """The processes that run on one file."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.columns = [f"--{name}={getattr(options, name)}" for name in ("text", "label", "split")]

    def peer(self, program: str, settings: Settings) -> dict[str, float]:
        """Run a peer with these settings."""
        arguments = ["-m", f"benchmarks.programs.{program}", str(self.options.data), *self.columns]
        accuracy, seconds, memory = process([*arguments, "--settings", json.dumps(settings)])
        return {"val": accuracy["val"], "test": accuracy["test"], "seconds": seconds, "MB": memory}

    def recipe(self, name: str) -> dict[str, float]:
        """Train a shipped recipe."""
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["-m", "zoo_cli", "train", name, "--data", str(self.options.data), "--json"]
            for column in ("text", "label", "split"):
                arguments += ["--set", f"task.{column}={getattr(self.options, column)}"]
            summary, seconds, memory = process([*arguments, "--run", f"{folder}/run"])
        metrics = summary["metrics"]
        return {
            "val": metrics["val"]["accuracy"],
            "test": metrics["test"]["accuracy"],
            "seconds": seconds,
            "MB": memory,
        }

    def best_settings(self, name: str) -> Settings:
        """Return the settings of a peer that are best on the validation split."""
        program, candidates = PEERS[name]
        scores = [self.peer(program, settings)["val"] for settings in candidates]
        return candidates[scores.index(max(scores))]

    def compare(self, peers: Sequence[str], recipes: Sequence[str], repeats: int) -> dict[str, Any]:
        """Return all results of all runs, their medians, and the settings of the peers."""
        settings: dict[str, Settings] = {}
        for name in peers:
            try:
                settings[name] = self.best_settings(name)
                print(f"{name}: {settings[name]}", file=sys.stderr)
            except RuntimeError as error:
                print(f"{name}: skipped: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
        runners: dict[str, Callable[[], dict[str, float]]] = {
            **{f"zoo, {name}": (lambda name=name: self.recipe(name)) for name in recipes},
            **{name: (lambda name=name: self.peer(PEERS[name][0], settings[name])) for name in settings},
        }
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in runners}
        for _ in range(repeats):
            for name, run in runners.items():
                runs[name].append(run())
        imports = [process(["-c", "import torch; print(0)"])[1] for _ in range(repeats)]
        medians = {
            name: {key: statistics.median(result[key] for result in results) for key in results[0]}
            for name, results in runs.items()
        }
        recipe_seconds = {recipe: medians[f"zoo, {recipe}"]["seconds"] for recipe in recipes}
        ratios = {
            recipe: {name: median["seconds"] / seconds for name, median in medians.items()}
            for recipe, seconds in recipe_seconds.items()
        }
        return {
            "medians": medians,
            "seconds relative to a recipe": ratios,
            "settings": settings,
            "import torch": statistics.median(imports),
            "runs": runs,
        }


def format_table(results: dict[str, Any]) -> str:
    """Return the medians, one line each, with the time relative to the first recipe."""
    medians = results["medians"]
    first = next(iter(medians.values()))["seconds"]
    lines = [f"{'':26}{'val':>9}{'test':>9}{'seconds':>10}{'peak MB':>10}{'relative time':>18}"]
    for name, median in medians.items():
        values = f"{median['val']:9.4f}{median['test']:9.4f}{median['seconds']:10.2f}{median['MB']:10.0f}"
        lines.append(f"{name:26}{values}{median['seconds'] / first:18.2f}")
    lines.append(f"import torch: {results['import torch']:.2f} s")
    return "\n".join(lines)


def main() -> None:
    """Compare on a file, print the table, and write all results to a file if requested."""
    parser = argparse.ArgumentParser(description="The zoo's recipes compared with other tools.")
    parser.add_argument("--data", type=Path, required=True)
    for name in ("text", "label", "split"):
        parser.add_argument(f"--{name}", default=name)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", default=";".join(PEERS), help="names, separated by semicolons")
    parser.add_argument("--recipes", default=",".join(RECIPES))
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all results to this file")
    options = parser.parse_args()
    options.data = options.data.resolve()
    peers = [name for name in options.peers.split(";") if name]
    results = Bench(options).compare(peers, [name for name in options.recipes.split(",") if name], options.repeats)
    print(format_table(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
