"""Checks of columns of categories and numbers: missing numbers, too many values, and columns of one value."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from zoo_core.components.contracts import Task
from zoo_core.components.table import Table
from zoo_core.data.audit.masks import row_finding
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.findings import Finding
from zoo_core.data.numeric_columns import parse_numbers
from zoo_core.features.field_groups import FieldGroup
from zoo_core.features.fields import read_fields
from zoo_core.messages import join_names, quote_name
from zoo_core.parallel import map_chunks

MANY_VALUES = 1000  # of a column of categories
LARGE_SHARE = 0.5  # of the rows that have a value, which have one of their own
HEAD_ROWS = 2000  # by which the group of a column is guessed
NUMBERS_SHARE = 0.95  # of its values that are numbers
TEXT_WORDS = 3  # in a value, on average
FEW_ROWS = 20  # of which many values are different by chance


def check_fields(task: Task, table: Table, texts: pl.Series) -> Iterator[Finding]:
    """The findings about the columns of rows of fields, as the task normalizes them; none of a task of texts."""
    if task.output_type != "fields":
        return
    yield from _check_unused(task, table)
    groups = read_fields(pl.concat(map_chunks(texts, task.normalize)))
    for name, values in groups.get("numbers", {}).items():
        column = f"column {quote_name(name)}"
        yield from row_finding("missing-number", f"rows have no number in {column}", values.is_null())
        yield from _check_constant(column, values.drop_nulls())
    for name, values in groups.get("categories", {}).items():
        column, given = f"column {quote_name(name)}", values.filter(values != "")
        distinct = given.n_unique()
        if len(given) >= FEW_ROWS and (distinct > MANY_VALUES or distinct > LARGE_SHARE * len(given)):
            message = f"categories are in {column}, which has {len(given):,} values"
            yield make_finding("many-categories", message, distinct)
        yield from _check_constant(column, given)


def _check_unused(task: Task, table: Table) -> Iterator[Finding]:
    """Columns that the task does not use, with the group that their values suggest; dates and identifiers have none."""
    used = {*task.fields(), task.label_column(table), task.split_column(table)}
    found: dict[FieldGroup, list[str]] = {}
    for name in (name for name in table.frame.columns if name not in used):
        group = _guess_group(table.frame[name].head(HEAD_ROWS).str.strip_chars())
        if group is not None:
            found.setdefault(group, []).append(name)
    if found:
        listed = [f"{join_names(map(quote_name, names))} (as {group})" for group, names in found.items()]
        setting = "; ".join(f"task.{group} names columns of {group}" for group in found).replace("of text", "of texts")
        count = sum(map(len, found.values()))
        yield make_finding("unused-column", f"the task does not use {', '.join(listed)}", count, hint=setting)


def _guess_group(column: pl.Series) -> FieldGroup | None:
    """The group that the values of a column suggest."""
    values = column.filter(column != "")
    if values.n_unique() < 2:
        return None
    if parse_numbers(values).is_not_null().mean() >= NUMBERS_SHARE:  # type: ignore[operator]
        return "numbers"
    if values.str.count_matches(r"\S+").mean() >= TEXT_WORDS:  # type: ignore[operator]
        return "text"
    return "categories" if values.n_unique() <= LARGE_SHARE * len(values) else None


def _check_constant(column: str, values: pl.Series) -> Iterator[Finding]:
    if values.n_unique() < 2:
        yield make_finding("constant-column", f"{column} has {'one value' if len(values) else 'no values'}")
