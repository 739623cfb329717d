"""The modules of an embedding, as the checks build and use them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Embedding
from zoo_core.components.protocols import StartReport
from zoo_core.errors import ZooError
from zoo_core.seeds import seeded
from zoo_core.testing.checks import Subject, skip
from zoo_core.testing.embeddings.inputs import training_split
from zoo_core.testing.failures import while_using
from zoo_core.testing.models.modules import feature_names


def build_embedding(subject: Subject, width: int, *, seed: int = 7, names: Sequence[str] | None = None) -> nn.Module:
    """Build the module of an embedding under a fixed seed; the tokens of its ids have names, unless others are given.

    An embedding that cannot be built for so many ids raises a RecipeError.
    """
    offered = {"num_features": width, "feature_names": feature_names(width) if names is None else names}
    with seeded(seed, "init"), while_using(f"with {width:,} ids"):
        return cast(nn.Module, call_build(subject.component, **offered))


def vectors(module: nn.Module, ids: Tensor, where: str = "") -> Tensor:
    """The vectors of ids, under a fixed seed: in training mode they may be random."""
    with seeded(7, "dropout"), while_using(where):
        return cast(Tensor, module(ids))


def vector_size(subject: Subject, width: int) -> int:
    """The dimensions that the embedding declares."""
    return cast(Embedding, subject.component).vector_size(width)


def has_start(subject: Subject) -> bool:
    """Whether an embedding takes anything from outside."""
    return type(subject.component).start is not Embedding.start  # type: ignore[attr-defined]


def start(subject: Subject, module: nn.Module, width: int) -> StartReport:
    """Call `start` of an embedding as a model does."""
    embedding = cast(Embedding, subject.component)
    with torch.no_grad(), seeded(7, "start"), while_using("in start()"):
        return embedding.start(module, train=training_split(width), feature_names=feature_names(width))


def start_or_skip(subject: Subject, module: nn.Module, width: int) -> StartReport:
    """Call `start`; skip the check if the embedding has none, or needs data that its defaults do not name."""
    if not has_start(subject):
        skip("it takes nothing from outside")
    try:
        return start(subject, module, width)
    except ZooError as error:
        skip(f"its defaults name no data: {error}")
