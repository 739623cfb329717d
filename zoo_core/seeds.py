"""Independent streams of randomness, each named by what it is for, so that a swap of one part moves no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def derive_seed(seed: int, *purpose: str | int) -> int:
    """A seed below 2**63 for one purpose: "split", ("init", "model"), ("shuffle", epoch), ("dropout", epoch) …

    >>> stream(1, "split") == stream(1, "split"), stream(1, "split") == stream(1, "shuffle", 0)
    (True, False)
    """
    text = "/".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") >> 1


def make_generator(seed: int, *purpose: str | int) -> torch.Generator:
    """A generator on the CPU for one purpose."""
    import torch

    return torch.Generator().manual_seed(derive_seed(seed, *purpose))


@contextmanager
def seeded(seed: int, *purpose: str | int) -> Iterator[None]:
    """Torch's global generators seeded for one purpose inside the block, and as they were after it."""
    import torch

    with preserve_rng_state():
        torch.manual_seed(derive_seed(seed, *purpose))
        yield


@contextmanager
def preserve_rng_state() -> Iterator[None]:
    """Torch's global generators after the block as they were before it."""
    import torch

    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        yield
