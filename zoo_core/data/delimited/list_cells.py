"""Lists of labels in formats whose cells hold one text: joined so that they can be taken apart again."""

from __future__ import annotations

import re

import polars as pl

SEPARATOR, ESCAPE = "|", "\\"
SPECIAL = r"([|\\])"  # of the items: the separator, and what escapes it


def join_lists(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with columns of lists of texts as texts: joined by `|`, with a backslash before `|` and `\\` in items.

    >>> join_lists(pl.DataFrame({"labels": [["a", "b"], ["a|b"]]}))["labels"].to_list()
    ['a|b', 'a\\\\|b']
    """
    lists = [column for column in frame if column.dtype == pl.List(pl.String)]
    escaped = pl.element().str.replace_all(SPECIAL, r"\${1}")
    return frame.with_columns(column.list.eval(escaped).list.join(SEPARATOR) for column in lists)


def split_list(cell: str, separator: str = SEPARATOR) -> list[str]:
    r"""The items of a cell that `join_lists` made, or one that has another separator, escaped in the same way.

    >>> split_list("a|b"), split_list("a\\|b"), split_list("a, b", ", ")
    (['a', 'b'], ['a|b'], ['a', 'b'])
    """
    if ESCAPE not in cell:
        return cell.split(separator)
    sign = re.escape(separator)
    items, start = [""], 0
    for found in re.finditer(rf"\\(?P<escaped>{sign}|\\)|{sign}", cell):
        items[-1] += cell[start : found.start()] + (found["escaped"] or "")
        start = found.end()
        if found["escaped"] is None:
            items.append("")
    items[-1] += cell[start:]
    return items
