"""A plugin of components whose contracts are wider than those of the built-in ones."""

from __future__ import annotations

from tests.contracts.wide_plugin import losses, models, optimizers
from zoo_core import hookimpl

LOSSES = [losses.CORN, losses.CORAL, losses.OneVsRest, losses.OneVsRestByScore, losses.LogitAdjusted, losses.LDAM]


@hookimpl
def zoo_losses() -> list[type]:
    return LOSSES


@hookimpl
def zoo_models() -> list[type]:
    return [models.Tempered, models.WordVectors]


@hookimpl
def zoo_optimizers() -> list[type]:
    return [optimizers.AdamWithoutBiasDecay, optimizers.LayerRates, optimizers.QuasiNewton, optimizers.SharpnessAware]
