"""The inputs of readers: tables of unusual values, and the files that plain formats make of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet
from functools import partial

from attrs import frozen

from zoo_core.testing.input_sets import InputSet

Columns = dict[str, list[str]]
MANY_ROWS = 1500
LONG = 200_000  # characters: more than the csv module's limit and than a cell of a spreadsheet holds

VALUES = {
    "words for missing values": ["NA", "", "null", "None", "nan", "N/A", "-"],
    "numbers, truth values and dates": [
        "007",
        "1.0",
        "1e5",
        "12345678901234567890",
        "0.1000",
        "-0",
        "true",
        "2020-01-02",
        "12:30",
    ],
    "spaces at the ends": [" left", "right ", "  both  ", " ", "a  b", "\u00a0fixed\u00a0", "\u3000wide"],
    "characters of many scripts": ["Ünïcode ☕ 名前", "e\u0301 and é", "👩‍🚀", "ﬁne", "Straße", "ไทย", "שלום"],
    "characters that some programs take for line ends": [
        "a\u2028b",
        "a\u2029b",
        "a\x85b",
        "a\x0bb",
        "a\x0cb",
        "a\x1cb\x1d\x1e",
    ],
    "marks inside": ["a\ufeffb", "\ufeffmark", "a\u200bb", "a\u00adb", "a\x07b"],
    "backslashes": ["a\\nb", "C:\\new", "\\N", "\\", "\\u0041", "%20", "&amp;"],
    "comments and formulas": ["#tag", "// no", "=1+1", "@name", "--", "'quoted'", "/* */"],
    "delimiters": ["a,b", "a;b", "a|b", "a\tb", ",", ",,"],
    "quotes": ['say "so"', '"', '""', '"a"', '",', '"a","b"'],
    "a long value": ["x" * LONG, "short", "y" * 40_000],
}
LINE_ENDS = {
    "newlines": ["two\nlines", "\n", "a\n\nb", "ends\n"],
    "CRLF": ["two\r\nlines", "\r\n", "a\r\n\r\nb"],
    "lone carriage returns": ["two\rlines", "a\rb\rc", "ends\r"],
    "a newline beside quotes": ['"a"\n"b"', '"\n', '\n"'],
}
LETTERS = ["one", "two", "three"]


def _table(texts: list[str], *, turned: bool = False) -> Columns:
    """Texts and their labels; `turned` puts them into the last column."""
    labels = ["good", "bad", ""]
    columns = {"text": texts, "label": [labels[row % 3] or "other" for row in range(len(texts))]}
    return dict(reversed(columns.items())) if turned else columns


def _numbered(rows: int) -> Columns:
    return _table([f"text {row}" for row in range(rows)])


TABLES = InputSet[Columns](
    "tables of unusual values",
    1,
    {
        **{name: partial(_table, values) for name, values in (VALUES | LINE_ENDS).items()},
        **{
            f"{name}, in the last column": partial(_table, values, turned=True)
            for name, values in (VALUES | LINE_ENDS).items()
        },
        "one row": partial(_numbered, 1),
        "12 rows": partial(_numbered, 12),
        f"{MANY_ROWS:,} rows": partial(_numbered, MANY_ROWS),
        "repeated rows": lambda: {
            "text": ["same", "same", "same", "other", "same"],
            "label": ["1", "1", "2", "1", "1"],
        },
        "rows without an order": lambda: {"text": ["b", "a", "c", "a"], "label": ["2", "3", "1", "0"]},
        "empty fields in the last column": lambda: {"text": ["a", "b", "c"], "label": ["", "1", ""]},
        "empty fields in a row": lambda: {"text": ["a", "", "c"], "label": ["1", "", "2"]},
        "repeated empty rows": lambda: {"text": ["", "", "a", ""], "label": ["1", "1", "1", "1"]},
        "names of columns as they are": lambda: {"Text A": ["a", "b"], "größe": ["1", "2"], "3": ["x", "y"]},
        "twenty columns": lambda: {f"column {number}": LETTERS for number in range(20)},
    },
)


@frozen
class Format:
    """A plain format: it writes columns with a line end, says which values it can hold, and what it names columns."""

    name: str
    write: Callable[[Columns, str], bytes]
    can_hold: Callable[[str], bool]
    suffixes: AbstractSet[str]
    only: str = ""  # the name of its only column
    is_quoted: bool = False

    def holds(self, columns: Columns) -> Columns:
        """The columns that a file in this format has: the values that it can hold, in every column."""
        if self.only:
            columns = {self.only: columns.get("text", [])}
        rows = [row for row in zip(*columns.values(), strict=True) if all(map(self.can_hold, row))]
        held = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
        return {name: list(column) for name, column in zip(columns, held, strict=True)}

    def line_of_rows(self, columns: Columns) -> list[int]:
        """The line on which each row starts, of a file with newlines at the ends of rows."""
        rows = range(len(next(iter(columns.values()))))
        before = [{name: values[:row] for name, values in columns.items()} for row in rows]
        return [1 + self.write(head, "\n").count(b"\n") for head in before]


def _quoted(delimiter: str, columns: Columns, end: str) -> bytes:
    def field(value: str) -> str:
        return (
            '"' + value.replace('"', '""') + '"'
            if set(value) & {delimiter, '"', "\r", "\n"} or value != value.strip()
            else value
        )

    rows = [list(columns), *zip(*columns.values(), strict=True)]
    return "".join(delimiter.join(map(field, row)) + end for row in rows).encode()


def _plain(delimiter: str, columns: Columns, end: str) -> bytes:
    return "".join(delimiter.join(row) + end for row in [list(columns), *zip(*columns.values(), strict=True)]).encode()


def _json_lines(columns: Columns, end: str) -> bytes:
    rows = zip(*columns.values(), strict=True)
    return "".join(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + end for row in rows).encode()


def _json_array(columns: Columns, end: str) -> bytes:
    rows = [json.dumps(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
    return f"[{end}{f',{end}'.join(rows)}{end}]{end}".encode()


def _lines(columns: Columns, end: str) -> bytes:
    return "".join(value + end for value in next(iter(columns.values()))).encode()


def _without(*characters: str) -> Callable[[str], bool]:
    return lambda value: not set(value) & set(characters)


DELIMITERS = {"commas": ",", "semicolons": ";", "tabs": "\t", "bars": "|"}
SUFFIXES = {",": {".csv"}, ";": {".csv"}, "\t": {".tsv", ".tab"}, "|": {".psv"}}
QUOTED = tuple(
    Format(f"CSV with {name}", partial(_quoted, one), lambda _: True, SUFFIXES[one], is_quoted=True)
    for name, one in DELIMITERS.items()
)
UNQUOTED = tuple(
    Format(f"unquoted with {name}", partial(_plain, one), _without(one, '"', "\r", "\n"), SUFFIXES[one])
    for name, one in DELIMITERS.items()
)
JSON_LINES = Format("JSON Lines", _json_lines, lambda _: True, {".jsonl", ".ndjson"})
JSON_ARRAY = Format("a JSON array", _json_array, lambda _: True, {".json"})
LINES = Format("lines", _lines, _without("\r", "\n"), {".txt"}, only="text")
NUMBERS = {  # of JSON, as they are written
    JSON_LINES.name: b'{"text": "a", "n": 12345678901234567890}\n{"text": "b", "n": 7}\n{"text": "c", "n": 0.1}\n',
    JSON_ARRAY.name: b'[{"text": "a", "n": 12345678901234567890}, {"text": "b", "n": 7}, {"text": "c", "n": 0.1}]\n',
}
NUMBER_COLUMNS = {"text": ["a", "b", "c"], "n": ["12345678901234567890", "7", "0.1"]}
FORMATS = (QUOTED, UNQUOTED, (JSON_LINES,), (JSON_ARRAY,), (LINES,))  # of each group, the first that a reader reads


def tables_of(format_: Format, names: Collection[str] = ()) -> Iterator[tuple[str, Columns]]:
    """The tables of these names, all if empty, as far as a format can hold them, each with its description."""
    for description, columns in TABLES:
        held = format_.holds(columns)
        if next(iter(held.values()), []) and (not names or description in names):
            yield description, held


def ends_of(format_: Format, columns: Columns) -> Iterator[tuple[str, bytes]]:
    """Files with other ends of lines, each with its description."""
    data = format_.write(columns, "\n")
    yield "newlines", data
    yield "no last newline", data.removesuffix(b"\n")
    if format_ is not JSON_ARRAY:
        returns = format_.write(columns, "\r\n")
        yield "CRLF", returns
        yield "CRLF, but none at the end", returns.removesuffix(b"\r\n")
