"""Label sets as the cells of a table have them: JSON arrays, texts with a separator, columns of 0 and 1."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.delimited.list_cells import split_list
from zoo_core.data.label_sets.labels import LABEL_SETS, as_label_sets
from zoo_core.errors import DataError
from zoo_core.messages import quote_name

AUTO_SEPARATOR = "auto"
SEPARATORS = ("|", ";", ",")  # in the order in which they are looked for
MAX_ITEMS = 100_000  # of a cell
ITEM = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s'",\[\]]+"""  # of a list as Python and numpy write it
SPECIAL = r"[\[\\\x1c-\x1f]"  # of cells that may have lists, escaped separators, or blanks that only Python strips
WRITTEN_LIST = re.compile(rf"\[\s*(?:(?:{ITEM})\s*(?:,\s*)?)*\]")
ON, OFF = ("1", "true", "1.0"), ("0", "false", "0.0")
VALUES_HINT = "write 1 for a label that the text has, else 0"


def read_label_sets(table: Table, label: str | Sequence[str], separator: str = AUTO_SEPARATOR) -> pl.Series:
    """The label set of each row, sorted lists of strings `(rows,)`.

    `label` is a column whose cells are JSON arrays or labels with a separator, "" for none; "auto" is the first of
    `SEPARATORS` that a cell has. Several columns have 0 or 1 each, and their names are the labels.

    Raises DataError, with the line, for a cell that begins like a list and is not one, and for a value of several
    columns other than 0, 1, false and true.
    """
    if not isinstance(label, str):
        return _read_indicators(table, label)
    column = table.column(label, setting="task.label").str.strip_chars()
    cells = column.unique(maintain_order=True)
    if separator == AUTO_SEPARATOR:
        separator = find_separator(cells)

    def locate(cell: str) -> str:
        return table.location(int((column == cell).arg_max() or 0))

    return _look_up(column, cells, as_label_sets(_read_cells(cells, separator, locate)))


def find_separator(cells: pl.Series) -> str:
    """The separator of the labels in cells: the first of `SEPARATORS` that one has that is not a list; "" for none.

    >>> find_separator(pl.Series(["news", "news; sports", '["a, b"]']))
    ';'
    """
    others = cells.filter(~_look_like_lists(cells))
    found = (separator for separator in SEPARATORS if others.str.contains(separator, literal=True).any())
    return next(found, "")


def labels_of_sets(classes: Sequence[str]) -> list[str]:
    """The labels that classes consist of, if these look like sets of them: fewer labels than classes; [] if not.

    >>> labels_of_sets(["a", "a; b", "b; c", "a; c", "c"]), labels_of_sets(["Toys, games", "Books, maps"])
    (['a', 'b', 'c'], [])
    """
    cells = pl.Series(classes, dtype=pl.String)
    separator = find_separator(cells)
    if not separator and not _look_like_lists(cells).any():
        return []
    try:
        sets = [_read_cell(cell, separator, str) for cell in classes]
    except DataError:
        return []
    labels = sorted({label for labels in sets for label in labels})
    return labels if len(labels) < len(classes) and sum(len(labels) > 1 for labels in sets) > 1 else []


def _look_like_lists(cells: pl.Series) -> pl.Series:
    return cells.str.starts_with("[") & cells.str.ends_with("]")


def _look_up(column: pl.Series, cells: pl.Series, sets: pl.Series) -> pl.Series:
    """The set of each row, from those of the distinct cells, which are few."""
    known = pl.DataFrame({"cell": cells, "set": sets})
    return column.alias("cell").to_frame().join(known, on="cell", how="left", maintain_order="left")["set"]


def _read_cells(cells: pl.Series, separator: str, locate: Callable[[str], str]) -> pl.Series:
    """The labels in each cell; of cells without lists and escaped characters in native code."""
    is_special = cells.str.contains(SPECIAL)
    if separator:
        is_special |= cells.str.count_matches(separator, literal=True) >= MAX_ITEMS
    specials, others = cells.filter(is_special), cells.filter(~is_special)
    plain = others.str.split(separator) if separator else pl.select(pl.concat_list(pl.lit(others))).to_series()
    name = pl.element().str.strip_chars()
    read = pl.Series([_read_cell(cell, separator, locate) for cell in specials], dtype=LABEL_SETS)
    order = pl.concat([is_special.arg_true(), (~is_special).arg_true()]).arg_sort()
    return pl.concat([read, plain.list.eval(name.filter(name != "")).cast(LABEL_SETS)]).gather(order)


def _read_cell(cell: str, separator: str, locate: Callable[[str], str]) -> list[str]:
    """The labels in a cell, in its order."""
    try:
        labels = _read_list(cell) if cell.startswith("[") and cell.endswith("]") else None
        if labels is None and cell.startswith(('["', "['")):
            raise ValueError("not closed")
    except ValueError:
        message = f"invalid list of labels: {quote_name(cell)}"
        raise DataError(message, where=locate(cell), hint='as in ["a", "b"]') from None
    if labels is None:
        labels = split_list(cell, separator) if separator else [cell]
    if len(labels) > MAX_ITEMS:
        raise DataError(f"too many labels in a cell: got {len(labels):,}", where=locate(cell))
    return [name for label in labels if (name := label.strip())]


def _read_list(cell: str) -> list[str] | None:
    """The items of a list as JSON, Python or numpy write it; None if it is not a list.

    Raises ValueError for a JSON array of anything but texts and numbers, and for a text with an unpaired surrogate.
    """
    try:
        items = json.loads(cell, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        items = None
    if isinstance(items, list):
        if not all(isinstance(item, str) and item.encode() is not None for item in items):
            raise ValueError("not texts and numbers")
        return items
    if WRITTEN_LIST.fullmatch(cell) is None:
        return None
    return [_unquote(item) for item in re.findall(ITEM, cell[1:-1])]


def _unquote(item: str) -> str:
    return re.sub(r"\\(.)", r"\1", item[1:-1]) if item[0] in "'\"" else item


def _read_indicators(table: Table, names: Sequence[str]) -> pl.Series:
    """The label set of each row of columns of 0 and 1."""
    has_label = {}
    for name, raw in zip(names, table.columns(names, setting="task.label"), strict=True):
        values = raw.str.strip_chars().str.to_lowercase()
        invalid = values.is_in([*ON, *OFF]).not_()
        if invalid.any():
            row = int(invalid.arg_true()[0])
            found = f"got {quote_name(raw[row])}" if values[row] else "got an empty value"
            message = f'{found} in column "{name}", expected 0 or 1'
            raise DataError(message, where=table.location(row), hint=VALUES_HINT)
        has_label[name] = values.is_in(ON)
    named = [pl.when(has_label[name]).then(pl.lit(name)) for name in sorted(has_label)]
    return pl.select(pl.concat_list(named).list.drop_nulls()).to_series().alias("label")
