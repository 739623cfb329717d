"""Metrics over a split: one pass for the scores, one call for each figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.contracts import Loss, Metric
from zoo_core.components.head import Head
from zoo_core.components.metric_names import metric_label
from zoo_core.errors import NumericalError
from zoo_core.features.batches import EncodedSplit
from zoo_core.features.layouts import Features

BATCH_ROWS = 2048  # in one evaluation batch


@frozen
class Evaluator:
    """What a split is judged by: the loss and the metrics, over the head's classes."""

    head: Head
    loss: nn.Module
    metrics: tuple[Metric, ...]

    def evaluate(self, module: nn.Module, split: EncodedSplit) -> dict[str, float]:
        """The loss and every metric over a split. `module` is left in evaluation mode.

        NumericalError for a figure that is NaN or infinite.
        """
        return self.from_scores(predict_scores(module, split.features), split.targets)

    @torch.inference_mode()
    def from_scores(self, scores: Tensor, targets: Tensor) -> dict[str, float]:
        """The same for scores `(rows, outputs)` already computed, and targets `(rows,)` or `(rows, classes)`."""
        found = {"loss": float(self.loss(scores, targets))}
        targets = hard_labels(targets)
        found.update({metric_label(one): float(self.compute_metric(one, scores, targets)) for one in self.metrics})
        for name, value in found.items():
            if not math.isfinite(value):
                raise NumericalError(f"{name} became {value}")
        return found

    def compute_metric(self, metric: Metric, scores: Tensor, targets: Tensor) -> Any:
        """What a metric computes over scores and targets, as it comes."""
        measure = metric.build(self.head)
        labels = metric.response == "labels"  # float64, since float32 has ties near 1 that the scores have not
        measure.update(self.head.predict(scores) if labels else self.head.probabilities(scores.double()), targets)
        return measure.compute()


def hard_labels(targets: Tensor) -> Tensor:
    """Class indices `(rows,)` of targets of either form: what metrics are given. Of equals the first."""
    return targets.argmax(dim=1) if targets.ndim == 2 else targets


@torch.inference_mode()
def predict_scores(module: nn.Module, features: Features, *, batch_rows: int = BATCH_ROWS) -> Tensor:
    """Scores `(rows, outputs)` of every row, in order, batch by batch, in evaluation mode."""
    module.eval()
    starts = range(0, max(len(features), 1), batch_rows)
    if features.layout != "sequence":
        return torch.cat([module(features.slice(at, min(at + batch_rows, len(features)))) for at in starts])
    order = torch.argsort(features.lengths(), stable=True)  # padding is wasted least among equals
    found = torch.cat([module(features.take(order[at : at + batch_rows])) for at in starts])
    return found[torch.argsort(order)]


def lower_is_better_key(metrics: Sequence[Metric], monitor: str) -> Callable[[float], float]:
    """A figure → a number that is lower the better it is."""
    directions = {metric_label(metric): metric.higher_is_better for metric in metrics}
    sign = -1.0 if directions.get(monitor) else 1.0
    return lambda figure: sign * figure


def head_for(loss: Loss, classes: tuple[str, ...]) -> Head:
    """The head for a loss and the classes seen in training."""
    return Head(classes, loss.outputs(len(classes)), loss.link)
