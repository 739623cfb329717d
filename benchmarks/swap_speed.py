"""A swap of twelve cells beside twelve trainings: 4 activations, 3 seeds of `yelp-mlp`, whole processes.

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
    """The wall time of one call of the command."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "zoo_cli", *arguments], check=True, cwd=ROOT, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Print the seconds of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    data = ("--data", str(given.data.resolve()), "--set", f"training.epochs={given.epochs}")
    with tempfile.TemporaryDirectory() as place:
        zoo("train", RECIPE, *data, "--run", f"{place}/unmeasured")  # caches of files and byte code
        apart = 0.0
        for name in ACTIVATIONS:
            for seed in SEEDS:
                own = ("--set", f"model.activation={name}", "--seed", str(seed), "--run", f"{place}/{name}-{seed}")
                apart += zoo("train", RECIPE, *data, *own)
        slot = f"model.activation={','.join(ACTIVATIONS)}"
        how = ("--seeds", str(len(SEEDS)), "--jobs", str(given.jobs), "--out", f"{place}/swap")
        together = zoo("swap", RECIPE, slot, *data, *how)
        same = [
            (Path(place) / f"{name}-{seed}" / "model.safetensors").read_bytes()
            == (Path(place) / "swap" / "trials" / f"{at:02d}-{name}-seed-{seed}" / "model.safetensors").read_bytes()
            for at, name in enumerate(ACTIVATIONS, start=1)
            for seed in SEEDS
        ]
    print(f"{len(same)} trainings {apart:.1f} s, one swap of {len(same)} cells {together:.1f} s (--jobs {given.jobs})")
    print(f"{apart / together:.2f} times faster; {sum(same)} of {len(same)} weights are the same bytes")


if __name__ == "__main__":
    main()
