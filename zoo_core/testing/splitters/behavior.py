"""Checks of splitters: every row once, shares, groups, order, seeds, and invalid values."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import polars as pl

from zoo_core.components.contracts import Splitter
from zoo_core.data.splits import Rows
from zoo_core.errors import DataError
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.splitters.inputs import INPUTS, SHARES, RowsToSplit, makes_folds, splitter_of

TOLERANCE = 0.02  # of all rows, by which a share may be missed
DEVIATIONS = 3  # standard deviations of a drawn share
MIN_DAYS = 40  # different values: with fewer, whole groups may not meet the shares
WRONG = "no such value"
FOLDS = (2, 4)
SEEDS = (1, 2, 3)


def _assert_rows(parts: Mapping[str, Rows], height: int, where: str) -> None:
    """Fail unless the parts are numbers of rows, int64, and none is in two."""
    assert isinstance(parts, Mapping), f"{where} it gives {type(parts).__name__}, not the rows of each split by name"
    for name, rows in parts.items():
        is_int64 = isinstance(rows, np.ndarray) and rows.dtype == np.int64 and rows.ndim == 1
        found = f"{rows.dtype} {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
        assert is_int64, f'{where} the rows of "{name}" are {found}, expected int64 (rows,)'
        wrong = rows[(rows < 0) | (rows >= height)]
        assert not len(wrong), f'{where} "{name}" has row {wrong[0]}: rows are numbered from 0 to {height - 1}'
    counts = np.bincount(np.concatenate([np.arange(0), *parts.values()]), minlength=height)
    assert counts.max(initial=0) <= 1, f"{where} row {counts.argmax()} is given {counts.max()} times"


@register_check("splitter", "every row must be in one split, or be left out for a reason that is counted")
def every_row_once(subject: Subject) -> None:
    splitter = splitter_of(subject)
    for description, rows in INPUTS:
        for shares in (SHARES, {"train": 0.85, "val": 0.15}, {"train": 0.85, "test": 0.15}):
            parts, height = rows.split(splitter, shares), len(rows.labels)
            if parts is None:
                continue
            where = f"for {description} and {', '.join(shares)}"
            _assert_rows(parts, height, where)
            missing = np.setdiff1d(np.arange(height), np.concatenate([np.arange(0), *parts.values()]))
            assert not len(missing), f"{where} {len(missing)} rows are in no split, as row {missing[0]}"


@register_check("splitter", "the splits must have the shares that the recipe asks for")
def shares_are_met(subject: Subject) -> None:
    splitter = splitter_of(subject)
    for description, rows in INPUTS:
        parts, num_days = rows.split(splitter, SHARES), len(np.unique(rows.days))
        if parts is None or num_days < MIN_DAYS:
            continue
        used = sum(len(parts.get(name, ())) for name in SHARES)
        for name, share in SHARES.items():
            count = len(parts.get(name, ()))
            assert count, f'for {description} the split "{name}" has no rows'
            missed = abs(count / used - share)  # of independent draws for each day, which may be the method
            is_close = missed <= TOLERANCE + DEVIATIONS * (share * (1 - share) / num_days) ** 0.5
            assert is_close, f'for {description} "{name}" has {count} of {used} rows, expected a share of {share:g}'


@register_check("splitter", "a run that is opened again or resumed must have the same splits")
def rows_follow_from_the_seed(subject: Subject) -> None:
    splitter = splitter_of(subject)
    for description, rows in INPUTS:
        first = rows.split(splitter, SHARES, seed=1)
        rows.split(splitter, {"train": 0.5, "val": 0.5}, seed=2)
        again = rows.split(splitter, SHARES, seed=1)
        if first is None or again is None:
            continue
        for name in SHARES:
            same = np.array_equal(np.sort(first[name]), np.sort(again[name]))
            assert same, f'for {description} and the same seed, "{name}" has other rows after another split was made'


@register_check("splitter", "a person who sets another seed expects other splits, unless it is declared")
def shuffles_as_declared(subject: Subject) -> None:
    splitter = splitter_of(subject)
    changed = ""
    for description, rows in INPUTS:
        parts = [found for seed in SEEDS if (found := rows.split(splitter, SHARES, seed=seed)) is not None]
        for other in parts[1:]:
            if any(not np.array_equal(np.sort(other[name]), np.sort(parts[0][name])) for name in SHARES):
                changed = changed or description
    if splitter.shuffles:
        assert changed, f"the splits of the seeds {', '.join(map(str, SEEDS))} are the same: declare shuffles = False"
    else:
        assert not changed, f"for {changed} another seed gives other splits, and it declares shuffles = False"


@register_check("splitter", "rows of one group in two splits make a test easier than what it stands for")
def keeps_groups_as_declared(subject: Subject) -> None:
    splitter = splitter_of(subject)
    if not splitter.keeps_groups:
        skip("it does not declare keeps_groups")
    for where, rows, parts in _divisions(splitter):
        seen: dict[int, str] = {}
        groups = rows.groups(splitter)
        for name, own in parts.items():
            for group in np.unique(groups[own]).tolist():
                other = seen.setdefault(group, name)
                assert other == name, f'{where} rows with equal values are in "{other}" and in "{name}"'


@register_check("splitter", "a model that trains on later rows knows what it is tested on")
def keeps_order_as_declared(subject: Subject) -> None:
    splitter = splitter_of(subject)
    if not splitter.keeps_order:
        skip("it does not declare keeps_order")
    for where, rows, parts in _divisions(splitter):
        days = rows.days_of(next(iter(splitter.used_columns())))
        names = [name for name in ("train", "val", "test", "fold") if len(parts.get(name, ()))]
        for earlier, later in itertools.pairwise(names):
            is_ordered = days[parts[earlier]].max() <= days[parts[later]].min()
            assert is_ordered, f'{where} a row of "{earlier}" is later than one of "{later}"'


def _divisions(splitter: Splitter) -> list[tuple[str, RowsToSplit, Mapping[str, Rows]]]:
    """The splits of every input, and its folds, each with a description."""
    found: list[tuple[str, RowsToSplit, Mapping[str, Rows]]] = []
    for description, rows in INPUTS:
        parts = rows.split(splitter, SHARES)
        if parts is not None:
            found.append((f"for {description}", rows, {name: parts[name] for name in SHARES if name in parts}))
        folds = rows.folds(splitter, FOLDS[0]) if makes_folds(splitter) and len(rows.labels) >= 40 else None
        found += [(f"in a fold of {description}", rows, fold) for fold in folds or ()]
    return found


@register_check("splitter", "no row may train, or stop the training of, a model that is evaluated on it")
def folds_are_apart(subject: Subject) -> None:
    splitter = splitter_of(subject)
    if not makes_folds(splitter):
        skip("it makes no folds")
    for description, rows in INPUTS:
        for k in FOLDS if len(rows.labels) >= 60 else ():
            folds, where = rows.folds(splitter, k), f"in {k} folds of {description}"
            if folds is None:
                continue
            assert len(folds) == k, f"{where} there are {len(folds)} folds"
            for fold in folds:
                assert set(fold) == {"train", "val", "fold"}, f"{where} a fold has {sorted(fold)}, not train, val, fold"
                _assert_rows(fold, len(rows.labels), where)
                empty = [name for name in fold if not len(fold[name])]
                assert not empty, f'{where} "{empty[0]}" has no rows'
            evaluated = {str(number): fold["fold"] for number, fold in enumerate(folds)}
            _assert_rows(evaluated, len(rows.labels), f"{where}, of what is evaluated,")


@register_check("splitter", "the reader of a file keeps only the columns that are declared")
def used_columns_are_names(subject: Subject) -> None:
    splitter = splitter_of(subject)
    names = splitter.used_columns()
    is_list = isinstance(names, list | tuple | set | frozenset)
    assert is_list, f"used_columns() gives {type(names).__name__}, expected the names of columns, as a tuple"
    wrong = [name for name in names if not isinstance(name, str) or not name]
    assert not wrong, f"used_columns() names {wrong[0]!r}, which is not the name of a column"
    promises = [name for name in ("keeps_groups", "keeps_order") if getattr(splitter, name)]
    assert names or not promises, f"it declares {', '.join(promises)}, but no columns that it would keep them of"


@register_check("splitter", "an error must name the line whose value the splitter cannot use")
def wrong_values_have_a_row(subject: Subject) -> None:
    splitter = splitter_of(subject)
    if not splitter.used_columns():
        skip("it uses no columns")
    rows = dict(INPUTS)["60 rows of 2 classes"]
    for value in (WRONG, ""):
        columns = rows.columns(splitter)
        at = pl.Series(range(columns.height)) == 17
        columns = columns.with_columns(
            pl.when(at).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name in columns.columns
        )
        try:
            splitter.split(rows.labels, columns, SHARES, 1)
        except DataError as error:
            numbers = [problem.row for problem in error.problems]
            where = f"for a value {value!r} in row 17"
            assert 17 in numbers, f"{where} its error names row {numbers[0]}, expected Problem(…, row=17)"
