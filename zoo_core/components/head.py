"""The head: the one road from a model's scores to probabilities, labels and thresholds."""

from __future__ import annotations

from typing import Literal

import torch
from attrs import frozen
from torch import Tensor

Link = Literal["sigmoid", "softmax", "identity", "none"]


@frozen
class Head:
    """The classes seen in training, the model's outputs, and the link from scores to probabilities.

    `link` is "sigmoid" or "softmax" for logits, "identity" where scores are probabilities already, and
    "none" where scores say which class but not how likely (mse). For two classes `classes[1]` is positive, and
    `threshold` is the least probability of it that is called so.
    """

    classes: tuple[str, ...]
    outputs: int
    link: Link
    threshold: float = 0.5

    @property
    def has_threshold(self) -> bool:
        """Whether a threshold means anything: for two classes with probabilities."""
        return len(self.classes) == 2 and self.has_probabilities

    @property
    def has_probabilities(self) -> bool:
        """Whether scores can be turned into probabilities at all."""
        return self.link != "none"

    def probabilities(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → probabilities `(batch, classes)`; ValueError for a link "none"."""
        if self.link == "softmax":
            return torch.softmax(scores, dim=1)
        if self.link == "none":
            raise ValueError("these scores are no probabilities: the loss has no link")
        if self.link == "sigmoid":  # not 1 - p, which is 0 long before the probability is
            return torch.cat([torch.sigmoid(-scores), torch.sigmoid(scores)], dim=1)
        return torch.cat([1 - scores, scores], dim=1) if self.outputs == 1 else scores

    def class_scores(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → a score for each class `(batch, classes)`; a single output is ±.

        Where scores are probabilities already, those.
        """
        if self.link == "identity":
            return self.probabilities(scores)
        return torch.cat([-scores, scores], dim=1) if self.outputs == 1 else scores

    def predict(self, scores: Tensor) -> Tensor:
        """Class indices `(batch,)`: by the threshold where there is one, else of the largest."""
        if self.has_threshold:
            return (self.probabilities(scores)[:, 1] >= self.threshold).long()
        return self.class_scores(scores).argmax(dim=1)
