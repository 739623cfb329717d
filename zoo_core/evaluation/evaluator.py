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
from zoo_core.components.metric_names import figure_name
from zoo_core.errors import NumericalError
from zoo_core.features.batches import Encoded
from zoo_core.features.layouts import Features

ROWS = 2048  # in one evaluation batch


@frozen
class Judge:
    """What a split is judged by: the loss and the metrics, over the head's classes."""

    head: Head
    loss: nn.Module
    metrics: tuple[Metric, ...]

    def figures(self, module: nn.Module, split: Encoded) -> dict[str, float]:
        """The loss and every metric over a split. `module` is left in evaluation mode.

        NumericalError for a figure that is NaN or infinite.
        """
        return self.of_scores(score(module, split.features), split.targets)

    @torch.inference_mode()
    def of_scores(self, scores: Tensor, targets: Tensor) -> dict[str, float]:
        """The same for scores `(rows, outputs)` already computed, and targets `(rows,)` or `(rows, classes)`."""
        found = {"loss": float(self.loss(scores, targets))}
        targets = likeliest(targets)
        found.update({figure_name(one): float(self.measured(one, scores, targets)) for one in self.metrics})
        for name, value in found.items():
            if not math.isfinite(value):
                raise NumericalError(f"{name} became {value}")
        return found

    def measured(self, metric: Metric, scores: Tensor, targets: Tensor) -> Any:
        """What a metric computes over scores and targets, as it comes."""
        measure = metric.build(self.head)
        labels = metric.needs == "labels"  # float64, since float32 has ties near 1 that the scores have not
        measure.update(self.head.labels(scores) if labels else self.head.probabilities(scores.double()), targets)
        return measure.compute()


def likeliest(targets: Tensor) -> Tensor:
    """Class indices `(rows,)` of targets of either form: what metrics are given. Of equals the first."""
    return targets.argmax(dim=1) if targets.ndim == 2 else targets


@torch.inference_mode()
def score(module: nn.Module, features: Features, *, rows: int = ROWS) -> Tensor:
    """Scores `(rows, outputs)` of every row, in order, batch by batch, in evaluation mode."""
    module.eval()
    starts = range(0, max(len(features), 1), rows)
    if features.layout != "sequence":
        return torch.cat([module(features.slice(at, min(at + rows, len(features)))) for at in starts])
    order = torch.argsort(features.lengths(), stable=True)  # padding is wasted least among equals
    found = torch.cat([module(features.take(order[at : at + rows])) for at in starts])
    return found[torch.argsort(order)]


def better(metrics: Sequence[Metric], monitor: str) -> Callable[[float], float]:
    """A figure → a number that is lower the better it is."""
    directions = {figure_name(metric): metric.better for metric in metrics}
    sign = -1.0 if directions.get(monitor) == "higher" else 1.0
    return lambda figure: sign * figure


def head_of(loss: Loss, classes: tuple[str, ...]) -> Head:
    """The head for a loss and the classes seen in training."""
    return Head(classes, loss.outputs(len(classes)), loss.link)
