"""Faulty readers."""

from __future__ import annotations

import io

import polars as pl
from attrs import evolve

from tests.contracts.faulty import faulty
from zoo_core.errors import DataError
from zoo_formats.json_readers import JSONLines
from zoo_textbook.readers import CSV, Lines
from zoo_yelp.readers import YelpPolarity


def table(stream):
    """Read a comma-separated table correctly."""
    try:
        return pl.read_csv(stream.read(), infer_schema=False).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise DataError(str(error)) from None


def typed(stream):
    try:
        return pl.read_csv(stream.read()).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise DataError(str(error)) from None


def wrong_error(stream):
    data = stream.read()
    if data == b'"':
        raise ValueError("what is this?")
    return table(io.BytesIO(data))


def reads(call, base=CSV, **members):
    members = {"complete_rows": lambda self, data: (0, 0), **members}  # the base class would find the ends of rows
    return faulty(base, read=lambda self, stream: call(stream), **members)


def sniffs(call, base=CSV):
    return faulty(base, sniff=lambda self, head: call(head))


def full_lines(stream):
    return pl.DataFrame({"text": [line for line in stream.read().decode().splitlines() if line]})


def without_header(reader, head):
    return evolve(reader, header=False), ""


SOUND = [reads(table)]
FAULTS = [
    (
        "reads-strings-or-raises",
        "NA becomes null",
        reads(lambda s: table(s).with_columns(pl.all().replace("NA", None))),
    ),
    (
        "reads-strings-or-raises",
        "an empty field becomes null",
        reads(lambda s: table(s).with_columns(pl.all().replace("", None))),
    ),
    ("reads-strings-or-raises", "numbers instead of strings", reads(typed)),
    ("reads-strings-or-raises", "an error of another class", reads(wrong_error)),
    (
        "keeps-values-unchanged",
        "drops leading zeros",
        reads(lambda s: table(s).with_columns(pl.all().str.strip_chars_start("0"))),
    ),
    ("keeps-values-unchanged", "drops empty lines", reads(full_lines, Lines)),
    ("keeps-values-unchanged", "drops the first row", reads(lambda s: table(s).slice(1))),
    (
        "keeps-values-unchanged",
        "null becomes empty",
        reads(lambda s: table(s).select(pl.all().replace("null", ""))),
    ),
    (
        "resolve-keeps-the-table",
        "gives another reader",
        faulty(CSV, resolve=lambda self, head: (Lines(), "")),
    ),
    ("resolve-keeps-the-table", "takes a header for a row", faulty(CSV, resolve=without_header)),
    ("resolve-keeps-the-table", "gives no note", faulty(CSV, resolve=lambda self, head: (self, None))),
    (
        "line-of-row-is-correct",
        "counts from the line after the header",
        faulty(CSV, line_of_row=lambda self, stream, row: row + 1),
    ),
    ("sniff-accepts-any-bytes", "returns None", sniffs(lambda head: b"," in head or None)),
    ("sniff-accepts-any-bytes", "fails for an empty file", sniffs(lambda head: head[0] == ord('"'))),
    ("sniff-accepts-any-bytes", "fails for UTF-8", sniffs(lambda head: head.decode("ascii").isprintable())),
    ("part-is-a-setting", "names no setting", faulty(CSV, part_setting="sheet")),
    ("sniff-is-specific", "recognizes every file", sniffs(lambda head: True, YelpPolarity)),
    (
        "chunks-equal-whole-file",
        "splits inside quotes",
        faulty(CSV, complete_rows=lambda self, data: (data.find(b"\n") + 1, data.rfind(b"\n") + 1)),
    ),
    (
        "chunks-equal-whole-file",
        "does not repeat the keys",
        faulty(JSONLines, complete_rows=lambda self, data: (0, data.rfind(b"\n") + 1)),
    ),
    ("chunks-equal-whole-file", "splits inside a line", faulty(Lines, complete_rows=lambda self, data: (0, len(data)))),
    ("chunks-equal-whole-file", "returns no line numbers", faulty(Lines, line_of_row=lambda self, stream, row: 0)),
]
