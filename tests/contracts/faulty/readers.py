"""Faulty readers."""

from __future__ import annotations

import polars as pl

from tests.contracts.faulty import faulty
from zoo_textbook.readers import CSV, Lines
from zoo_yelp.readers import YelpPolarity


def table(stream, **options):
    return pl.read_csv(stream.read(), infer_schema=False, missing_utf8_is_empty_string=True, **options)


def reads(call, base=CSV, **members):
    return faulty(base, read=lambda self, stream: call(stream), **members)


def sniffs(call, base=CSV):
    return faulty(base, sniff=lambda self, head: call(head))


def full_lines(stream):
    return pl.DataFrame({"text": [line for line in stream.read().decode().splitlines() if line]})


FAULTS = [
    ("reads-strings-or-tells", "NA becomes a hole", reads(lambda stream: table(stream, null_values=["NA"]))),
    (
        "reads-strings-or-tells",
        "an empty field becomes a hole",
        reads(lambda s: pl.read_csv(s.read(), infer_schema=False)),
    ),
    ("reads-strings-or-tells", "numbers for strings", reads(lambda stream: pl.read_csv(stream.read()).fill_null(""))),
    (
        "reads-strings-or-tells",
        "a fault of another kind",
        reads(lambda stream: table(stream, n_rows=1 // len(stream.read()))),
    ),
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
    ("tells-the-line-of-a-row", "counts from the header", faulty(CSV, line=lambda self, stream, row: row + 1)),
    ("sniffs-anything", "no bool", sniffs(lambda head: b"," in head or None)),
    ("sniffs-anything", "an empty file crashes", sniffs(lambda head: head[0] == ord('"'))),
    ("sniffs-anything", "not UTF-8", sniffs(lambda head: head.decode("ascii").isprintable())),
    ("sniffs-only-its-own", "every file is its own", sniffs(lambda head: True, YelpPolarity)),
]
