"""Several labels for a text: the task, losses and metrics."""

from __future__ import annotations

from zoo_core import Loss, Metric, Task, hookimpl
from zoo_tagging.losses import AsymmetricLoss
from zoo_tagging.metrics.label_metrics import HammingLoss, LabelRankingAveragePrecision, PrecisionAtK, RecallAtK
from zoo_tagging.tasks import TextTagging


@hookimpl
def zoo_tasks() -> list[type[Task]]:
    return [TextTagging]


@hookimpl
def zoo_losses() -> list[type[Loss]]:
    return [AsymmetricLoss]


@hookimpl
def zoo_metrics() -> list[type[Metric]]:
    return [HammingLoss, PrecisionAtK, RecallAtK, LabelRankingAveragePrecision]
