"""Ctrl-C at many moments of several commands: one line, exit code 130, no traceback, nothing half-written.

Run it with `python benchmarks/interrupts.py [MOMENTS]`. It exits with 1 if a command fails that promise.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = (
    ("--version",),
    ("list",),
    ("recipe", "check", "yelp-mlp"),
    ("data", "sample", "--rows", "20000", "-o", "sample.csv"),
    ("train", "yelp-perceptron", "--run", "run"),
    ("predict", "trained", "good", "-o", "predicted.csv"),
    ("evaluate", "trained"),
    ("plot", "run", "trained", "-o", "plot.svg"),
    ("swap", "yelp-perceptron", "optimizer=adam,sgd", "--seeds", "2", "--jobs", "2"),
)
RESULTS = {"trained", "sample.csv", "predicted.csv", "plot.svg", "run", "swaps", "reviews.csv"}
TIMEOUT_SECONDS = 120
KNOWN_LINES = ("zoo: interrupted",)


def run(arguments: tuple[str, ...], folder: Path, delay: float | None) -> tuple[int, str, float]:
    """Run a command in a process group that gets SIGINT after a delay; its exit code, errors and seconds."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "zoo_cli", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if delay is not None:
        time.sleep(delay)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    return process.returncode, errors, time.perf_counter() - start


def faults(code: int, errors: str, normal: str, folder: Path) -> list[str]:
    """What is wrong with an interrupted command."""
    found = []
    lines = errors.splitlines()
    if code not in (0, 130):
        found.append(f"exit code {code}")
    if code == 130 and sum(line.startswith(KNOWN_LINES) for line in lines) != 1:
        found.append("not one line")
    known = set(normal.splitlines())
    strange = [line for line in lines if not line.startswith("zoo: ") and line not in known and "Traceback" in errors]
    if strange:
        found.append(f"foreign lines: {strange[:2]} … {strange[-1:]}")
    partial = [path.name for path in folder.iterdir() if path.name not in RESULTS and not path.name.startswith(".")]
    hidden = [path.name for path in folder.iterdir() if path.name.endswith(".partial")]
    if partial or hidden:
        found.append(f"left {[*partial, *hidden]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("moments", type=int, nargs="?", default=50)
    parser.add_argument("commands", nargs="*")
    options = parser.parse_args()
    moments, chosen = options.moments, set(options.commands)
    failures = 0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        assert run(("train", "yelp-perceptron", "--run", "trained"), home, None)[0] == 0
        for arguments in COMMANDS:
            if chosen and arguments[0] not in chosen:
                continue
            _remove_results(home)
            code, normal, seconds = run(arguments, home, None)
            assert code == 0, normal
            codes: dict[int, int] = {}
            early = 0
            start = 0.02  # the interpreter itself starts
            for moment in range(moments):
                _remove_results(home)
                delay = start + (seconds * 1.05 - start) * moment / moments
                code, errors, _ = run(arguments, home, delay)
                codes[code] = codes.get(code, 0) + 1
                if "Traceback" in errors and "zoo_cli" not in errors:
                    early += 1  # Python itself was starting: no program can handle that
                    continue
                for fault in faults(code, errors, normal, home):
                    failures += 1
                    print(f"{' '.join(arguments)} after {delay:.3f} s: {fault}\n{errors}")
            print(f"{' '.join(arguments)}: {seconds:.2f} s, {moments} moments, exit codes {codes}, {early} before zoo")
    return int(failures > 0)


def _remove_results(home: Path) -> None:
    for path in home.iterdir():
        if path.name != "trained":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    raise SystemExit(main())
