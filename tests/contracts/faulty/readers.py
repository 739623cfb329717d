"""Faulty readers."""

from __future__ import annotations

import io

import polars as pl

from tests.contracts.faulty import faulty
from zoo_core.errors import DataError
from zoo_formats.json_readers import JSONLines
from zoo_textbook.readers import CSV, Lines
from zoo_yelp.readers import YelpPolarity


def table(stream):
    """A sound way to read a table with commas, to be spoilt."""
    try:
        return pl.read_csv(stream.read(), infer_schema=False).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise DataError(str(error)) from None


def typed(stream):
    try:
        return pl.read_csv(stream.read()).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise DataError(str(error)) from None


def not_told(stream):
    data = stream.read()
    if data == b'"':
        raise ValueError("what is this?")
    return table(io.BytesIO(data))


def reads(call, base=CSV, **members):
    members = {"complete_rows": lambda self, data: (0, 0), **members}  # where its rows end is the base's own affair
    return faulty(base, read=lambda self, stream: call(stream), **members)


def sniffs(call, base=CSV):
    return faulty(base, sniff=lambda self, head: call(head))


def full_lines(stream):
    return pl.DataFrame({"text": [line for line in stream.read().decode().splitlines() if line]})


SOUND = [reads(table)]
FAULTS = [
    (
        "reads-strings-or-raises",
        "NA becomes a hole",
        reads(lambda s: table(s).with_columns(pl.all().replace("NA", None))),
    ),
    (
        "reads-strings-or-raises",
        "an empty field becomes a hole",
        reads(lambda s: table(s).with_columns(pl.all().replace("", None))),
    ),
    ("reads-strings-or-raises", "numbers for strings", reads(typed)),
    ("reads-strings-or-raises", "a fault of another kind", reads(not_told)),
    (
        "keeps-values-unchanged",
        "leading zeros are lost",
        reads(lambda s: table(s).with_columns(pl.all().str.strip_chars_start("0"))),
    ),
    ("keeps-values-unchanged", "empty lines are lost", reads(full_lines, Lines)),
    ("keeps-values-unchanged", "the first row is the header", reads(lambda s: table(s).slice(1))),
    (
        "keeps-values-unchanged",
        "null becomes empty",
        reads(lambda s: table(s).select(pl.all().replace("null", ""))),
    ),
    ("line-of-row-is-correct", "counts from the header", faulty(CSV, line_of_row=lambda self, stream, row: row + 1)),
    ("sniff-accepts-any-bytes", "no bool", sniffs(lambda head: b"," in head or None)),
    ("sniff-accepts-any-bytes", "an empty file crashes", sniffs(lambda head: head[0] == ord('"'))),
    ("sniff-accepts-any-bytes", "not UTF-8", sniffs(lambda head: head.decode("ascii").isprintable())),
    ("sniff-is-specific", "every file is its own", sniffs(lambda head: True, YelpPolarity)),
    (
        "chunks-equal-whole-file",
        "cuts inside quotes",
        faulty(CSV, complete_rows=lambda self, data: (data.find(b"\n") + 1, data.rfind(b"\n") + 1)),
    ),
    (
        "chunks-equal-whole-file",
        "forgets the keys",
        faulty(JSONLines, complete_rows=lambda self, data: (0, data.rfind(b"\n") + 1)),
    ),
    ("chunks-equal-whole-file", "cuts inside a line", faulty(Lines, complete_rows=lambda self, data: (0, len(data)))),
    ("chunks-equal-whole-file", "knows no lines", faulty(Lines, line_of_row=lambda self, stream, row: 0)),
]
