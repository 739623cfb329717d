"""The lines of a text file on which the rows of its table begin, and its byte-order mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.files.encoding import BOM
from zoo_core.data.files.sources import is_stream

CHUNK_BYTES = 1 << 22


def has_bom(path: str) -> bool:
    """Whether a file begins with a UTF-8 byte-order mark; False if it cannot be read again."""
    if is_stream(path):
        return False
    try:
        with Path(path).open("rb") as stream:
            return stream.read(len(BOM)) == BOM
    except OSError:
        return False


def line_numbers(table: Table, rows: Sequence[int]) -> Mapping[int, int]:
    """The line (from 1) on which each of these rows (from 1) begins; empty if that is uncertain.

    It is certain if each line is a row, or if the file has a header, no blank lines, and just the line breaks that
    separate its rows or are inside its cells.
    """
    if table.origin != "file" or not rows or is_stream(table.source):
        return {}
    num_lines = _count_lines(table.source)
    if num_lines is None:
        return {}
    if num_lines == table.frame.height:
        return {row: row for row in rows}
    inside = table.frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))).to_series()
    header_lines = 1 + sum(name.count("\n") for name in table.frame.columns)
    if num_lines != header_lines + table.frame.height + int(inside.sum()):
        return {}
    inside_before = np.concatenate(([0], np.cumsum(inside.to_numpy().astype(np.int64))))
    return {row: header_lines + row + int(inside_before[row - 1]) for row in rows}


def _count_lines(path: str) -> int | None:
    """The number of lines of a file; None if it is compressed, in another format, or cannot be read."""
    count, last = 0, b""
    try:
        with Path(path).open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if b"\0" in chunk:
                    return None
                count += chunk.count(b"\n")
                last = chunk[-1:]
    except OSError:
        return None
    return count + (last not in (b"", b"\n"))
