"""What one feature of a model adds to the score of each class."""

from __future__ import annotations

import torch
from torch import nn

from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.features.bag import Bag
from zoo_core.features.layout_names import Layout
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.messages import name_hint


@torch.no_grad()
def feature_scores(module: nn.Module, head: Head, names: list[str], layout: Layout, name: str) -> dict[str, float]:
    """What the feature `name` alone adds to the score of each class, by class: in a linear model, its weight.

    Raises RecipeError for an unknown feature, with a suggestion.
    """
    if not isinstance(name, str):
        raise RecipeError(f"a feature is named by a text, not by {type(name).__name__}")
    if name not in names:
        raise RecipeError(f'"{name}" is not in the vocabulary', hint=name_hint(name, names))
    module.eval()
    device = next(module.parameters()).device
    features: Bag | Dense | Sequence
    if layout == "dense":
        values = torch.zeros(2, len(names), device=device)
        values[0, names.index(name)] = 1
        features = Dense(values)
    else:
        ids = torch.tensor([names.index(name)], dtype=torch.int32, device=device)
        offsets = torch.tensor([0, 1, 1], device=device)
        width = len(names)
        features = Sequence(ids, offsets, width) if layout == "sequence" else Bag(ids, offsets, None, width)
    alone, nothing = head.class_scores(module(features))
    return dict(zip(head.classes, (alone - nothing).tolist(), strict=True))
