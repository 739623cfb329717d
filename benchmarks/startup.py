"""How long the command takes to start, beside an import of click alone: whole processes, from the outside.

python -m benchmarks.startup
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 15
COMMANDS: dict[str, tuple[str, ...]] = {
    'python -c "import click"': ("-c", "import click"),
    "zoo --help": ("-m", "zoo_cli", "--help"),
    "zoo list": ("-m", "zoo_cli", "list"),
}


def seconds_of(arguments: Sequence[str]) -> float:
    """The wall time of one Python process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def measure() -> dict[str, float]:
    """The median of each command. They take turns, so that a busy moment of the machine meets them all."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for arguments in COMMANDS.values():
        seconds_of(arguments)  # once unmeasured: caches of files and byte code
    for _ in range(REPEATS):
        for name, arguments in COMMANDS.items():
            seconds[name].append(seconds_of(arguments))
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Print the medians and their ratios to the first."""
    medians = measure()
    first = next(iter(medians.values()))
    print(f"{'':26}{'seconds':>9}{'ratio':>8}")
    for name, median in medians.items():
        print(f"{name:26}{median:9.3f}{median / first:8.2f}")


if __name__ == "__main__":
    main()
