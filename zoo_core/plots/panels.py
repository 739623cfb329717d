"""The panels of the page of a run: their names, and the values that they draw. Light: neither torch nor matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zoo_core.errors import ZooError

PANELS = ("curves", "confusion", "reliability", "roc", "pr", "words")
SPLIT_PANELS = ("confusion", "reliability", "roc", "pr")  # panels that need a scored split


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
