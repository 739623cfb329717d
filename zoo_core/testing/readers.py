"""What readers promise."""

from __future__ import annotations

import io
from typing import cast

import polars as pl

from zoo_core.contracts import Reader
from zoo_core.errors import DataError
from zoo_core.testing.cases import Subject, check


@check("reader", "every file is shown to every reader")
def sniffs_anything(subject: Subject) -> None:
    for head in (b"", b"\n", b'"', b"a,b\n1,2\n", b"a\tb\n", "é".encode(), bytes(range(1, 128))):
        assert isinstance(cast(Reader, subject.part).sniff(head), bool)


@check("reader", "columns are strings without holes, or the fault is told")
def reads_strings_or_tells(subject: Subject) -> None:
    for data in (b"text,label\nNA,1\n,2\n", b'"1","good"\n"2","bad"\n', b"text\tlabel\nnull\t1\n", b'"', b"x"):
        try:
            frame = cast(Reader, subject.part).read(io.BytesIO(data))
        except DataError:
            continue
        assert all(dtype == pl.String for dtype in frame.dtypes), frame.schema
        assert frame.null_count().sum_horizontal().sum() == 0
