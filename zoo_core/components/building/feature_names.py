"""The names of the features of an encoder, made when they are first used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, overload

from zoo_core.components.protocols import Encoder


class FeatureNames(Sequence[str]):
    """A sequence of names that calls its function once, when a name or the length is first asked for.

    >>> FeatureNames(lambda: ["good", "bad"]).index("bad")
    1
    """

    def __init__(self, function: Callable[[], Sequence[str]]) -> None:
        self._function = function

    @cached_property
    def _names(self) -> Sequence[str]:
        return self._function()

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._names[index]

    def __len__(self) -> int:
        return len(self._names)


def model_arguments(encoder: Encoder, num_outputs: int) -> dict[str, Any]:
    """What a model is offered: the sizes of its input and output, and the names of the encoder's features."""
    names = FeatureNames(encoder.feature_names)
    return {"num_features": encoder.num_features, "num_outputs": num_outputs, "feature_names": names}
