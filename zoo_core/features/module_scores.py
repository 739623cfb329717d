"""The scores of a model for a batch of features: the one place that calls a model."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.features.layouts import Features, Sequence


def module_scores(module: nn.Module, features: Features) -> Tensor:
    """The scores `(rows, outputs)` of each row; of a text in windows, the mean of the scores of its windows."""
    if not isinstance(features, Sequence) or features.windows is None:
        return cast(Tensor, module(features))
    scores = module(features.each_window()).float()  # (windows, outputs)
    return torch.segment_reduce(scores, "mean", offsets=features.windows, axis=0)
