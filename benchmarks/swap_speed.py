"""A swap of twelve trials compared with twelve trainings: 4 activations, 3 seeds of `yelp-mlp`.

python -m benchmarks.swap_speed reviews.csv --jobs 2
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ACTIVATIONS = ("relu", "prelu", "tanh", "sigmoid")
SEEDS = (1337, 1338, 1339)
RECIPE = "yelp-mlp"


def zoo(*arguments: str) -> float:
    """Return the wall time of one call of the command."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "zoo_cli", *arguments], check=True, cwd=ROOT, capture_output=True)
    return time.perf_counter() - started


def weights(*folders: str) -> bytes:
    """Return the stored weights of a run."""
    return Path(*folders, "model.safetensors").read_bytes()


def main() -> None:
    """Print the seconds of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    data = ("--data", str(options.data.resolve()), "--set", f"training.epochs={options.epochs}")
    with tempfile.TemporaryDirectory() as folder:
        zoo("train", RECIPE, *data, "--run", f"{folder}/unmeasured")  # fills the caches of files and byte code
        training_seconds = 0.0
        for name in ACTIVATIONS:
            for seed in SEEDS:
                changes = ("--set", f"model.activation={name}", "--seed", str(seed), "--run", f"{folder}/{name}-{seed}")
                training_seconds += zoo("train", RECIPE, *data, *changes)
        slot = f"model.activation={','.join(ACTIVATIONS)}"
        arguments = ("--seeds", str(len(SEEDS)), "--jobs", str(options.jobs), "--run", f"{folder}/swap")
        swap_seconds = zoo("swap", RECIPE, slot, *data, *arguments)
        is_equal = [
            weights(folder, f"{name}-{seed}") == weights(folder, "swap", "trials", f"{number:02d}-{name}-seed-{seed}")
            for number, name in enumerate(ACTIVATIONS, start=1)
            for seed in SEEDS
        ]
    trials = len(is_equal)
    print(f"{trials} trainings {training_seconds:.1f} s, one swap of {trials} trials {swap_seconds:.1f} s")
    print(f"{training_seconds / swap_seconds:.2f} times faster; {sum(is_equal)} of {trials} weights are byte-equal")


if __name__ == "__main__":
    main()
