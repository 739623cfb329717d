"""The texts, sample data and names of columns that a task gives."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from zoo_core.components.contracts import Splitter, Task
from zoo_core.components.table import Table
from zoo_core.messages import pluralize
from zoo_core.plugins.attribution import ContractViolation


def check_texts(task: Task, table: Table, texts: object) -> pl.Series:
    """What `texts` of a task gave for a table. Raises ContractViolation unless it is a string for each row."""
    height = table.frame.height
    if not isinstance(texts, pl.Series) or texts.dtype != pl.String:
        found = texts.dtype if isinstance(texts, pl.Series) else type(texts).__name__
        raise ContractViolation(task, f"texts() gave {found}, expected a series of strings")
    if len(texts) != height:
        raise ContractViolation(task, f"texts() gave {pluralize(len(texts), 'text')} for {pluralize(height, 'row')}")
    if texts.null_count():
        row = int(texts.is_null().arg_true()[0])
        raise ContractViolation(task, f'texts() gave null for row {row}, expected strings, "" for none')
    return texts


def check_sample(task: Task, sample: object, rows: int) -> pl.DataFrame:
    """What `sample_data` of a task gave. Raises ContractViolation unless it is `rows` rows of strings."""
    if not isinstance(sample, pl.DataFrame):
        raise ContractViolation(task, f"sample_data() gave {type(sample).__name__}, expected a frame of polars")
    wrong = [name for name, dtype in sample.schema.items() if dtype != pl.String or sample[name].null_count()]
    if wrong:
        raise ContractViolation(task, f'sample_data() gave a column "{wrong[0]}" whose values are not all strings')
    if sample.height != rows:
        raise ContractViolation(task, f"sample_data() gave {pluralize(sample.height, 'row')}, expected {rows}")
    return sample


def check_names(component: Task | Splitter, names: object, method: str = "used_columns") -> Collection[str]:
    """What a method that names columns gave. Raises ContractViolation unless it is a collection of names."""
    is_collection = isinstance(names, Collection) and not isinstance(names, str | bytes)
    if not is_collection or not all(isinstance(name, str) for name in names):  # type: ignore[attr-defined]
        raise ContractViolation(component, f"{method}() gave {names!r}, expected the names of columns")
    return names  # type: ignore[return-value]
