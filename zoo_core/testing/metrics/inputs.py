"""The inputs of metrics: predictions of 2 to 6 classes, certain ones, ties, absent classes, and a single row."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Metric
from zoo_core.components.decisions.decision import Decision
from zoo_core.components.head import Head
from zoo_core.components.protocols import MetricAccumulator
from zoo_core.seeds import make_generator
from zoo_core.testing.cases import Subject, skip
from zoo_core.testing.input_sets import InputSet


@frozen(eq=False)
class Predictions:
    """Probabilities `(rows, classes)` float64, as in an evaluation, and the classes `(rows,)` of the rows."""

    probabilities: Tensor
    targets: Tensor

    @property
    def rows(self) -> int:
        return len(self.targets)

    @property
    def classes(self) -> int:
        return self.probabilities.shape[1]

    def take(self, rows: Tensor | slice) -> Predictions:
        """Some of the rows."""
        return Predictions(self.probabilities[rows], self.targets[rows])

    def repeat(self, times: int) -> Predictions:
        """All rows several times."""
        return Predictions(self.probabilities.repeat(times, 1), self.targets.repeat(times))

    def among(self, classes: int) -> Predictions:
        """The same rows among more classes, which are absent."""
        absent = torch.zeros(self.rows, classes - self.classes, dtype=torch.float64)
        return Predictions(torch.cat([self.probabilities, absent], dim=1), self.targets)


def make_predictions(rows: int, classes: int, *, occurring: int = 0) -> Predictions:
    """Return random predictions that are right for about half of the rows; the last classes may be absent."""
    generator = make_generator(7, "metric", rows, classes)
    targets = torch.randint(0, occurring or classes, (rows,), generator=generator)
    scores = torch.rand(rows, classes, generator=generator, dtype=torch.float64) * 2
    scores[:, occurring or classes :] = -40
    scores[torch.arange(rows), targets] += 0.7
    return Predictions(scores.softmax(dim=1), targets)


def make_ranked(targets: Tensor, classes: int, *, is_correct: bool) -> Predictions:
    """Return predictions in which the class of each row is the most probable one, or the least probable one."""
    shares = 2.0 ** -torch.arange(classes, dtype=torch.float64)  # no ties
    ranks = (torch.arange(classes) - targets.unsqueeze(1) - int(not is_correct)) % classes  # 0 for the most probable
    return Predictions((shares / shares.sum())[ranks], targets)


def make_certain(classes: int, *, rows: int = 12, shift: int = 0) -> Predictions:
    """Return probabilities of exactly 0 and 1, for the class of the row or one `shift` classes from it."""
    targets = torch.arange(rows) % classes
    certain = torch.nn.functional.one_hot((targets + shift) % classes, classes).double()
    return Predictions(certain, targets)


def make_tied(predictions: Predictions) -> Predictions:
    """Round the probabilities of up to three classes to quarters, so that many rows have the same."""
    rounded = (predictions.probabilities * 4).round()
    return Predictions(rounded / rounded.sum(dim=1, keepdim=True), predictions.targets)


def _one_class(actual: int, classes: int) -> Callable[[], Predictions]:
    def make() -> Predictions:
        probabilities = torch.full((4, classes), 0.1 / (classes - 1), dtype=torch.float64)
        probabilities[:, 0] = 0.9
        return Predictions(probabilities, torch.full((4,), actual))

    return make


def _make_ties() -> Predictions:
    targets = torch.arange(12) % 3
    return Predictions(torch.full((12, 3), 1 / 3, dtype=torch.float64), targets)


METRIC_INPUTS = InputSet(
    "metric",
    1,
    {
        "60 rows of 3 classes": lambda: make_predictions(60, 3),
        "60 rows of 2 classes": lambda: make_predictions(60, 2),
        "512 rows of 6 classes": lambda: make_predictions(512, 6),
        "1 row of 2 classes": lambda: make_predictions(1, 2),
        "1 row of 6 classes": lambda: make_predictions(1, 6),
        "12 rows of 6 classes, of which 2 occur": lambda: make_predictions(12, 6, occurring=2),
        "4 rows of class 0 of 2, all predicted as class 0": _one_class(0, 2),
        "4 rows of class 1 of 2, all predicted as class 0": _one_class(1, 2),
        "4 rows of class 0 of 3, all predicted as class 0": _one_class(0, 3),
        "4 rows of class 1 of 3, all predicted as class 0": _one_class(1, 3),
        "12 rows of 2 classes with probabilities 0 and 1, all right": lambda: make_certain(2),
        "12 rows of 2 classes with probabilities 0 and 1, all wrong": lambda: make_certain(2, shift=1),
        "12 rows of 6 classes with probabilities 0 and 1, all right": lambda: make_certain(6),
        "12 rows of 6 classes with probabilities 0 and 1, all wrong": lambda: make_certain(6, shift=1),
        "12 rows of 3 classes, all equally probable": _make_ties,
    },
)


def make_head(classes: int, *, threshold: float = 0.5) -> Head:
    """Return a head of this many classes."""
    names = ("no", "yes") if classes == 2 else tuple(f"class {label}" for label in range(classes))
    return Head(names, classes, "softmax", decision=Decision.of_threshold(threshold))


def build_accumulator(subject: Subject, head: Head) -> MetricAccumulator:
    """Build an empty accumulator; skips the check if the metric does not support the type of targets."""
    if head.targets not in cast(Metric, subject.component).targets:
        skip(f"it does not support {head.targets} targets")
    return cast(MetricAccumulator, call_build(subject.component, head=head))


def add_rows(subject: Subject, accumulator: MetricAccumulator, predictions: Predictions, batch_rows: int = 0) -> None:
    """Add rows to an accumulator, in batches; 0 is one batch of all rows."""
    is_labels = cast(Metric, subject.component).response == "labels"
    predicted = predictions.probabilities.argmax(dim=1) if is_labels else predictions.probabilities.clone()
    targets, rows = predictions.targets.clone(), batch_rows or predictions.rows
    for some_predicted, some_targets in zip(predicted.split(rows), targets.split(rows), strict=True):
        accumulator.update(some_predicted, some_targets)


def compute(subject: Subject, predictions: Predictions, *, head: Head | None = None, batch_rows: int = 0) -> float:
    """Compute the metric of predictions."""
    accumulator = build_accumulator(subject, head or make_head(predictions.classes))
    add_rows(subject, accumulator, predictions, batch_rows)
    return accumulator.compute()
