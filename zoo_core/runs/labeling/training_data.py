"""Labeled texts: those of a table, and those that a run was trained on, with the names of their columns."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from attrs import field, frozen
from numpy.typing import NDArray

from zoo_core.components.contracts import Task
from zoo_core.components.table import Table
from zoo_core.data.audit.label_checks import UNUSABLE_LABELS
from zoo_core.data.label_spellings import fold_label
from zoo_core.data.loading import load_table
from zoo_core.errors import ZooError
from zoo_core.parallel import map_chunks
from zoo_core.runs.regular_files import require_data_files
from zoo_core.runs.run import Run

Keys = NDArray[np.uint64]


@frozen(eq=False)
class TrainingData:
    """The keys of the labeled texts, sorted, and the columns of texts, labels and splits; "" if there is not one.

    If the data cannot be read, `problem` says why.
    """

    keys: Keys = field(factory=lambda: np.empty(0, np.uint64))
    text: str = ""
    label: str = ""
    split: str = ""
    problem: str = ""


def read_training_data(run: Run) -> TrainingData:
    """Read the data that a run was trained on, also if it was changed since."""
    described, task = run.summary["data"], run.plan.task
    unknown = "texts of the training data are not left out"
    if described["origin"] in ("stdin", "memory"):
        place = "came from standard input" if described["origin"] == "stdin" else "was in memory"
        return TrainingData(problem=f"{unknown}: it {place}")
    try:
        files = described["files"] if described["origin"] == "file" else None
        require_data_files(files or (), "")
        table = load_table(run.recipe(), run.plan, files)
        keys, _ = text_keys(task, task.texts(table))
        labeled = find_labeled(task, table, run.head.classes)
        texts = task.text_columns(table)
    except ZooError as error:
        return TrainingData(problem=f"{unknown}: {error.problems[0].text}")
    label = "" if task.has_soft_targets() else table.find_column(task.label_column(table) or "")
    split = table.find_column(task.split_column(table) or "")
    return TrainingData(np.unique(keys.filter(labeled).to_numpy()), texts[0] if len(texts) == 1 else "", label, split)


def find_labeled(task: Task, table: Table, classes: Iterable[str] = ()) -> pl.Series:
    """Which rows of a table have a label: not one that stands for a missing one, such as "?", unless it is a class."""
    nothing = pl.repeat(False, table.frame.height, eager=True)
    names = getattr(task, "probabilities", ()) if task.has_soft_targets() else (task.label_column(table),)
    columns = [
        table.frame[name].str.strip_chars() for name in filter(None, map(table.find_column, filter(None, names)))
    ]
    if not columns:
        return nothing
    missing = set(UNUSABLE_LABELS.split("|"))
    distinct = columns[0].unique().to_list() if len(columns) == 1 else []
    empty = ["", *(label for label in distinct if fold_label(label) in missing and label not in set(classes))]
    return pl.select(pl.any_horizontal(~column.is_in(empty) for column in columns)).to_series()


def text_keys(task: Task, texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """A 64-bit hash of each text as the task normalizes it, and which texts are then empty."""

    def normalize(part: pl.Series) -> pl.Series:
        return task.normalize(part).str.replace_all(r"\s+", " ").str.strip_chars()

    normalized = pl.concat(map_chunks(texts, normalize)) if len(texts) else texts
    return normalized.hash(), normalized == ""
