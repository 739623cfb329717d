"""Evaluation of a split: predict the scores once, then compute the loss and each metric from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.building.call import call_build, requires_argument
from zoo_core.components.component import TargetType
from zoo_core.components.contracts import Loss, Metric
from zoo_core.components.head import Head
from zoo_core.components.metric_names import metric_label
from zoo_core.components.targets.forms import target_form
from zoo_core.errors import NumericalError, Problem, RunFolderError
from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.evaluation.intervals.metrics import loss_interval, metric_interval
from zoo_core.features import layouts
from zoo_core.features.batches import EncodedSplit, spans_of_tokens
from zoo_core.features.layouts import Features
from zoo_core.features.module_scores import module_scores

BATCH_ROWS = 2048
SEQUENCE_ROWS, SEQUENCE_TOKENS = 512, 1 << 15  # of a batch of sequences, with their padding
WEIGHTS_HINT = "the weights of the model are too large: train it again with a smaller learning rate"


@frozen
class Evaluator:
    """The loss and the metrics that splits are evaluated with, over the classes of the head."""

    head: Head
    loss: nn.Module
    metrics: tuple[Metric, ...]

    def evaluate(self, module: nn.Module, split: EncodedSplit) -> dict[str, float]:
        """The loss and every metric over a split. `module` is left in evaluation mode.

        Raises NumericalError for a value that is NaN or infinite.
        """
        return self.from_scores(self.score(module, split), split.targets)

    def score(self, module: nn.Module, split: EncodedSplit) -> Tensor:
        """The scores `(rows, outputs)` of a split. `module` is left in evaluation mode."""
        return predict_scores(module, split.features)

    @torch.inference_mode()
    def from_scores(self, scores: Tensor, targets: Tensor) -> dict[str, float]:
        """The same for computed scores `(rows, outputs)` and targets `(rows,)` or `(rows, classes)`."""
        values = {"loss": float(self.loss(scores, targets))}
        targets = self.head.form.labels(targets)
        for metric in self.metrics:
            values[metric_label(metric)] = float(self.compute_metric(metric, scores, targets))
        for name, value in values.items():
            if not math.isfinite(value):
                raise NumericalError(f"{name} became {value}")
        return values

    def intervals(self, scores: Tensor, targets: Tensor, values: Mapping[str, float]) -> dict[str, Interval | None]:
        """The 95% confidence interval of each value of `from_scores`, due to the sample of rows; None if undefined."""
        found = {"loss": loss_interval(self.head, self.loss, scores, targets, values["loss"])}
        for metric in self.metrics:
            name = metric_label(metric)
            found[name] = metric_interval(metric, self.head, scores, self.head.form.labels(targets), values[name])
        return found

    def compute_metric(self, metric: Metric, scores: Tensor, targets: Tensor) -> Any:
        """The value of a metric over scores and targets, unconverted; see `compute_metric`."""
        return compute_metric(metric, self.head, scores, targets)


def compute_metric(metric: Metric, head: Head, scores: Tensor, targets: Tensor) -> Any:
    """The value of a metric over scores and targets, unconverted.

    Probabilities are float64, since float32 has ties near 1 that the scores do not have.
    """
    accumulator = call_build(metric, head=head)
    predicted = head.predict(scores) if metric.response == "labels" else head.probabilities(scores.double())
    accumulator.update(predicted, targets)
    return accumulator.compute()


@torch.inference_mode()
def predict_scores(module: nn.Module, features: Features, *, batch_rows: int = BATCH_ROWS) -> Tensor:
    """Scores `(rows, outputs)` of all rows in order, predicted in batches and in evaluation mode."""
    module.eval()
    if not isinstance(features, layouts.Sequence) or not len(features):
        starts = range(0, max(len(features), 1), batch_rows)
        spans = [(start, min(start + batch_rows, len(features))) for start in starts]
        return torch.cat([module_scores(module, features.slice(*span)) for span in spans])
    order = torch.argsort(features.longest(), stable=True)  # rows of similar length need the least padding
    features = features.take(order)
    spans = list(spans_of_tokens(features, max_rows=min(batch_rows, SEQUENCE_ROWS), max_tokens=SEQUENCE_TOKENS))
    scores = torch.cat([module_scores(module, features.slice(*span)) for span in spans])
    return scores[torch.argsort(order)]


def class_values(head: Head, scores: Tensor) -> Tensor:
    """The probabilities `(rows, classes)` of scores; of a loss without probabilities, the score of each class.

    Raises NumericalError, with the row, for a value that is NaN or infinite.
    """
    values = head.probabilities(scores) if head.has_probabilities else head.class_scores(scores)
    is_finite = torch.isfinite(values)
    if not is_finite.all():
        row = int((~is_finite).any(dim=1).nonzero()[0])
        value, what = float(values[row][~is_finite[row]][0]), "probability" if head.has_probabilities else "score"
        raise NumericalError(Problem(f"a {what} became {value}", hint=WEIGHTS_HINT, row=row))
    return values


def lower_is_better_key(metrics: Sequence[Metric], monitor: str) -> Callable[[float], float]:
    """A key function for values of the monitored metric or loss: the lower the key, the better the value."""
    higher_is_better = {metric_label(metric): metric.higher_is_better for metric in metrics}
    sign = -1.0 if higher_is_better.get(monitor) else 1.0
    return lambda value: sign * value


def build_evaluation_loss(loss: Loss, head: Head) -> nn.Module:
    """The loss of a trained model, without weights of the classes and with the counts of its training split.

    Raises RunFolderError if the loss needs the counts of a run that does not have them.
    """
    if not head.class_counts and requires_argument(loss, "class_counts"):
        message = f'loss "{loss.name}" needs the class counts of the training split, which this run did not store'
        raise RunFolderError(message, hint="train the run again")
    module: nn.Module = call_build(loss, **head.loss_arguments())
    return module


def head_for(
    loss: Loss, classes: tuple[str, ...], class_counts: tuple[float, ...] = (), *, targets: TargetType = "single-label"
) -> Head:
    """The head for a loss, the classes seen in training and the type of targets of the task."""
    outputs, link = target_form(targets).outputs_and_link(loss, len(classes))
    own_link = loss if loss.link == "own" else None
    return Head(classes, outputs, link, targets, class_counts=class_counts, own_link=own_link)
