"""Classes that are given by number, as Hugging Face `datasets` stores them, and their names."""

from __future__ import annotations

from typing import Any

import polars as pl

from zoo_core.errors import DataError


def name_classes(column: pl.Series, names: Any, source: str) -> pl.Series:
    """The names of classes that are given by number; -1 stands for a row without a label.

    Raises DataError for a number without a name.
    """
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(f'the classes of "{column.name}" have no names', where=source)
    known = {**{str(number): name for number, name in enumerate(names)}, "-1": "", "": ""}
    unknown = column.is_in(list(known)).not_().arg_true()
    if len(unknown):
        message = f'unknown class {column[int(unknown[0])]} in column "{column.name}": there are {len(names)}'
        raise DataError(message, where=f"{source}, row {int(unknown[0]) + 1}")
    return column.replace(known)
