"""The zoo's recipes beside fastText, Vowpal Wabbit, scikit-learn and the textbook's method: one file, the same cores.

    python -m benchmarks.peers --data FILE [--text COL --label COL --split COL] [--repeats 3] [--json OUT]

Each is a whole process, from the file on disk to the accuracy on its test split. A peer's settings are chosen on the
validation split, as a recipe's are; the search is not timed, the run with what it chose is. Peers and recipes take
turns; medians. A peer that cannot be run on a file is left out, and told. The text needs a split column with train, val
and test. Needs the extra `bench`.
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
    """Every combination."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


PEERS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "fastText": ("fasttext_peer", grid(wordNgrams=(1, 2), epoch=(5, 10, 25), lr=(0.25, 0.5))),
    "fastText, autotune 30 s": ("fasttext_peer", [{"autotuneDuration": 30}]),
    "Vowpal Wabbit": ("vowpal_peer", grid(passes=(1, 3, 10), learning_rate=(0.5, 2.0))),
    "scikit-learn, TF-IDF": ("sklearn_peer", grid(way=("tfidf",), C=(1, 4, 10, 30), min_df=(1, 2))),
    "scikit-learn, hashing": ("sklearn_peer", grid(way=("hashing",), alpha=(1e-6, 1e-5, 1e-4))),
    "the textbook's method": ("textbook_peer", [{}]),
}
RECIPES = ("sentiment-fast", "fasttext")


def process(arguments: Sequence[str]) -> tuple[Any, float, float]:
    """The JSON a Python process prints, its wall seconds, and its peak memory in MB."""
    printed, seconds, memory = command([sys.executable, *arguments])
    return json.loads(printed), seconds, memory


def command(arguments: Sequence[str], out: Path | None = None) -> tuple[bytes, float, float]:
    """What a process prints, b"" if it goes to a file, its wall seconds, and its peak memory in MB."""
    with out.open("wb+") if out else tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        running = subprocess.Popen(arguments, cwd=ROOT, stdout=stdout, stderr=err)
        _, status, usage = os.wait4(running.pid, 0)
        seconds = time.perf_counter() - began
        running.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        err.seek(0)
        if running.returncode:
            raise RuntimeError(err.read().decode()[-2000:])
        return b"" if out else stdout.read(), seconds, usage.ru_maxrss / 1024


class Bench:
    """One file, and the processes that are run on it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.columns = [f"--{name}={getattr(options, name)}" for name in ("text", "label", "split")]

    def peer(self, program: str, settings: Settings) -> dict[str, float]:
        """A peer with these settings."""
        arguments = ["-m", f"benchmarks.programs.{program}", str(self.options.data), *self.columns]
        found, seconds, memory = process([*arguments, "--settings", json.dumps(settings)])
        return {"val": found["val"], "test": found["test"], "seconds": seconds, "MB": memory}

    def recipe(self, name: str) -> dict[str, float]:
        """A recipe as it is shipped."""
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["-m", "zoo_cli", "train", name, "--data", str(self.options.data), "--json"]
            for column in ("text", "label", "split"):
                arguments += ["--set", f"task.{column}={getattr(self.options, column)}"]
            found, seconds, memory = process([*arguments, "--run", f"{folder}/run"])
        figures = found["metrics"]
        return {
            "val": figures["val"]["accuracy"],
            "test": figures["test"]["accuracy"],
            "seconds": seconds,
            "MB": memory,
        }

    def chosen(self, name: str) -> Settings:
        """The settings of a peer that are best on the validation split."""
        program, tried = PEERS[name]
        scores = [self.peer(program, settings)["val"] for settings in tried]
        return tried[scores.index(max(scores))]

    def compare(self, peers: Sequence[str], recipes: Sequence[str], repeats: int) -> dict[str, Any]:
        """Every figure of every run, the medians, and what was chosen."""
        chosen: dict[str, Settings] = {}
        for name in peers:
            try:
                chosen[name] = self.chosen(name)
                print(f"{name}: {chosen[name]}", file=sys.stderr)
            except RuntimeError as error:
                print(f"{name}: left out: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
        runners: dict[str, Callable[[], dict[str, float]]] = {
            **{f"zoo, {name}": (lambda name=name: self.recipe(name)) for name in recipes},
            **{name: (lambda name=name: self.peer(PEERS[name][0], chosen[name])) for name in chosen},
        }
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in runners}
        for _ in range(repeats):
            for name, run in runners.items():
                runs[name].append(run())
        imports = [process(["-c", "import torch; print(0)"])[1] for _ in range(repeats)]
        medians = {
            name: {key: statistics.median(one[key] for one in found) for key in found[0]}
            for name, found in runs.items()
        }
        own = {recipe: medians[f"zoo, {recipe}"]["seconds"] for recipe in recipes}
        ratios = {
            recipe: {name: one["seconds"] / seconds for name, one in medians.items()} for recipe, seconds in own.items()
        }
        return {
            "medians": medians,
            "seconds of each for one of the zoo's": ratios,
            "chosen": chosen,
            "import torch": statistics.median(imports),
            "runs": runs,
        }


def table(found: dict[str, Any]) -> str:
    """The medians, one line each, and the first recipe's time beside each."""
    medians = found["medians"]
    own = next(iter(medians.values()))["seconds"]
    lines = [f"{'':26}{'val':>9}{'test':>9}{'seconds':>10}{'peak MB':>10}{'its time / ours':>18}"]
    for name, one in medians.items():
        figures = f"{one['val']:9.4f}{one['test']:9.4f}{one['seconds']:10.2f}{one['MB']:10.0f}"
        lines.append(f"{name:26}{figures}{one['seconds'] / own:18.2f}")
    lines.append(f"import torch: {found['import torch']:.2f} s")
    return "\n".join(lines)


def main() -> None:
    """Compare on a file, print the table, and write all figures where asked."""
    parser = argparse.ArgumentParser(description="The zoo's recipes beside its peers.")
    parser.add_argument("--data", type=Path, required=True)
    for name in ("text", "label", "split"):
        parser.add_argument(f"--{name}", default=name)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", default=";".join(PEERS), help="names, separated by semicolons")
    parser.add_argument("--recipes", default=",".join(RECIPES))
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every figure to this file")
    options = parser.parse_args()
    options.data = options.data.resolve()
    peers = [name for name in options.peers.split(";") if name]
    found = Bench(options).compare(peers, [name for name in options.recipes.split(",") if name], options.repeats)
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
