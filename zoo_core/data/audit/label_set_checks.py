"""Checks of rows with any number of labels: numbers of labels, rare, constant and inseparable ones, unseen ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import polars as pl
from attrs import frozen

from zoo_core.components.labeled_task import LabeledTask
from zoo_core.data.audit.label_checks import find_similar, find_unusable, set_option
from zoo_core.data.audit.masks import MAX_EXAMPLES, row_finding, row_numbers
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.audit.size_checks import FEW_ROWS, MAX_NAMES, SHARES
from zoo_core.data.findings import Finding
from zoo_core.data.label_sets.labels import count_classes, each_label, have_any
from zoo_core.data.task_detection import TaskColumns
from zoo_core.messages import join_names, pluralize, quote_name

SEPARATOR = "\x1f"  # between the labels of a set in the key that stands for it


@frozen
class LabelSetStatistics:
    """How many labels rows have: the mean, that as a share of all labels, the least and the most; and different sets.

    Source: Tsoumakas & Katakis 2007, section 4.1 (label cardinality and density).
    """

    cardinality: float
    density: float
    fewest: int
    most: int
    without: int
    distinct_sets: int


def describe_label_sets(sets: pl.Series) -> LabelSetStatistics:
    """The statistics of label sets."""
    sizes, labels = sets.list.len().to_numpy().astype(np.int64), each_label(sets).n_unique()
    mean = float(sizes.mean()) if len(sizes) else 0.0
    return LabelSetStatistics(
        cardinality=round(mean, 4),
        density=round(mean / max(labels, 1), 4),
        fewest=int(sizes.min()) if len(sizes) else 0,
        most=int(sizes.max(initial=0)),
        without=int((sizes == 0).sum()),
        distinct_sets=set_keys(sets).n_unique(),
    )


def set_keys(sets: pl.Series) -> pl.Series:
    """A string for each label set, not empty: equal for equal sets."""
    return SEPARATOR + sets.list.join(SEPARATOR)


def check_label_sets(columns: TaskColumns, splits: pl.Series | None) -> Iterator[Finding]:
    """The findings about label sets."""
    sets, counts = columns.classes, count_classes(columns.classes)
    yield from row_finding("no-labels", "rows have none of the labels", sets.list.len() == 0)
    if len(counts) < 2:
        yield make_finding("one-class", "there is only one label" if counts else "no row has a label", len(sets))
        return
    yield from _check_changed(columns)
    for names, hint in find_unusable(columns.task, counts, len(sets)):
        message = f"rows have a label that is probably none: {join_names(map(quote_name, names))}"
        yield from row_finding("unusable-label", message, have_any(sets, names), hint=hint)
    yield from _check_spellings(sets, counts)
    yield from _check_rare(columns, counts, splits)
    constant = sorted(name for name, count in counts.items() if count == len(sets))
    if constant:
        message = f"labels are those of every row: {join_names(map(quote_name, constant))}"
        yield make_finding("constant-label", message, len(constant))
    yield from _check_inseparable(sets, counts)
    yield from _check_unseen(columns, splits)


def _check_changed(columns: TaskColumns) -> Iterator[Finding]:
    """Labels that the task's settings drop or merge."""
    dropped = columns.labels.list.set_difference(columns.classes).list.len() > 0
    is_merged = isinstance(columns.task, LabeledTask) and columns.task.rare == "merge" and bool(columns.rare)
    what = "are removed or merged" if is_merged else "are removed"
    yield from row_finding("dropped-label", f"rows have labels that {what}, and are kept", dropped)


def _check_spellings(sets: pl.Series, counts: dict[str, int]) -> Iterator[Finding]:
    """Labels that look alike, as rows of the first of each."""

    def first_row(label: str) -> int:
        return int(have_any(sets, [label]).arg_max() or 0) + 1

    yield from find_similar(counts, first_row)


def _check_rare(columns: TaskColumns, counts: dict[str, int], splits: pl.Series | None) -> Iterator[Finding]:
    """Labels of one row, and those with fewer than ten rows to train on."""
    sets, has_settings = columns.classes, isinstance(columns.task, LabeledTask)
    alone = sorted(name for name, count in counts.items() if count == 1)
    hint = f"add rows; {set_option('min_rows=2')} removes these labels, and keeps the rows" if has_settings else ""
    yield from row_finding("one-row-class", "rows have a label that no other row has", have_any(sets, alone), hint=hint)
    training = sets if splits is None or not (splits == "train").any() else sets.filter(splits == "train")
    share, trained = (SHARES[0] if training is sets else 1.0), count_classes(training)
    rare = sorted(name for name, count in counts.items() if count > 1 and share * trained.get(name, 0) < FEW_ROWS)
    if not rare:
        return
    needed = math.ceil(FEW_ROWS / share)
    listed = join_names([f"{name} ({counts[name]})" for name in rare], MAX_NAMES)
    hint = "label more rows of them"
    if has_settings and len(rare) < len(counts) - 1:
        hint += f"; {set_option(f'min_rows={needed}')} removes them, and keeps the rows"
    yield make_finding(
        "rare-class", f"labels have fewer than {FEW_ROWS} rows to train on: {listed}", len(rare), hint=hint
    )


def _check_inseparable(sets: pl.Series, counts: dict[str, int]) -> Iterator[Finding]:
    """Labels of two rows or more that always occur together."""
    rows = sets.list.len().alias("size").to_frame().with_row_index("row")
    entries = pl.DataFrame({"row": pl.select(pl.lit(rows["row"]).repeat_by(rows["size"])).to_series().explode()})
    entries = entries.drop_nulls().with_columns(each_label(sets).alias("label"))
    repeated = [name for name, count in counts.items() if count > 1]
    of_label = entries.filter(pl.col("label").is_in(repeated)).group_by("label").agg("row")
    same = of_label.group_by("row").agg(pl.col("label").sort()).filter(pl.col("label").list.len() > 1)
    groups = sorted(same["label"].to_list())
    if not groups:
        return
    shown = "; ".join(join_names(map(quote_name, group)) for group in groups[:MAX_EXAMPLES])
    more = "; …" if len(groups) > MAX_EXAMPLES else ""
    firsts = [int(have_any(sets, group[:1]).arg_max() or 0) + 1 for group in groups[:MAX_EXAMPLES]]
    yield make_finding(
        "inseparable-labels", f"labels always occur together: {shown}{more}", sum(map(len, groups)), firsts
    )


def _check_unseen(columns: TaskColumns, splits: pl.Series | None) -> Iterator[Finding]:
    """Labels of other splits that the training split lacks; nothing if the file has no rows to train on."""
    sets = columns.classes
    known = count_classes(sets.filter(splits == "train")) if splits is not None else {}
    unseen = [name for name in count_classes(sets) if known and name not in known]
    is_settable = isinstance(columns.task, LabeledTask)
    hint = f"add rows to train, or remove these labels with {set_option('min_rows=1')}" if is_settable else ""
    message = "rows in val and test have a label that train does not have"
    rows = have_any(sets, unseen)
    shown = pluralize(len(unseen), "label")
    if rows.any():
        found = row_numbers(rows.arg_true().head(MAX_EXAMPLES))
        yield make_finding("unseen-label", f"{message} ({shown})", int(rows.sum()), found, of=len(sets), hint=hint)
