"""Labels: the classes of the training split, and class indices of labels that are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from zoo_core.errors import DataError, counted, nearest

MOST = 2**29  # scores of one split, 2 GiB of them: more classes than that are no classes
WHOLE = re.compile(r"-?[0-9]{1,18}")


def classes_of(labels: pl.Series, soft: pl.DataFrame | None, rows: Mapping[str, Any], source: str) -> tuple[str, ...]:
    """The classes of the training split, sorted (as numbers where all are whole numbers).

    Where a file gives probabilities (`soft`): all that it has a column for.
    """
    if soft is not None:
        return tuple(soft.columns)
    own = labels.gather(rows["train"].astype(np.uint32)).unique().to_list()
    classes = tuple(sorted(own, key=class_order(own)))
    if len(classes) < 2:
        raise DataError(f'the training split holds one class only: "{classes[0]}"', where=source)
    for name in rows:
        check_labels(labels.gather(rows[name].astype(np.uint32)), classes, f"{source} ({name})")
        if name != "train" and len(rows[name]) * len(classes) > MOST:
            size = len(rows[name]) * len(classes) * 4 / 1e9
            raise DataError(
                f"{len(classes)} classes: the scores of the {len(rows[name])} rows of {name} would take {size:.0f} GB",
                where=source,
                hint="is it the column of labels?",
            )
    return classes


def class_order(labels: list[str]) -> Any:
    """The key that sorts class names: as numbers where all of them are whole numbers."""
    whole = all(WHOLE.fullmatch(label) for label in labels)
    return (lambda label: (int(label), label)) if whole else str


def check_labels(labels: pl.Series, classes: tuple[str, ...], source: str) -> None:
    """DataError for a label that was not seen in training."""
    strange = sorted(set(labels.unique().to_list()) - set(classes))
    if strange:
        rows = counted(int(labels.is_in(strange).sum()), "row")
        raise DataError(
            f'the label "{strange[0]}" was not seen in training ({rows} of unseen labels)',
            where=source,
            hint=nearest(strange[0], classes),
        )


def targets(labels: pl.Series, classes: tuple[str, ...]) -> Any:
    """Class indices `(rows,)` int64 of labels that are all known."""
    import torch

    codes = labels.cast(pl.Enum(list(classes))).to_physical().to_numpy().astype(np.int64)
    return torch.from_numpy(codes)
