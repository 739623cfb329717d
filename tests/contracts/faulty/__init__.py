"""Components each with one planted fault, by the check that must find it."""

from __future__ import annotations

from typing import Any

import torch
from attrs import frozen
from torch import nn

DOC = "A part with a planted fault.\n\n    Source: the tests of the kit."


def faulty(base: type, **members: Any) -> type:
    """A subclass of a sound component with these members in place of its own."""
    return frozen(type("Faulty", (base,), {"__doc__": DOC, "name": "faulty", "__module__": __name__, **members}))


def function(call: Any, **parts: Any) -> nn.Module:
    """A module of `call(module, *inputs)`, with parts and parameters as attributes."""
    module = type("Planted", (nn.Module,), {"forward": call})()
    for name, part in parts.items():
        setattr(module, name, part)
    return module


def parameter(value: float = 0.5) -> nn.Parameter:
    """A learned number."""
    return nn.Parameter(torch.tensor(value))
