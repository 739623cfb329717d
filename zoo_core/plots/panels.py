"""The panels of the page of a run: their names, and the values that they draw. Light: neither torch nor matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zoo_core.errors import ZooError

PANELS = ("curves", "confusion", "classes", "reliability", "roc", "pr", "words")
SPLIT_PANELS = ("confusion", "classes", "reliability", "roc", "pr")  # panels that need a scored split


def default_panels(*, is_exclusive: bool) -> tuple[str, ...]:
    """The panels of a page: the confusion matrix of exclusive classes, or precision, recall and F1 of other labels."""
    return tuple(panel for panel in PANELS if panel != ("classes" if is_exclusive else "confusion"))


@frozen
class History:
    """`metrics["val_loss"][i]` is the validation loss of `epochs[i]`; the weights are those of `best_epoch`."""

    epochs: tuple[int, ...]
    metrics: dict[str, tuple[float, ...]]
    best_epoch: int
    monitor: str


@frozen
class RunReport:
    """`panels["roc"]` and so on, in the order of PANELS; `missing["roc"]` is the error of a panel without a result.

    `split` is the name of the scored split, or of the file, and `rows` the number of its rows.
    """

    title: str
    split: str
    rows: int
    panels: Mapping[str, Any]
    missing: Mapping[str, ZooError]
