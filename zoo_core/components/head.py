"""The head: from the scores of a model to probabilities, class scores and predicted labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

import torch
from attrs import frozen
from torch import Tensor
from torch.nn import functional

from zoo_core.components.decisions.decision import Decision
from zoo_core.components.protocols import FittedCalibration
from zoo_core.errors import RecipeError

__all__ = ["Head", "Link"]

Link = Literal["sigmoid", "softmax", "identity", "none", "own"]
MIN_PROBABILITY = 2.0**-64  # of a loss that gives probabilities itself, which may be 0
MIN_LOG_PROBABILITY = -10_000.0


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
    not known. `calibration` corrects probabilities; None leaves them as the loss gives them.
    """

    classes: tuple[str, ...]
    outputs: int
    link: Link
    decision: Decision = Decision()
    class_counts: tuple[float, ...] = ()
    own_link: OwnLink | None = None
    calibration: FittedCalibration | None = None

    @classmethod
    def of_classes(cls, classes: Iterable[str], *, link: Link = "softmax") -> Head:
        """The head of these classes with an output for each, to build a metric: `Head.of_classes(["no", "yes"])`."""
        names = tuple(classes)
        if isinstance(classes, str) or len(set(names)) < max(len(names), 2):
            raise RecipeError("classes must be a list of two or more different names", hint='as in ["no", "yes"]')
        return cls(names, len(names), link)

    def loss_arguments(self, class_weights: Tensor | None = None) -> dict[str, Tensor | None]:
        """What a loss is offered: weights of the classes in training, and the counts of the training split."""
        counts = {"class_counts": torch.tensor(self.class_counts)} if self.class_counts else {}
        return {"class_weights": class_weights, **counts}

    @property
    def threshold(self) -> float:
        """The lowest probability of the second of two classes with which it is predicted."""
        return self.decision.threshold

    @property
    def has_threshold(self) -> bool:
        """Whether the threshold is used: for two classes with probabilities, unless the loss has a rule of its own."""
        return not self.threshold_problem()

    def threshold_problem(self) -> str:
        """Why the threshold is not used, for a message; "" if it is."""
        if len(self.classes) != 2:
            return "a threshold needs two classes and a loss that gives probabilities"
        return self.decision_problem()

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
        """The logarithms of the uncalibrated probabilities `(batch, classes)` float64, at least -10,000."""
        scores = scores.double()
        if self.link == "softmax":
            logarithms = torch.log_softmax(scores, dim=1)
        elif self.link == "sigmoid":
            logarithms = functional.logsigmoid(torch.cat([-scores, scores], dim=1))
        else:
            logarithms = self.uncalibrated_probabilities(scores).double().clamp(min=MIN_PROBABILITY).log()
        return logarithms.clamp(min=MIN_LOG_PROBABILITY)

    def uncalibrated_probabilities(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → probabilities `(batch, classes)` as the link gives them; see `probabilities`."""
        if self.own_link is not None:
            return self.own_link.probabilities(scores)
        if self.link == "softmax":
            return torch.softmax(scores, dim=1)
        if self.link in ("none", "own"):
            raise ValueError("scores cannot be converted to probabilities: the loss has no link")
        if self.link == "sigmoid":  # not 1 - p, which loses small probabilities
            return torch.cat([torch.sigmoid(-scores), torch.sigmoid(scores)], dim=1)
        return torch.cat([1 - scores, scores], dim=1) if self.outputs == 1 else scores

    def class_scores(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → a score for each class `(batch, classes)`; a single output s becomes (-s, s).

        Scores that are probabilities, and those of a loss with its own link, are returned as probabilities.
        """
        if self.link in ("identity", "own"):
            return self.uncalibrated_probabilities(scores)
        return torch.cat([-scores, scores], dim=1) if self.outputs == 1 else scores

    def predict(self, scores: Tensor) -> Tensor:
        """Class indices `(batch,)`: by the decision rule, which by default is the class with the highest score."""
        if self.has_threshold or not self.decision.is_default:
            return self.decision.choose(self.probabilities(scores))
        if self.own_link is not None:
            return self.own_link.predict(scores)
        return self.class_scores(scores).argmax(dim=1)
