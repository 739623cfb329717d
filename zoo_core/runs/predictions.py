"""Values that a run takes and returns: columns of texts, predictions, scored splits."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.component import TargetType
from zoo_core.components.contracts import Task
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.targets.forms import target_form
from zoo_core.data.files.column_choice import columns_of
from zoo_core.data.files.reading import read_table
from zoo_core.data.files.sources import Data, exists
from zoo_core.data.memory.reading import read_memory
from zoo_core.data.memory.rows import is_row
from zoo_core.data.missing_columns import read_texts
from zoo_core.errors import RecipeError
from zoo_core.evaluation.shown_tables import ShownAsTable
from zoo_core.plugins.registry import Registry
from zoo_core.runs.evaluation_data import LabeledRows


def texts_to_series(texts: Iterable[str]) -> pl.Series:
    """Make a column of texts. Raises RecipeError for a single string, and for the first item that is not a text."""
    if isinstance(texts, str):
        raise RecipeError("texts must be a list of strings, not one string", hint="put it into a list: [text]")
    if not isinstance(texts, Iterable):
        raise RecipeError(f"texts must be a list of strings, not {type(texts).__name__}")
    items = list(texts)
    try:
        column = pl.Series("text", items, dtype=pl.String)
    except (TypeError, UnicodeEncodeError):
        raise _invalid_text_error(items) from None
    if column.null_count():
        raise _invalid_text_error(items)
    return column


def prediction_texts(data: Data, task: Task, registry: Registry, *, reader: ReaderSettings) -> pl.Series:
    """The texts to predict: strings, or those that the task finds in files or in a table in memory.

    A string is the name of a file, strings in a list are texts. Raises RecipeError as `texts_to_series` does, DataError
    for data that is not a table.
    """
    if isinstance(data, pl.Series):
        return data
    if isinstance(data, str) and not exists(data):
        return texts_to_series(data)
    if isinstance(data, str | os.PathLike) or (isinstance(data, list) and data and isinstance(data[0], os.PathLike)):
        return read_texts(task, read_table(data, registry, reader=reader, choose=columns_of(task)))
    if isinstance(data, list | tuple | Iterator):
        data = list(data) if isinstance(data, Iterator) else data
        if not (data and is_row(data[0])):
            return texts_to_series(data)
    return read_texts(task, read_memory(data, task, columns_of(task), has_labels=False))


def _invalid_text_error(items: list[str]) -> RecipeError:
    """The error for the first item that is not a text."""
    number = next(index for index, item in enumerate(items) if not _is_text(item))
    if isinstance(items[number], str):
        return RecipeError("unpaired UTF-16 surrogate", where=f"row {number + 1}")
    return RecipeError(f"got {type(items[number]).__name__}, expected text", where=f"row {number + 1}")


def _is_text(item: object) -> bool:
    return isinstance(item, str) and not any("\ud800" <= character <= "\udfff" for character in item)


@frozen(eq=False, repr=False)
class Predictions(ShownAsTable):
    """Predictions, one row for each text, which print as a table.

    `indices` `(rows,)` are the predicted classes, `values` `(rows, classes)` the probabilities, or scores if
    `are_scores`. `unknown` `(rows,)` bool are the texts without a word that the run knows; None if that is not known.
    `abstained` `(rows,)` bool are the texts that are not answered, whose label is None, and `sets` `(rows, classes)`
    bool the prediction sets; both are None unless they were asked for.
    """

    classes: tuple[str, ...]
    indices: Tensor
    values: Tensor
    are_scores: bool
    unknown: Tensor | None = None
    abstained: Tensor | None = None
    sets: Tensor | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def label_series(self) -> pl.Series:
        """The label of each row, as a column; null for a row that is not answered."""
        indices = pl.Series(self.indices.numpy())
        if self.abstained is not None:
            indices = indices.zip_with(~pl.Series(self.abstained.numpy()), pl.Series([None], dtype=indices.dtype))
        return pl.Series("label", self.classes, dtype=pl.String).gather(indices)

    @property
    def labels(self) -> list[str]:
        """The label of each row, as a new list; None for a row that is not answered."""
        return self.label_series().to_list()

    def set_series(self) -> pl.Series:
        """The labels in the prediction set of each row, the likeliest first, as a column of lists."""
        if self.sets is None:
            raise RecipeError("no prediction sets were asked for", hint="predict with coverage=0.9")
        order = torch.argsort(self.values, dim=1, descending=True, stable=True)
        rows, places = self.sets.gather(1, order).nonzero(as_tuple=True)
        names = pl.Series(self.classes, dtype=pl.String).gather(pl.Series(order[rows, places].numpy()))
        lists = pl.DataFrame({"row": rows.numpy(), "labels": names}).group_by("row", maintain_order=True).agg("labels")
        return lists["labels"]

    @property
    def label_sets(self) -> list[list[str]]:
        """The labels in the prediction set of each row, the likeliest first, as a new list."""
        return self.set_series().to_list()

    def frame(self, *, top: int = 0) -> pl.DataFrame:
        """The predictions as a table: `label`, then `p_CLASS` of each class, or `score_CLASS`.

        With `top`, only so many labels, the predicted one first and the others by falling probability: `label`, `p`,
        `label_2`, `p_2` … As `p` is a `score` if the loss gives no probabilities. After these,
        `abstained` and `labels` if they were asked for.
        """
        answers: dict[str, pl.Series] = {}
        if self.abstained is not None:
            answers["abstained"] = pl.Series(self.abstained.numpy())
        if self.sets is not None:
            answers["labels"] = self.set_series()
        return self._values_frame(top).with_columns(**answers)

    def _values_frame(self, top: int) -> pl.DataFrame:
        """The columns of labels and values."""
        prefix = "score" if self.are_scores else "p"
        values = self.values.double()
        if not top:
            columns = {f"{prefix}_{label}": values[:, index].numpy() for index, label in enumerate(self.classes)}
            return pl.DataFrame({"label": self.label_series(), **columns})
        rank = values.scatter(1, self.indices.unsqueeze(1), math.inf)  # the predicted class may not be the likeliest
        order = torch.argsort(rank, dim=1, descending=True, stable=True)
        names = pl.Series(self.classes, dtype=pl.String)
        ranked: dict[str, Any] = {}
        for place in range(min(top, len(self.classes))):
            suffix = f"_{place + 1}" if place else ""
            ranked[f"label{suffix}"] = names.gather(pl.Series(order[:, place].numpy()))
            ranked[f"{prefix}{suffix}"] = values.gather(1, order[:, place : place + 1]).squeeze(1).numpy()
        return pl.DataFrame({**ranked, "label": self.label_series()})


@frozen(eq=False)
class ScoredSplit:
    """Scores `(rows, outputs)` of a split of a file, or of all its rows (`split` is "").

    `loss_targets` are class indices `(rows,)` or probabilities `(rows, classes)`, or of the type "multi-label" 0 and 1
    `(rows, classes)`; `rows` has the texts.
    """

    scores: Tensor
    loss_targets: Tensor
    source: str
    split: str
    rows: LabeledRows | None = None
    target_type: TargetType = "single-label"

    @property
    def targets(self) -> Tensor:
        """The true classes as indices `(rows,)`, of probabilities the most probable class; or a bool matrix."""
        return target_form(self.target_type).labels(self.loss_targets)
