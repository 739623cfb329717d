"""Figures over a split. Their measures, which need torch, are in `measures`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Measure, Metric, setting

if TYPE_CHECKING:
    from zoo_core.head import Head


@frozen
class Accuracy(Metric):
    """correct / all: the share of rows whose label is predicted.

    Source: Rao & McMahan, section 3.5."""

    name = "accuracy"
    needs = "labels"
    better = "higher"
    counts_hits = True

    def build(self, head: Head) -> Measure:
        from zoo_textbook.measures import Hits, accuracy

        return Hits(len(head.classes), accuracy)


@frozen
class F1(Metric):
    """2·TP / (2·TP + FP + FN): the harmonic mean of precision and recall; 0 where a class never occurs.

    For two classes that of the second; for more the mean over the classes ("macro").

    Source: Rao & McMahan, section 3.5 (evaluation metrics); van Rijsbergen 1979."""

    name = "f1"
    needs = "labels"
    better = "higher"
    average: Literal["auto", "macro"] = setting("auto", "auto takes the second class alone where there are two")

    def build(self, head: Head) -> Measure:
        from functools import partial

        from zoo_textbook.measures import Hits, f1

        classes = len(head.classes)
        return Hits(classes, partial(f1, macro=classes > 2 or self.average == "macro"))


@frozen
class LogLoss(Metric):
    """-(1/n) Σ log p(label): the mean of the negative logarithm of the label's probability.

    Probabilities are kept at least 1e-7 away from 0.

    Source: Rao & McMahan, section 3.3 (cross-entropy)."""

    name = "log-loss"
    needs = "probabilities"
    better = "lower"

    def build(self, head: Head) -> Measure:
        from zoo_textbook.measures import MeanLogLoss

        return MeanLogLoss()
