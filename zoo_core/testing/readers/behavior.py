"""Checks of readers."""

from __future__ import annotations

import io
from typing import cast

import polars as pl

from zoo_core.components.contracts import Reader
from zoo_core.components.kinds import setting_fields
from zoo_core.errors import DataError
from zoo_core.testing.checks import Subject, register_check, skip

HEADS = (b"", b"\n", b'"', b"a,b\n1,2\n", b"a\tb\n", "é".encode(), "a\té".encode()[:-1], bytes(range(1, 128)))
HEADS_OF_FORMATS = (b"", b"zyzzyva\n", b"a,b\n1,2\n", b"a\tb\n", b'{"a": 1}\n', b"PK\x03\x04")
SMALL_FILES = (b"text,label\nNA,1\n,2\n", b'"1","good"\n"2","bad"\n', b"text\tlabel\nnull\t1\n", b'"', b"x")


@register_check("reader", "every reader must be able to sniff every file")
def sniff_accepts_any_bytes(subject: Subject) -> None:
    for head in HEADS:
        is_recognized = cast(Reader, subject.component).sniff(head)
        assert isinstance(is_recognized, bool), f"sniff returns {is_recognized!r} for {head!r}, not a bool"


@register_check("reader", "an exclusive or binary reader is preferred to all others")
def sniff_is_specific(subject: Subject) -> None:
    reader = cast(Reader, subject.component)
    if not (reader.exclusive or reader.binary):
        skip("it is neither exclusive nor binary")
    recognized = [head for head in HEADS_OF_FORMATS if reader.sniff(head)]
    assert len(recognized) <= 1, f"it recognizes {' and '.join(map(repr, recognized))}"


@register_check("reader", "the part of a file, as in FILE::PART, must be a setting that is a string")
def part_is_a_setting(subject: Subject) -> None:
    reader = cast(Reader, subject.component)
    if not reader.part_setting:
        skip("it reads whole files")
    types = {field.name: field.type for field in setting_fields(type(reader))}
    assert types.get(reader.part_setting) is str, (
        f'part_setting names "{reader.part_setting}", which is not such a setting'
    )


@register_check("reader", "columns must be strings without nulls, or reading must raise a DataError")
def reads_strings_or_raises(subject: Subject) -> None:
    for data in SMALL_FILES:
        try:
            frame = cast(Reader, subject.component).read(io.BytesIO(data))
        except DataError:
            continue
        assert all(dtype == pl.String for dtype in frame.dtypes), frame.schema
        missing = frame.null_count().sum_horizontal().sum()
        assert missing == 0, f"{missing} values are null: a missing value is an empty string"
