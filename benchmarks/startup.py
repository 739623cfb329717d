"""Startup time of the command, compared with an import of click: whole processes.

python -m benchmarks.startup
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 15
COMMANDS: dict[str, tuple[str, ...]] = {
    'python -c "import click"': ("-c", "import click"),
    "zoo --help": ("-m", "zoo_cli", "--help"),
    "zoo list": ("-m", "zoo_cli", "list"),
}


def seconds_of(arguments: Sequence[str], variables: Mapping[str, str]) -> float:
    """Return the wall time of one Python process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def installed_environment(byte_code: str) -> dict[str, str]:
    """Return the environment of a process that uses cached byte code, as an installed zoo does."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**env, "PYTHONPYCACHEPREFIX": byte_code}


def measure() -> dict[str, float]:
    """Return the median time of each command. They take turns, so that a busy machine affects all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as byte_code:
        variables = installed_environment(byte_code)
        for arguments in COMMANDS.values():
            seconds_of(arguments, variables)  # not measured: fills the caches of files and byte code
        for _ in range(REPEATS):
            for name, arguments in COMMANDS.items():
                seconds[name].append(seconds_of(arguments, variables))
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Print the medians and their ratios to the first."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    medians = measure()
    first = next(iter(medians.values()))
    print(f"{'':26}{'seconds':>9}{'ratio':>8}")
    for name, median in medians.items():
        print(f"{name:26}{median:9.3f}{median / first:8.2f}")


if __name__ == "__main__":
    main()
