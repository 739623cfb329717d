"""Several labels for a text: losses and metrics."""

from __future__ import annotations

from zoo_core import Loss, Metric, hookimpl
from zoo_tagging.losses import AsymmetricLoss
from zoo_tagging.metrics.label_metrics import HammingLoss, LabelRankingAveragePrecision, PrecisionAtK, RecallAtK


@hookimpl
def zoo_losses() -> list[type[Loss]]:
    return [AsymmetricLoss]


@hookimpl
def zoo_metrics() -> list[type[Metric]]:
    return [HammingLoss, PrecisionAtK, RecallAtK, LabelRankingAveragePrecision]
