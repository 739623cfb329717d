"""Checks of what can be learned and measured: small test splits, classes with few rows, uneven and many classes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import polars as pl

from zoo_core.components.labeled_task import LabeledTask
from zoo_core.data.apportionment import Counts, apportion
from zoo_core.data.audit.commands import CheckedFiles
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.findings import Finding
from zoo_core.data.splits import SPLIT_NAMES
from zoo_core.data.task_detection import TaskColumns
from zoo_core.messages import join_hints, join_names, pluralize, quote_name, suggest_command

SHARES = (0.7, 0.15, 0.15)  # of the splits that training draws by default
FEW_ROWS = 10  # of a class in the training split
WIDE_INTERVAL = 0.05  # to either side of an accuracy
TYPICAL_ACCURACY = 0.8
UNEVEN_RATIO = 10  # of the rows of the largest class to those of the smallest
MANY_CLASSES = 30
FEW_ROWS_EACH = 20  # on average, if there are many classes
MAX_NAMES = 6
MACRO_F1 = 'training.metrics=["accuracy", {use = "f1", average = "macro"}]'  # "f1" alone is that of the second of two


def check_sizes(columns: TaskColumns, splits: pl.Series | None, files: CheckedFiles) -> Iterator[Finding]:
    """The findings about numbers of rows; none for a file of one class."""
    names, rows = count_split_rows(columns.classes, splits)
    if len(names) < 2:
        return
    yield from _check_test_rows(rows, splits is not None, files)
    yield from _check_rare_classes(columns, names, rows, splits is not None)
    totals = rows.sum(axis=1)
    yield from _check_evenness(names, totals, files)
    if len(names) >= MANY_CLASSES and totals.mean() < FEW_ROWS_EACH:
        message = f"{len(names)} classes have {totals.mean():.1f} rows each on average"
        yield make_finding("many-classes", message, len(names), hint=_fewer_classes(columns, FEW_ROWS_EACH))


def count_split_rows(classes: pl.Series, splits: pl.Series | None) -> tuple[list[str], Counts]:
    """The classes, and the rows of each in train, val and test `(classes, 3)`: those of the file, or as drawn."""
    frame = pl.DataFrame({"class": classes, "split": "" if splits is None else splits}).filter(pl.col("class") != "")
    counts = frame.group_by("class", "split").len().sort("class")
    names = counts["class"].unique(maintain_order=True).to_list()
    if splits is None and names:
        return names, apportion(counts["len"].to_numpy().astype(np.int64), np.array(SHARES))
    numbers = {(name, split): rows for name, split, rows in counts.iter_rows()}
    rows = [[numbers.get((name, split), 0) for split in SPLIT_NAMES] for name in names]
    return names, np.array(rows, dtype=np.int64).reshape(-1, len(SPLIT_NAMES))


def interval_half_width(rows: int, share: float) -> float:
    """Half the width of the 95% interval of a share that is measured on so many rows.

    The interval is Wilson's (1927), "Probable inference, the law of succession, and statistical inference".

    >>> round(interval_half_width(100, 0.8), 3), round(interval_half_width(1, 0.5), 3)
    (0.078, 0.445)
    """
    z = NormalDist().inv_cdf(0.975)
    return z / (1 + z * z / rows) * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))


def _check_test_rows(rows: Counts, has_splits: bool, files: CheckedFiles) -> Iterator[Finding]:
    """A test split whose accuracy has a wide interval."""
    test = int(rows[:, 2].sum())
    width = interval_half_width(test, TYPICAL_ACCURACY) if test else 1.0
    if test and width > WIDE_INTERVAL:
        message = f"test {'has' if has_splits else 'will have'} {pluralize(test, 'row')}"
        consequence = f"an accuracy of {TYPICAL_ACCURACY:g} there has a 95% interval of about ±{_points(width)}"
        hint = f"measure on every row by folds: {command}" if (command := files.swap()) else ""
        yield make_finding("small-test", message, test, consequence=consequence, hint=hint)


def _check_rare_classes(columns: TaskColumns, names: list[str], rows: Counts, has_splits: bool) -> Iterator[Finding]:
    """Classes with fewer than ten rows to train on, without those of one row, which are a finding of their own."""
    totals = rows.sum(axis=1)
    rare = [at for at in range(len(names)) if 0 < rows[at, 0] < FEW_ROWS and totals[at] > 1]
    if not rare:
        return
    least = min(rare, key=lambda at: (rows[at, 2], totals[at]))
    test = int(rows[least, 2])
    known = f"is known to ±{_points(interval_half_width(test, 0.5))} at best" if test else "cannot be measured"
    recall = f"the recall of {quote_name(names[least])} {known}"
    consequence = f"such a class is hardly learned; with {pluralize(test, 'row')} in test, {recall}"
    listed = join_names([f"{names[at]} ({totals[at]})" for at in rare], MAX_NAMES)
    needed = FEW_ROWS if has_splits else math.ceil(FEW_ROWS / SHARES[0])
    message = f"classes have fewer than {FEW_ROWS} rows to train on: {listed}"
    hint = join_hints("label more rows of them", _fewer_classes(columns, needed) if len(rare) < len(names) - 1 else "")
    yield make_finding("rare-class", message, len(rare), consequence=consequence, hint=hint)


def _check_evenness(names: list[str], totals: Counts, files: CheckedFiles) -> Iterator[Finding]:
    """A class that most rows have, or that has many times the rows of another."""
    largest, smallest = int(totals.argmax()), int(totals.argmin())
    share, ratio = totals[largest] / totals.sum(), totals[largest] / totals[smallest]
    if share < 0.5 + 0.5 / len(names) and ratio < UNEVEN_RATIO:
        return
    most, fewest = quote_name(names[largest]), quote_name(names[smallest])
    message = f"{most} has {share:.0%} of the rows, {ratio:.0f} times those of {fewest}"
    consequence = f"always answering {most} has an accuracy of {share:.2f}: look at macro F1 and each class"
    is_macro = len(names) > 2
    macro = ("--metric f1",) if is_macro else (suggest_command("--set", MACRO_F1), "--metric 'f1[macro]'")
    command = files.swap("training.class_weights=none,balanced", *macro)
    hint = f"see whether class weights help: {command}" if command else ""
    yield make_finding("uneven-classes", message, int(totals[largest]), consequence=consequence, hint=hint)


def _fewer_classes(columns: TaskColumns, rows: int) -> str:
    """The settings that drop or merge classes with fewer rows; "" if the task has none, or does so already."""
    if not isinstance(columns.task, LabeledTask) or columns.task.min_rows >= rows:
        return ""
    drops = suggest_command("--set", f"task.min_rows={rows}")
    return f"{drops} drops them, {suggest_command('--set', 'task.rare=merge')} beside it merges them"


def _points(width: float) -> str:
    return f"{100 * width:.0f} points"
