"""Settings of the process that all components share: the default dtype, whether gradients are computed, and others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch


def process_settings() -> dict[str, object]:
    """The settings that all components share, by what they are."""
    return {
        "the default dtype of torch": torch.get_default_dtype(),
        "whether torch computes gradients": torch.is_grad_enabled(),
        "whether torch uses deterministic algorithms alone": torch.are_deterministic_algorithms_enabled(),
        "what NumPy does for errors of floating point": np.geterr(),
        "the working folder": Path.cwd(),
    }


@contextmanager
def usual_settings() -> Iterator[None]:
    """Set what all components share to what it is at the start of a process in the block, and restore it afterwards."""
    dtype, errors = torch.get_default_dtype(), np.geterr()
    torch.set_default_dtype(torch.float32)
    np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)
        np.seterr(**errors)
