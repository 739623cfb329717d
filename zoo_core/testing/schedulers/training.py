"""A training with a scheduler, as the training loop runs it, and the lengths and metrics that it is tried with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Scheduler
from zoo_core.messages import pluralize
from zoo_core.testing.checks import Subject
from zoo_core.testing.failures import while_using
from zoo_core.testing.input_sets import InputSet

INITIAL_RATE = 0.1
RATES = (INITIAL_RATE, 0.001)  # of the groups
OTHERS = {"momentum": 0.9, "weight_decay": 0.01}
METRIC_EPOCHS = 20

LENGTHS = InputSet(
    "lengths of a training, epochs and batches",
    1,
    {
        "1 epoch of 1 batch": lambda: (1, 1),
        "1 epoch of 2 batches": lambda: (1, 2),
        "2 epochs of 1 batch": lambda: (2, 1),
        "5 epochs of 4 batches": lambda: (5, 4),
        "1 epoch of 100 batches": lambda: (1, 100),
        "100 epochs of 1 batch": lambda: (100, 1),
    },
)
METRICS = InputSet(
    "validation metrics of 20 epochs",
    1,
    {
        "a constant metric": lambda: [1.0] * METRIC_EPOCHS,
        "a constant negative metric": lambda: [-1.0] * METRIC_EPOCHS,
        "a metric that improves": lambda: [1 - epoch / 10 for epoch in range(METRIC_EPOCHS)],
        "a metric that gets worse": lambda: [-1 + epoch / 10 for epoch in range(METRIC_EPOCHS)],
        "a metric that gets worse, with NaN between": lambda: [
            math.nan if epoch % 2 else epoch / 10 for epoch in range(METRIC_EPOCHS)
        ],
        "a metric of 0": lambda: [0.0] * METRIC_EPOCHS,
        "a metric that is NaN": lambda: [math.nan] * METRIC_EPOCHS,
        "a metric that is NaN first": lambda: [math.nan] + [1 - epoch / 10 for epoch in range(METRIC_EPOCHS - 1)],
        "an infinite metric": lambda: [math.inf] * METRIC_EPOCHS,
    },
)


class ScheduledTraining:
    """A training loop with a scheduler; by default the validation metric never improves."""

    def __init__(
        self, subject: Subject, *, epochs: int = 5, batches: int = 4, metrics: Sequence[float] = (), where: str = ""
    ) -> None:
        self.component, self.batches, self.completed = cast(Scheduler, subject.component), batches, 0
        self.metrics, self.where = metrics, where
        groups = [{"params": [nn.Parameter(torch.ones(1))], "lr": rate, **OTHERS} for rate in RATES]
        self.optimizer = torch.optim.SGD(groups, lr=INITIAL_RATE)
        with while_using(where):
            sizes = {"epochs": epochs, "steps_per_epoch": batches}
            self.scheduler: Any = call_build(self.component, optimizer=self.optimizer, **sizes)

    @property
    def rate(self) -> float:
        """The current learning rate of the first group."""
        return self.rates[0]

    @property
    def rates(self) -> list[float]:
        """The current learning rate of each group."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def run(self, batches: int) -> list[float]:
        """Train for some batches; return the learning rate of each."""
        return [rates[0] for rates in self.run_groups(batches)]

    def run_groups(self, batches: int) -> list[list[float]]:
        """Train for some batches; return the learning rates of each."""
        found = []
        for _ in range(batches):
            self.optimizer.step()
            found.append(self.rates)
            self.completed += 1
            with while_using(f"{self.where} after batch {self.completed}".strip()):
                self._step()
        return found

    def _step(self) -> None:
        if self.component.interval == "batch":
            self.scheduler.step()
        elif self.component.interval == "epoch" and self.completed % self.batches == 0:
            self.scheduler.step(self._metric()) if self.component.needs_metric else self.scheduler.step()

    def _metric(self) -> float:
        epoch = self.completed // self.batches
        return self.metrics[min(epoch, len(self.metrics)) - 1] if self.metrics else 1.0


def rates_of(subject: Subject, epochs: int, batches: int) -> list[float]:
    """The learning rate of each batch of a training, and the one after the last."""
    training = ScheduledTraining(subject, epochs=epochs, batches=batches, where=describe_length(epochs, batches))
    return [*training.run(epochs * batches), training.rate]


def describe_length(epochs: int, batches: int) -> str:
    """The length of a training, in words."""
    return f"for {pluralize(epochs, 'epoch')} of {batches} {'batch' if batches == 1 else 'batches'}"
