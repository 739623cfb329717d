"""Faulty readers: rows, bytes and line endings that are lost, and the ends and lines of rows."""

from __future__ import annotations

import csv
import io
import json

import polars as pl

from tests.contracts.faulty import faulty
from tests.contracts.faulty.readers import reads, table
from zoo_core.errors import DataError
from zoo_formats.fasttext_reader import FastText
from zoo_formats.json_readers import JSONLines
from zoo_formats.sqlite_reader import SQLite
from zoo_textbook.readers import CSV, TSV, Lines


def parsed(lines, **options):
    """The table that the csv module makes of lines."""
    rows = [row for row in csv.reader(lines, **options) if row]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise DataError("rows of several lengths")
    columns = zip(*rows[1:], strict=True) if rows[1:] else [()] * len(rows[0])
    return pl.DataFrame(
        {name: list(column) for name, column in zip(rows[0], columns, strict=True)}, dict.fromkeys(rows[0], pl.String)
    )


def decoded(stream, errors="strict"):
    csv.field_size_limit(1 << 30)
    return stream.read().decode("utf-8", errors)


def correct(stream):
    return parsed(io.StringIO(decoded(stream), newline=""))


def changed(change, *, base=CSV):
    """A reader that changes the text of a file before it is parsed."""
    return reads(lambda s: parsed(io.StringIO(change(decoded(s)), newline="")), base)


def values(change, base=CSV):
    return reads(lambda s: base().read(s).with_columns(change(pl.all())), base)


def of_lines(call):
    return reads(lambda s: pl.DataFrame({"text": call(decoded(s))}, {"text": pl.String}), Lines)


def json_lines(convert, lines=str.splitlines):
    def read(stream):
        try:
            rows = [json.loads(line) for line in lines(decoded(stream)) if line.strip()]
        except ValueError as error:
            raise DataError(str(error)) from None
        if not all(isinstance(row, dict) for row in rows):
            raise DataError("not an object")
        return pl.DataFrame([{name: convert(value) for name, value in row.items()} for row in rows])

    return reads(read, JSONLines)


def texts(value):
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def ends(call, base=CSV):
    return faulty(base, complete_rows=lambda self, data: call(self, data))


def line_of(call, base=CSV):
    return faulty(base, line_of_row=lambda self, stream, row: call(stream.read(), row))


def whole_lines(reader, data):
    """The last newline, whatever encloses it."""
    start, end = CSV.complete_rows(reader, data)
    return (start, data.rfind(b"\n") + 1) if end and data.count(b'"') % 2 == 0 else (start, end)


def one_too_far(reader, data):
    start, end = CSV.complete_rows(reader, data)
    return start, len(data) if end else 0


def at_returns(reader, data):
    """Behind the carriage return of the last line."""
    end = data.rfind(b"\n") + 1
    return 0, end - 1 if data[end - 2 : end] == b"\r\n" else end


def of_example(change):
    return faulty(SQLite, read=lambda self, stream: change(SQLite.read(self, stream)))


def truncated(stream):
    data = stream.read()
    return SQLite().read(io.BytesIO(data)) if len(data) > 5000 else data[10_000]


SLOW = True
SOUND = [
    reads(correct),
    json_lines(texts, lambda text: text.split("\n")),
    of_lines(lambda t: [line.removesuffix("\r") for line in t.removesuffix("\n").split("\n")]),
]
FAULTS = [
    ("reads-any-line-ending", "loses a last row without newline", of_lines(lambda t: t.split("\n")[:-1])),
    ("reads-any-line-ending", "keeps carriage returns", of_lines(lambda t: t.removesuffix("\n").split("\n"))),
    ("reads-any-line-ending", "a last row is cut", changed(lambda text: text[: text.rfind("\n") + 1])),
    (
        "keeps-line-endings",
        "a lone return becomes a newline",
        changed(lambda t: t.replace("\r\n", "\n").replace("\r", "\n")),
    ),
    ("keeps-line-endings", "universal newlines", reads(lambda s: parsed(io.StringIO(decoded(s), newline=None)))),
    ("keeps-line-endings", "quoted newlines are lost", reads(lambda s: parsed(decoded(s).splitlines()))),
    ("keeps-line-endings", "quoted newlines become spaces", values(lambda c: c.str.replace_all("\n", " "))),
    ("keeps-values-unchanged", "splits at U+2028 and U+0085", of_lines(str.splitlines)),
    ("keeps-values-unchanged", "splits JSON at U+2028", json_lines(texts)),
    ("keeps-values-unchanged", "strips spaces", values(lambda c: c.str.strip_chars())),
    (
        "keeps-values-unchanged",
        "skips spaces behind a delimiter",
        reads(lambda s: parsed(io.StringIO(decoded(s), newline=""), skipinitialspace=True)),
    ),
    ("keeps-values-unchanged", "null is missing", values(lambda c: c.replace(["NA", "null", "None"], ""))),
    (
        "keeps-values-unchanged",
        "numbers are floats",
        json_lines(lambda v: str(float(v)) if isinstance(v, int) else texts(v), lambda t: t.split("\n")),
    ),
    (
        "keeps-values-unchanged",
        "dates and numbers are typed",
        reads(
            lambda s: pl.read_csv(s.read(), try_parse_dates=True, infer_schema_length=1).cast(pl.String).fill_null("")
        ),
    ),
    ("keeps-values-unchanged", "a byte-order mark inside", changed(lambda text: text.replace("\ufeff", ""))),
    ("keeps-values-unchanged", "backslashes escape", values(lambda c: c.str.replace_all("\\n", "\n", literal=True))),
    ("keeps-values-unchanged", "composes characters", values(lambda c: c.str.normalize("NFC"))),
    ("keeps-values-unchanged", "tabs become spaces", values(lambda c: c.str.replace_all("\t", " "))),
    (
        "keeps-values-unchanged",
        "comments are skipped",
        changed(lambda t: "".join(row for row in io.StringIO(t, newline="") if not row.startswith("#"))),
    ),
    ("keeps-values-unchanged", "drops quotes", values(lambda c: c.str.replace_all('"', ""))),
    ("keeps-values-unchanged", "cuts long values", values(lambda c: c.str.slice(0, 32_767))),
    ("keeps-values-unchanged", "a last empty field is lost", changed(lambda t: t.replace(",\n", "\n"))),
    ("keeps-every-row", "drops repeated rows", reads(lambda s: correct(s).unique(maintain_order=True))),
    ("keeps-every-row", "at most 1,000 rows", reads(lambda s: correct(s).head(1000))),
    ("keeps-every-row", "drops empty rows", reads(lambda s: correct(s).filter(pl.any_horizontal(pl.all() != "")))),
    ("keeps-every-row", "sorts rows", reads(lambda s: correct(s).sort(pl.all()))),
    ("keeps-every-row", "drops rows without a label", reads(lambda s: correct(s).filter(pl.last() != ""))),
    (
        "loses-no-byte",
        "bytes that are no UTF-8 are left out",
        reads(lambda s: table(io.BytesIO(decoded(s, "ignore").encode()))),
    ),
    (
        "loses-no-byte",
        "bytes that are no UTF-8 are replaced",
        reads(lambda s: table(io.BytesIO(decoded(s, "replace").encode()))),
    ),
    ("chunks-equal-whole-file", "the last newline, in quotes too", ends(whole_lines)),
    ("chunks-equal-whole-file", "the end of the data", ends(one_too_far)),
    ("chunks-equal-whole-file", "between a return and a newline", ends(at_returns, Lines)),
    ("chunks-equal-whole-file", "the end of the data, if a row ends there", ends(lambda r, d: (0, len(d)), FastText)),
    ("line-of-row-is-correct", "counts rows, not lines", line_of(lambda d, row: row + 2)),
    (
        "line-of-row-is-correct",
        "the last line of a row",
        line_of(lambda d, row: CSV().line_of_row(io.BytesIO(d), row + 1) - 1),
    ),
    (
        "line-of-row-is-correct",
        "lines that end at U+2028",
        line_of(
            lambda d, row: (
                len("".join(d.decode().splitlines(True)[: CSV().line_of_row(io.BytesIO(d), row)]).splitlines())
                + d.decode().count("\u2028")
            )
        ),
    ),
    ("reads-its-example", "loses the last row", of_example(lambda frame: frame.head(-1))),
    (
        "reads-its-example",
        "strips its columns",
        of_example(lambda frame: frame.with_columns(pl.all().str.strip_chars())),
    ),
    (
        "rejects-damaged-files",
        "another error for half a file",
        faulty(SQLite, read=lambda self, stream: truncated(stream)),
    ),
    (
        "sniff-accepts-any-bytes",
        "decodes the cut end of the head",
        faulty(TSV, sniff=lambda self, head: "\t" in head.decode()),
    ),
]
