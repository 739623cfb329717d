"""Page faults and CPU time of a training step with padded sequences, by how malloc treats freed memory.

python benchmarks/padded_steps.py [ROWS [TOKENS]]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from contextlib import nullcontext

STEPS = 10


def measure(mode: str, rows: int, tokens: int) -> None:
    """Print the page faults and milliseconds of a step, and the peak memory of the process."""
    import torch

    from zoo_core.memory import keep_freed_memory, peak_memory, tune_malloc

    torch.set_num_threads(1)
    if mode != "default":
        tune_malloc()
    embedding, convolution = torch.nn.Embedding(20_000, 64), torch.nn.Conv1d(64, 100, 3)
    ids = torch.randint(0, 20_000, (rows, tokens), generator=torch.Generator().manual_seed(1))

    def step() -> None:
        torch.relu(convolution(embedding(ids).transpose(1, 2))).amax(2).sum().backward()
        embedding.weight.grad = convolution.weight.grad = None

    with keep_freed_memory() if mode == "kept" else nullcontext():
        step()
        faults, start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.process_time()
        for _ in range(STEPS):
            step()
        seconds = (time.process_time() - start) / STEPS
        faults = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults) // STEPS
    print(f"{mode:10} {faults:8,} faults  {seconds * 1e3:6.0f} ms of CPU  {(peak_memory() or 0) / 1e6:5.0f} MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--mode"]:
        measure(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        size = [*sys.argv[1:3], *["128", "200"][len(sys.argv) - 1 :]]
        for mode in ("default", "returned", "kept"):
            subprocess.run([sys.executable, __file__, "--mode", mode, *size], check=True)
