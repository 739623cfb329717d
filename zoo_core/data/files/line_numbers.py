"""On which lines of a text file the rows of its table begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.files.sources import is_stream

MARK = b"\xef\xbb\xbf"
CHUNK_BYTES = 1 << 22  # bytes


def has_bom(path: str) -> bool:
    """Whether a file begins with a byte-order mark; False where it cannot be read again."""
    if is_stream(path):
        return False
    try:
        with Path(path).open("rb") as stream:
            return stream.read(len(MARK)) == MARK
    except OSError:
        return False


def line_numbers(table: Table, rows: Sequence[int]) -> Mapping[int, int]:
    """The line on which each of these rows (from 1) begins, where that is certain; nothing where it is not.

    It is, where the line breaks of the file are those between the rows and those in the cells: a header and the rows,
    no blank line; or a row on each line.
    """
    if table.origin != "file" or not rows or is_stream(table.source):
        return {}
    count, last = 0, b""
    try:
        with Path(table.source).open("rb") as stream:
            while piece := stream.read(CHUNK_BYTES):
                if b"\0" in piece:  # packed, or of another format
                    return {}
                count += piece.count(b"\n")
                last = piece[-1:]
    except OSError:
        return {}
    count += last not in (b"", b"\n")
    if count == table.frame.height:
        return {row: row for row in rows}
    inside = table.frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))).to_series()
    names = sum(name.count("\n") for name in table.frame.columns)
    if count != 1 + names + table.frame.height + int(inside.sum()):
        return {}
    begins = np.concatenate(([0], np.cumsum(inside.to_numpy().astype(np.int64))))
    return {row: 1 + names + row + int(begins[row - 1]) for row in rows}
