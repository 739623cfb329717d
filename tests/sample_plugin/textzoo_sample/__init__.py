"""One activation, one loss and one model for textzoo."""

from __future__ import annotations

from textzoo_sample.components import LowRank, Softsign, SquaredHinge
from zoo_core import Activation, Loss, Model, hookimpl


@hookimpl
def zoo_activations() -> list[type[Activation]]:
    return [Softsign]


@hookimpl
def zoo_losses() -> list[type[Loss]]:
    return [SquaredHinge]


@hookimpl
def zoo_models() -> list[type[Model]]:
    return [LowRank]
