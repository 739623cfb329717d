"""Faulty calibrators."""

from __future__ import annotations

import math

import torch
from attrs import frozen

from tests.contracts.faulty import faulty
from zoo_calibration.binary import Platt
from zoo_calibration.calibrators import NoCalibration, Temperature


@frozen
class Powers:
    """The class probabilities to these powers, with these factors, made to sum to 1."""

    powers: tuple = (1.0,)
    factors: tuple = (1.0,)
    write: object = list

    def probabilities(self, log_probabilities):
        width = log_probabilities.shape[1]
        powers, factors = ((values * width)[:width] for values in (self.powers, self.factors))
        scaled = log_probabilities * log_probabilities.new_tensor(powers)
        return torch.softmax(scaled + log_probabilities.new_tensor(factors).log(), dim=1)

    def state(self):
        return {"powers": self.write(self.powers)}


@frozen
class Given:
    """Probabilities by a function."""

    function: object

    def probabilities(self, log_probabilities):
        return self.function(log_probabilities)

    def state(self):
        return {"number": 1.0}


def fitting(fit, base=Temperature, **members):
    return faulty(base, fit=lambda self, rows, targets: fit(rows, targets), **members)


def giving(function):
    return fitting(lambda rows, targets: Given(function))


def least(rows, targets):
    """The power of the least log-loss, without a bound: far from 1 for rows that are all right."""
    powers = torch.logspace(-3, 3, 61, dtype=torch.float64)
    losses = [-(rows * power).log_softmax(dim=1).gather(1, targets[:, None]).mean() for power in powers]
    return Powers((float(powers[int(torch.stack(losses).argmin())]),))


def by_share(rows, targets):
    """Each class by its share among the rows."""
    counts = targets.bincount(minlength=rows.shape[1]).double() + 1
    return Powers((1.0,), tuple((counts / counts.sum()).tolist()))


def by_first_row(rows, targets):
    return Powers((1.0 if rows[0, 0] > rows[0, 1] else 1.5,))


def writes_rows(rows, targets):
    rows += 0.1
    return Powers()


SOUND = [
    faulty(NoCalibration),
    faulty(Temperature, labels="binary"),
]
FAULTS = [
    ("gives-probabilities", "logits", giving(lambda rows: rows)),
    ("gives-probabilities", "float32", giving(lambda rows: rows.exp().float())),
    ("gives-probabilities", "only the second class", giving(lambda rows: rows[:, 1:].exp())),
    ("gives-probabilities", "each class by itself", giving(lambda rows: torch.sigmoid(rows))),
    ("gives-probabilities", "NaN at a probability of 0", giving(lambda rows: rows.exp() * rows.exp().log() / rows)),
    ("few-rows-do-not-make-certain", "the best power without a bound", fitting(least)),
    ("few-rows-do-not-make-certain", "rounded", giving(lambda rows: (one := rows.exp().round()) / one.sum(1, True))),
    ("keeps-the-order", "the reverse", giving(lambda rows: (1 - rows.exp()) / (rows.shape[1] - 1))),
    ("keeps-the-order", "by the share of each class", fitting(by_share)),
    ("keeps-the-order", "each class with a power", fitting(lambda rows, targets: Powers((0.2, 1.0, 2.0)))),
    ("keeps-labels-as-declared", "keeps the order alone", faulty(Platt, keeps_labels=True)),
    (
        "rows-are-independent",
        "divided by the largest of a batch",
        giving(lambda rows: torch.softmax(rows / rows.abs().max().clamp(min=1), dim=1) if len(rows) else rows),
    ),
    ("lowers-the-log-loss", "never changes anything", giving(lambda rows: rows.exp())),
    ("calibrates-as-declared", "calibrates without declaring it", faulty(Temperature, calibrates=False)),
    ("row-order-does-not-matter", "by the first row", fitting(by_first_row)),
    ("does-not-modify-input", "writes into its rows", fitting(writes_rows)),
    (
        "state-restores",
        "a tensor as a state",
        fitting(lambda rows, targets: Powers(write=torch.tensor)),
    ),
    ("state-restores", "forgets what it learned", faulty(Temperature, restore=lambda self, state: Powers())),
    (
        "invalid-state-is-rejected",
        "restores any number",
        faulty(Temperature, restore=lambda self, state: Powers((1 / float(state.get("temperature") or 1),))),
    ),
    (
        "invalid-state-is-rejected",
        "KeyError",
        faulty(Temperature, restore=lambda self, state: Powers((math.sqrt(state["temperature"]),))),
    ),
]
