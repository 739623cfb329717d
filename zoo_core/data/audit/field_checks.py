"""Checks of columns of categories and numbers: missing numbers, too many values, and columns of one value."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl

from zoo_core.components.contracts import Task
from zoo_core.components.table import Table
from zoo_core.data.audit.masks import row_finding
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.field_guesses import guess_fields
from zoo_core.data.findings import Finding
from zoo_core.features.fields import read_fields
from zoo_core.messages import join_names, quote_name, suggest_command
from zoo_core.parallel import map_chunks

MANY_VALUES = 1000  # of a column of categories
LARGE_SHARE = 0.5  # of the rows that have a value, which have one of their own
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
    fields = task.fields()
    found = guess_fields(table.frame, {*fields, task.label_column(table), task.split_column(table)})
    if found:
        listed = [f"{join_names(map(quote_name, names))} (as {group})" for group, names in found.items()]
        options = []
        for group, names in found.items():
            known = [name for name, its_group in fields.items() if its_group == group]
            options.append(suggest_command("--set", f"task.{group}={json.dumps([*known, *names], ensure_ascii=False)}"))
        count = sum(map(len, found.values()))
        yield make_finding(
            "unused-column", f"the task does not use {', '.join(listed)}", count, hint=" ".join(filter(None, options))
        )


def _check_constant(column: str, values: pl.Series) -> Iterator[Finding]:
    if values.n_unique() < 2:
        yield make_finding("constant-column", f"{column} has {'one value' if len(values) else 'no values'}")
