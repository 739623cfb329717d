"""The inputs of calibrators: log-probabilities of validation rows, with their classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from zoo_core.components.contracts import Calibrator
from zoo_core.seeds import make_generator
from zoo_core.testing.input_sets import InputSet

Rows = tuple[Tensor, Tensor]  # log-probabilities `(rows, classes)` float64 and class indices `(rows,)`
MIN_LOG_PROBABILITY = -10_000.0


def make_rows(rows: int, classes: int = 2, *, times: float = 1.0) -> Rows:
    """Classes drawn from probabilities, and the log-probabilities of `times` their logits: 2.0 is too extreme."""
    generator = make_generator(7, "calibration", rows, classes)
    logits = 1.5 * torch.randn(rows, classes, generator=generator, dtype=torch.float64)
    targets = torch.multinomial(logits.softmax(dim=1), 1, generator=generator)[:, 0]
    return (times * logits).log_softmax(dim=1), targets


def _all_right(rows: int, classes: int) -> Rows:
    log_probabilities, _ = make_rows(rows, classes)
    return log_probabilities, log_probabilities.argmax(dim=1)


def _all_wrong(rows: int, classes: int) -> Rows:
    log_probabilities, _ = make_rows(rows, classes)
    return log_probabilities, log_probabilities.argmin(dim=1)


def _one_class(rows: int, classes: int, target: int) -> Rows:
    log_probabilities, targets = make_rows(rows, classes)
    return log_probabilities, torch.full_like(targets, target)


def _equal(rows: int, classes: int) -> Rows:
    log_probabilities, targets = make_rows(rows, classes)
    return torch.zeros_like(log_probabilities).log_softmax(dim=1), targets


def _in_steps(rows: int, classes: int) -> Rows:
    log_probabilities, targets = make_rows(rows, classes)
    return log_probabilities.round().log_softmax(dim=1), targets


def _certain(rows: int, classes: int, lowest: float) -> Rows:
    """Probabilities of 0 and 1, one row in ten of which is wrong."""
    _, targets = make_rows(rows, classes)
    log_probabilities = torch.full((rows, classes), lowest, dtype=torch.float64)
    predicted = torch.where(torch.arange(rows) % 10 == 9, (targets + 1) % classes, targets)
    log_probabilities[torch.arange(rows), predicted] = 0.0
    return log_probabilities, targets


VALIDATION_ROWS = InputSet[Rows](
    "validation rows",
    1,
    {
        "400 rows of two classes": partial(make_rows, 400),
        "400 rows of two classes, too extreme": partial(make_rows, 400, times=3.0),
        "400 rows of two classes, not extreme enough": partial(make_rows, 400, times=0.3),
        "200 rows of six classes": partial(make_rows, 200, 6),
        "200 rows of six classes, too extreme": partial(make_rows, 200, 6, times=3.0),
        "one row of two classes": partial(make_rows, 1),
        "one row of six classes": partial(make_rows, 1, 6),
        "20 rows of two classes, all right": partial(_all_right, 20, 2),
        "20 rows of six classes, all right": partial(_all_right, 20, 6),
        "20 rows of two classes, all wrong": partial(_all_wrong, 20, 2),
        "20 rows of six classes, all wrong": partial(_all_wrong, 20, 6),
        "20 rows of the first of two classes": partial(_one_class, 20, 2, 0),
        "20 rows of the second of two classes": partial(_one_class, 20, 2, 1),
        "20 rows of one of six classes": partial(_one_class, 20, 6, 3),
        "40 rows of two classes, equal probabilities": partial(_equal, 40, 2),
        "40 rows of six classes, equal probabilities": partial(_equal, 40, 6),
        "200 rows of two classes, with many ties": partial(_in_steps, 200, 2),
        "200 rows of two classes, probabilities of 0 and 1": partial(_certain, 200, 2, MIN_LOG_PROBABILITY),
        "200 rows of six classes, probabilities of 0 and 1": partial(_certain, 200, 6, -44.4),
    },
)


def rows_for(calibrator: Calibrator) -> Iterator[tuple[str, Rows]]:
    """The inputs that a calibrator takes: of two classes only, if it declares that."""
    for description, (log_probabilities, targets) in VALIDATION_ROWS:
        if calibrator.labels == "any" or log_probabilities.shape[1] == 2:
            yield description, (log_probabilities, targets)


def other_rows(classes: int) -> Tensor:
    """Log-probabilities of rows that nothing was fitted on: ordinary ones, equal ones, and some of 0 and 1."""
    ordinary, _ = make_rows(50, classes)
    equal, _ = _equal(2, classes)
    certain, _ = _certain(6, classes, MIN_LOG_PROBABILITY)
    return torch.cat([ordinary, equal, certain])
