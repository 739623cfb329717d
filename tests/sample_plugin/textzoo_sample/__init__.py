"""A plugin for textzoo: its hook implementations."""

from __future__ import annotations

from zoo_core import Activation, Loss, Model, hookimpl

from textzoo_sample.activations import Softsign
from textzoo_sample.losses import SquaredHinge
from textzoo_sample.models import LowRank


@hookimpl
def zoo_activations() -> list[type[Activation]]:
    return [Softsign]


@hookimpl
def zoo_losses() -> list[type[Loss]]:
    return [SquaredHinge]


@hookimpl
def zoo_models() -> list[type[Model]]:
    return [LowRank]
