"""Independent random streams, named by purpose, so that swapping one component changes no stream of another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from zoo_core.forks import after_fork

if TYPE_CHECKING:
    import torch

__all__ = ["derive_seed"]
_generators = threading.RLock()  # held while a thread uses torch's global generators


def derive_seed(seed: int, *purpose: str | int) -> int:
    """A seed below 2**63 for one purpose: "split", ("init", "model"), ("shuffle", epoch), ("dropout", epoch) …

    >>> derive_seed(1, "split") == derive_seed(1, "split"), derive_seed(1, "split") == derive_seed(1, "shuffle", 0)
    (True, False)
    """
    text = "/".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") >> 1


def make_generator(seed: int, *purpose: str | int) -> torch.Generator:
    """A torch generator on the CPU for one purpose."""
    import torch

    return torch.Generator().manual_seed(derive_seed(seed, *purpose))


@contextmanager
def seeded(seed: int, *purpose: str | int) -> Iterator[None]:
    """Seed the global generators of torch for one purpose inside the block, and restore them afterwards."""
    with preserve_rng_state():
        seed_torch(derive_seed(seed, *purpose))
        yield


def seed_torch(seed: int) -> None:
    """Seed the global generators of torch.

    On a machine with a CPU only, torch.manual_seed imports the compiler, and notes a stack trace for each kind of
    device, which take longer than a small training step.
    """
    import torch

    seed_all = torch.manual_seed if torch.accelerator.is_available() else torch.default_generator.manual_seed
    seed_all(seed)


@contextmanager
def preserve_rng_state() -> Iterator[None]:
    """Restore the global generators of torch after the block; no other thread seeds them meanwhile."""
    import torch

    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with _generators, torch.random.fork_rng(devices):
        yield


def _reset() -> None:
    global _generators
    _generators = threading.RLock()


after_fork(_reset)
