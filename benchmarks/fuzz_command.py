"""The command line that the fuzzers of folders share: `--inputs`, `--seed`, and a report of how the inputs ended."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from benchmarks.fuzz_data_files import MAX_BYTES, MAX_SECONDS
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.memory import peak_memory

Fuzz = Callable[[int, Path, Zoo, int], tuple[Counter[str], float]]  # inputs, folder, zoo, seed → ends, seconds


def run_fuzzer(fuzz: Fuzz, ends: Collection[str], about: str | None, report: Callable[[str], None]) -> None:
    """Fuzz in a temporary folder, report, and exit with 1 for an end that is not in `ends`, or a limit exceeded."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts, slowest = fuzz(arguments.inputs, Path(folder), open_zoo(), arguments.seed)
    memory = peak_memory() or 0
    shown = ", ".join(f"{count} {end}" for end, count in counts.most_common())
    report(f"{shown}; slowest {slowest:.2f} s, {memory >> 20} MiB, {time.monotonic() - started:.0f} s")
    sys.exit(bool(set(counts) - set(ends)) or slowest > MAX_SECONDS or memory > MAX_BYTES)
