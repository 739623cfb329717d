"""Prediction of a million short texts from file to file: the zoo's recipes compared with fastText.

    python -m benchmarks.predict_million --data FILE [--text COL --label COL --split COL] [--rows N] [--fasttext BINARY]

All are trained on the same training rows of a CSV file, fastText on word pairs for five epochs; the training is not
timed. Each then predicts the same lines, the repeated and shuffled texts of the other splits, with a probability for
every class. Whole processes take turns, and medians are reported. Needs the extra `bench`. BINARY is the command of
fastText, which is measured too if given; its `predict-prob` writes to a file, as with a shell's `>`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers import RECIPES, command

Measured = tuple[bytes, float, float]


def train_recipe(name: str, options: argparse.Namespace, run: Path) -> None:
    """Train a shipped recipe."""
    columns = [f"--set=task.{key}={getattr(options, key)}" for key in ("text", "label", "split")]
    arguments = ["-m", "zoo_cli", "train", name, "--data", str(options.file), *columns, "--run", str(run)]
    command([sys.executable, *arguments])


def make_runners(options: argparse.Namespace, folder: Path) -> dict[str, Callable[[], Measured]]:
    """Train each contestant; return the processes that predict the lines.

    Everything runs in other processes, because the peak memory of a child includes that of its parent at its start.
    """
    program = [sys.executable, "-m", "benchmarks.programs.fasttext_lines"]
    columns = [options.text, options.label, options.split]
    printed, _, _ = command([*program, "prepare", str(options.file), str(folder), str(options.rows), *columns])
    classes, texts, out = printed.decode().strip(), str(folder / "texts.txt"), folder / "out"
    runners: dict[str, Callable[[], Measured]] = {}
    for name in RECIPES:
        train_recipe(name, options, folder / name)
        given = ["--data", texts, "--columns", "none", "--force"]
        predict = [sys.executable, "-m", "zoo_cli", "predict", str(folder / name), *given]
        runners[f"zoo, {name}"] = lambda predict=predict: command([*predict, "--output", str(out)])  # type: ignore[misc]
    runners["fastText, from Python"] = lambda: command([*program, "predict", str(folder), classes])
    if options.fasttext:
        native = [str(options.fasttext.resolve()), "predict-prob", str(folder / "model.bin"), texts, classes]
        runners["fastText, predict-prob"] = lambda: command(native, out)
    return runners


def main() -> None:
    """Train, run in turns, and print the medians and the times relative to the first recipe."""
    parser = argparse.ArgumentParser(description="Prediction of a million texts, compared with fastText.")
    parser.add_argument("--data", dest="file", type=Path, required=True)
    for name in ("text", "label", "split"):
        parser.add_argument(f"--{name}", default=name)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fasttext", type=Path, metavar="BINARY", help="the command of fastText")
    options = parser.parse_args()
    options.file = options.file.resolve()
    with tempfile.TemporaryDirectory() as folder:
        runners = make_runners(options, Path(folder))
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in runners}
        for _ in range(options.repeats):
            for name, run in runners.items():
                runs[name].append(run()[1:])
    first = statistics.median(seconds for seconds, _ in next(iter(runs.values())))
    print(f"{'':26}{'seconds':>10}{'peak MB':>10}{'relative time':>18}")
    for name, results in runs.items():
        seconds, memory = (statistics.median(column) for column in zip(*results, strict=True))
        print(f"{name:26}{seconds:10.2f}{memory:10.0f}{seconds / first:18.2f}")


if __name__ == "__main__":
    main()
