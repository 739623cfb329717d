"""The head: from the scores of a model to probabilities, class scores and predicted labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import torch
from attrs import field, frozen
from torch import Tensor

from zoo_core.components.component import TargetType
from zoo_core.components.decisions.decision import Decision
from zoo_core.components.protocols import FittedCalibration
from zoo_core.components.targets.form import MIN_LOG_PROBABILITY, MIN_PROBABILITY, Link, TargetForm
from zoo_core.components.targets.forms import target_form
from zoo_core.errors import RecipeError

__all__ = ["Head", "Link"]


class OwnLink(Protocol):
    """A loss with the link "own", as a head uses it; see `Loss`."""

    def probabilities(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → probabilities `(batch, classes)`."""

    def predict(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → class indices `(batch,)`."""

    def has_own_prediction(self) -> bool:
        """Whether `predict` is a rule of its own."""


@frozen
class Head:
    """The classes of the training split, the outputs of the model, and the link from scores to probabilities.

    `link` is "sigmoid" or "softmax" for logits, "identity" for scores that are probabilities, "none" for scores
    without probabilities (mse), and "own" for a loss that gives them itself, which is `own_link`. Of two classes
    `classes[1]` is positive. `decision` is the rule that predicts a class from probabilities. `class_counts` has the
    rows of each class in the training split, or of targets that are probabilities their sums; it is empty if they are
    not known. `calibration` corrects probabilities; None leaves them as the loss gives them. `targets` says whether a
    row has exactly one of the classes, or any number of them, each with an output and a probability of its own.
    """

    classes: tuple[str, ...]
    outputs: int
    link: Link
    targets: TargetType = "single-label"
    decision: Decision = field()
    class_counts: tuple[float, ...] = ()
    own_link: OwnLink | None = None
    calibration: FittedCalibration | None = None

    @decision.default
    def _default_decision(self) -> Decision:
        return self.form.decision

    @classmethod
    def of_classes(
        cls, classes: Iterable[str], *, link: Link = "softmax", targets: TargetType = "single-label"
    ) -> Head:
        """The head of these classes with an output for each, to build a metric: `Head.of_classes(["no", "yes"])`."""
        names = tuple(classes)
        if isinstance(classes, str) or len(set(names)) < max(len(names), 2):
            raise RecipeError("classes must be a list of two or more different names", hint='as in ["no", "yes"]')
        return cls(names, len(names), link, targets=targets)

    @property
    def form(self) -> TargetForm:
        """The operations that depend on the type of the targets."""
        return target_form(self.targets)

    @property
    def is_binary(self) -> bool:
        """Whether there are two classes that exclude each other."""
        return len(self.classes) == 2 and self.targets == "single-label"

    def loss_arguments(
        self, class_weights: Tensor | None = None, positive_weights: Tensor | None = None
    ) -> dict[str, Tensor | TargetType | None]:
        """What a loss is offered: weights in training, the counts of the training split, and the type of targets."""
        counts = {"class_counts": torch.tensor(self.class_counts)} if self.class_counts else {}
        weights = {"class_weights": class_weights, "positive_weights": positive_weights}
        return {**weights, **counts, "targets": self.targets}

    @property
    def threshold(self) -> float:
        """The lowest probability of the second of two classes with which it is predicted."""
        return self.decision.threshold

    @property
    def has_threshold(self) -> bool:
        """Whether one number is a threshold: of the second of two classes, or of each label, unless a loss decides."""
        return not self.threshold_problem()

    def threshold_problem(self) -> str:
        """Why the threshold is not used, for a message; "" if it is."""
        return self.form.threshold_problem(len(self.classes)) or self.decision_problem()

    def decision_problem(self) -> str:
        """Why predictions do not follow from probabilities, for a message; "" if they do."""
        if not self.has_probabilities:
            return "a threshold needs a loss that gives probabilities"
        if self.own_link is not None and self.own_link.has_own_prediction():
            return "the loss of this run has a rule of its own for predictions, without a threshold"
        return ""

    @property
    def has_probabilities(self) -> bool:
        """Whether scores can be converted to probabilities."""
        return self.link != "none"

    def probabilities(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → calibrated probabilities `(batch, classes)`; ValueError for the link "none"."""
        if self.calibration is None:
            return self.uncalibrated_probabilities(scores)
        return self.calibration.probabilities(self.log_probabilities(scores)).to(scores.dtype)

    def log_probabilities(self, scores: Tensor) -> Tensor:
        """The logarithms of the uncalibrated probabilities `(batch, classes)` float64, at least -10,000.

        Of multi-label targets `(batch, classes, 2)`: of not having and of having each label.
        """
        if self.own_link is not None:
            logarithms = self.own_link.probabilities(scores.double()).clamp(min=MIN_PROBABILITY).log()
        else:
            logarithms = self.form.log_probabilities(self.link, scores.double())
        return logarithms.clamp(min=MIN_LOG_PROBABILITY)

    def uncalibrated_probabilities(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → probabilities `(batch, classes)` as the link gives them; see `probabilities`."""
        if self.own_link is not None:
            return self.own_link.probabilities(scores)
        return self.form.probabilities(self.link, scores)

    def class_scores(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → a score for each class `(batch, classes)`; a single output s becomes (-s, s).

        Scores that are probabilities, and those of a loss with its own link, are returned as probabilities.
        """
        if self.link in ("identity", "own"):
            return self.uncalibrated_probabilities(scores)
        return self.form.class_scores(scores)

    def predict(self, scores: Tensor) -> Tensor:
        """The predicted labels, by the decision rule, which by default is the class with the highest score.

        Class indices `(batch,)`; of multi-label targets bool `(batch, classes)`.
        """
        if self.has_threshold or not self.decision.is_default:
            return self.decision.choose(self.probabilities(scores))
        if self.own_link is not None:
            return self.own_link.predict(scores)
        return self.class_scores(scores).argmax(dim=1)
