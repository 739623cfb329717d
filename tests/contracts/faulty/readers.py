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
        "reads-strings-or-tells",
        "NA becomes a hole",
        reads(lambda s: table(s).with_columns(pl.all().replace("NA", None))),
    ),
    (
        "reads-strings-or-tells",
        "an empty field becomes a hole",
        reads(lambda s: table(s).with_columns(pl.all().replace("", None))),
    ),
    ("reads-strings-or-tells", "numbers for strings", reads(typed)),
    ("reads-strings-or-tells", "a fault of another kind", reads(not_told)),
    (
        "keeps-every-row-as-it-stands",
        "leading zeros are lost",
        reads(lambda s: table(s).with_columns(pl.all().str.strip_chars_start("0"))),
    ),
    ("keeps-every-row-as-it-stands", "empty lines are lost", reads(full_lines, Lines)),
    ("keeps-every-row-as-it-stands", "the first row is the header", reads(lambda s: table(s).slice(1))),
    (
        "keeps-every-row-as-it-stands",
        "null becomes empty",
        reads(lambda s: table(s).select(pl.all().replace("null", ""))),
    ),
    ("tells-the-line-of-a-row", "counts from the header", faulty(CSV, line_of_row=lambda self, stream, row: row + 1)),
    ("sniffs-anything", "no bool", sniffs(lambda head: b"," in head or None)),
    ("sniffs-anything", "an empty file crashes", sniffs(lambda head: head[0] == ord('"'))),
    ("sniffs-anything", "not UTF-8", sniffs(lambda head: head.decode("ascii").isprintable())),
    ("sniffs-only-its-own", "every file is its own", sniffs(lambda head: True, YelpPolarity)),
    (
        "pieces-are-the-whole",
        "cuts inside quotes",
        faulty(CSV, complete_rows=lambda self, data: (data.find(b"\n") + 1, data.rfind(b"\n") + 1)),
    ),
    (
        "pieces-are-the-whole",
        "forgets the keys",
        faulty(JSONLines, complete_rows=lambda self, data: (0, data.rfind(b"\n") + 1)),
    ),
    ("pieces-are-the-whole", "cuts inside a line", faulty(Lines, complete_rows=lambda self, data: (0, len(data)))),
    ("pieces-are-the-whole", "knows no lines", faulty(Lines, line_of_row=lambda self, stream, row: 0)),
]
