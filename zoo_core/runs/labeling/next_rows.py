"""The rows of a file to label next, ranked, with what a run predicts for them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl
from attrs import frozen

from zoo_core.components.table import Table
from zoo_core.components.targets.required import require_single_labels
from zoo_core.data.files.prediction_input import iter_prediction_tables, locate_prediction_row
from zoo_core.data.files.sources import Data, exists
from zoo_core.data.kept_columns import KeptColumns, free_names
from zoo_core.data.loading import tokenize_texts
from zoo_core.data.memory.reading import is_in_memory, read_memory
from zoo_core.data.memory.rows import is_row
from zoo_core.errors import DataError, RecipeError, ZooError
from zoo_core.evaluation.shown_tables import ShownAsTable
from zoo_core.messages import join_names, pluralize
from zoo_core.runs.labeling.candidates import (
    LABEL,
    LEFT_OUT,
    MARGIN,
    ROW,
    TEXT,
    VALUE,
    Candidates,
)
from zoo_core.runs.labeling.diversity import MAX_PAIRS, choose_diverse
from zoo_core.runs.labeling.training_data import read_training_data
from zoo_core.runs.load import open_run
from zoo_core.runs.predictions import texts_to_series
from zoo_core.runs.run import Run

CANDIDATES_PER_ROW = 10  # among which rows are chosen that differ
ADDED = ("row", "predicted", "p", "margin")  # columns beside those of the file


@frozen(eq=False, repr=False)
class NextRows(ShownAsTable):
    """The rows to label next, the first one first, as a table.

    Its columns are `row` (the number in the data, from 1), those of the data, an empty one for the label if the data
    has none, one of splits ("train") if only the training data has one, `predicted`, `p` (or `score`) of the predicted
    label, and `margin`, the distance between the two best classes. A column of the data is never replaced. `read`
    counts the rows of the data, `left_out` those that were not considered, by reason, and `problem` says why texts of
    the training data could not be left out.
    """

    table: pl.DataFrame
    source: str
    read: int
    left_out: Mapping[str, int]
    problem: str = ""

    def frame(self) -> pl.DataFrame:
        """The rows as a table."""
        return self.table

    def describe(self) -> str:
        """How many rows were chosen of how many, and why others were not considered."""
        chosen = f"{self.table.height} of {pluralize(self.read, 'row')} of {self.source} to label next"
        reasons = _describe_left_out(self.left_out)
        return f"{chosen}; left out: {reasons}" if reasons else chosen


def next_rows(
    run: Run | str | Path,
    data: Data,
    *,
    rows: int = 100,
    columns: Sequence[str] | None = None,
    trained: Run | None = None,
) -> NextRows:
    """Choose the rows of a file, or of values in memory, whose labels would help a run most.

    `run` is a run or its folder. The rows are those without a label of which it is least sure, by the margin between
    the two best classes, and among ten times as many, those that differ (`choose_diverse`). Each text is chosen once,
    and none that is empty or has a label, in the data or in the training data. `columns` are those to keep, None all of
    them; `trained` is the run with the settings of its training, if `run` reads other columns. A file is read as a
    stream.

    Raises RecipeError unless `rows` is at least 1, DataError if no row is left to label.
    """
    if rows < 1:
        raise RecipeError(f"invalid number of rows: got {rows}, expected at least 1")
    run = run if isinstance(run, Run) else open_run(run)
    require_single_labels("rows to label next", run.head.targets)
    taught = read_training_data(trained or run)
    limit = max(rows, min(rows * CANDIDATES_PER_ROW, MAX_PAIRS // rows))
    candidates = Candidates(run, KeptColumns(None if columns is None else tuple(columns)), limit, taught)
    source = os.fspath(data) if isinstance(data, str | os.PathLike) and exists(os.fspath(data)) else ""
    try:
        found = candidates.find(_iter_tables(run, data, candidates.columns))
    except ZooError as error:
        if not source:
            raise
        registry, task, reader = run.zoo.registry, run.plan.task, run.other_reader
        raise error.at_rows(partial(locate_prediction_row, source, registry, task, reader=reader)) from None
    name = ("standard input" if source == "-" else source) or "the data"
    if not found.height:
        reasons = _describe_left_out(candidates.left_out)
        raise DataError(f"no row to label{f': {reasons}' if reasons else ''}", where=name)
    features = run.encoder.transform(tokenize_texts(run.zoo.registry, run.plan, found[TEXT]))
    chosen = found[choose_diverse(features, found[MARGIN].to_numpy(), rows)]
    return NextRows(_to_table(chosen, candidates), name, candidates.rows, candidates.left_out, taught.problem)


def _describe_left_out(counts: Mapping[str, int]) -> str:
    return join_names(f"{count} {LEFT_OUT[reason]}" for reason, count in counts.items() if count)


def _iter_tables(run: Run, data: Data, columns: KeptColumns) -> Iterable[Table]:
    """The data as tables: a file as a stream, values in memory as one."""
    registry, task, choose = run.zoo.registry, run.plan.task, columns.choose(run.plan.task)
    if isinstance(data, str | os.PathLike):
        return iter_prediction_tables(os.fspath(data), registry, task, reader=run.other_reader, choose=choose)
    if isinstance(data, list | tuple) and data and not is_row(data[0]) and isinstance(data[0], str):
        return [Table(pl.DataFrame({"text": texts_to_series(data)}), "the texts", origin="memory")]
    if not is_in_memory(data):
        raise RecipeError("expected one file, a table in memory, or a list of texts")
    return [read_memory(data, task, choose, has_labels=False)]


def _to_table(chosen: pl.DataFrame, candidates: Candidates) -> pl.DataFrame:
    """The chosen rows with the columns that are added to those of the file.

    If the training data has a column of splits, the rows are for training: as they are harder than others, they would
    bias a test.
    """
    run, kept = candidates.run, list(candidates.names or ())
    value = "p" if run.head.has_probabilities else "score"
    added = [name if name != "p" else value for name in ADDED]
    if set(added) <= set(kept):  # the file is the output of an earlier call
        kept = [name for name in kept if name not in added]
    to_fill = {candidates.label: "", candidates.taught.split: "train"}
    to_fill = {name: text for name, text in to_fill.items() if name and name not in kept}
    free = free_names(added, [*kept, *to_fill])
    filled = [pl.lit(text).alias(name) for name, text in to_fill.items()]
    row, *predicted = (
        chosen[column].alias(free[name]) for column, name in zip((ROW, LABEL, VALUE, MARGIN), added, strict=True)
    )
    return chosen.select(row, *chosen[kept], *filled, *predicted)
