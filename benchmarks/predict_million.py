"""A million short texts labeled, from a file to a file: the zoo's recipes beside fastText.

    python -m benchmarks.predict_million --data FILE [--text COL --label COL --split COL] [--rows N] [--fasttext BINARY]

All are trained on the same training rows of a CSV file, fastText on word pairs for five epochs; none of that is timed.
Then each labels the same lines, which are the texts of the other splits, repeated and shuffled, with a probability for
every class. Whole processes take turns; medians. Needs the extra `bench`; BINARY is fastText's own command, if it is
to be measured as well: its `predict-prob` writes to a file as it would by a shell's `>`.
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
    """A recipe as it is shipped."""
    columns = [f"--set=task.{key}={getattr(options, key)}" for key in ("text", "label", "split")]
    told = ["-m", "zoo_cli", "train", name, "--data", str(options.file), *columns, "--run", str(run)]
    command([sys.executable, *told])


def runners(options: argparse.Namespace, folder: Path) -> dict[str, Callable[[], Measured]]:
    """Each of what is compared, trained, as a process that labels the lines.

    Everything is done in other processes: a child's peak memory counts what its parent had at its start.
    """
    program = [sys.executable, "-m", "benchmarks.programs.fasttext_lines"]
    columns = [options.text, options.label, options.split]
    printed, _, _ = command([*program, "prepare", str(options.file), str(folder), str(options.rows), *columns])
    classes, texts, out = printed.decode().strip(), str(folder / "texts.txt"), folder / "out"
    found: dict[str, Callable[[], Measured]] = {}
    for name in RECIPES:
        train_recipe(name, options, folder / name)
        asked = [sys.executable, "-m", "zoo_cli", "predict", str(folder / name), "--input", texts]
        found[f"zoo, {name}"] = lambda asked=asked: command([*asked, "--output", str(out)])  # type: ignore[misc]
    found["fastText, from Python"] = lambda: command([*program, "predict", str(folder), classes])
    if options.fasttext:
        native = [str(options.fasttext.resolve()), "predict-prob", str(folder / "model.bin"), texts, classes]
        found["fastText, predict-prob"] = lambda: command(native, out)
    return found


def main() -> None:
    """Train, let them take turns, print the medians and each one's time beside the first recipe's."""
    parser = argparse.ArgumentParser(description="A million texts labeled, beside fastText.")
    parser.add_argument("--data", dest="file", type=Path, required=True)
    for name in ("text", "label", "split"):
        parser.add_argument(f"--{name}", default=name)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fasttext", type=Path, metavar="BINARY", help="fastText's own command")
    options = parser.parse_args()
    options.file = options.file.resolve()
    with tempfile.TemporaryDirectory() as folder:
        compared = runners(options, Path(folder))
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in compared}
        for _ in range(options.repeats):
            for name, run in compared.items():
                runs[name].append(run()[1:])
    own = statistics.median(seconds for seconds, _ in next(iter(runs.values())))
    print(f"{'':26}{'seconds':>10}{'peak MB':>10}{'its time / ours':>18}")
    for name, found in runs.items():
        seconds, memory = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:26}{seconds:10.2f}{memory:10.0f}{seconds / own:18.2f}")


if __name__ == "__main__":
    main()
