"""Components with one planted fault each, by the id of the check that must find it."""

from __future__ import annotations

from typing import Any

import torch
from attrs import frozen
from torch import nn

DOC = "A component with a planted fault.\n\n    Source: the tests of the conformance kit."


def faulty(base: type, **members: Any) -> type:
    """A subclass of a correct component with these members replaced."""
    return frozen(type("Faulty", (base,), {"__doc__": DOC, "name": "faulty", "__module__": __name__, **members}))


def function(call: Any, **attributes: Any) -> nn.Module:
    """A module that computes `call(module, *inputs)`, with submodules and parameters as attributes."""
    module = type("Planted", (nn.Module,), {"forward": call})()
    for name, value in attributes.items():
        setattr(module, name, value)
    return module


def parameter(value: float = 0.5) -> nn.Parameter:
    """A scalar parameter."""
    return nn.Parameter(torch.tensor(value))
