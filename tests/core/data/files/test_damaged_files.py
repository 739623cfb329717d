"""Damaged files: an independent parser gives the same table, or an error on the same line.

`pytest tests/core/data/files/test_damaged_files.py --damaged 1000000` takes longer.
"""

from __future__ import annotations

import json
import random

import pytest

from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError

CSV = (
    'label,text,note\ngood,"Soup, ""hot"" and\nfine",a\n\nbad,caf\u00e9 \U0001f35c,\nbad,NA,"x"\r\n'
    'good,-1,"two\n\nlines, ""both"""\nbad,"",z\n'
).encode()
JSONL = (
    '{"label": "good", "text": "Soup, \\"hot\\"", "n": 1.50}\n'
    '{"label": "bad", "text": "caf\u00e9 \\ud83c\\udf5c", "n": null}\n\n'
    '{"text": "NA", "label": "bad", "n": true}\r\n{"label": "good", "text": "a\\nb", "n": -1e3}\n'
).encode()
BITS = [
    b'"',
    b'""',
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"a",
    b" ",
    b"{",
    b"}",
    b"\\",
    b":",
    b"1",
    b"[]",
]

Read = tuple[list[str], list[list[str]]]


class Fault(Exception):
    """An error in a file, and its line; 0 for the whole file."""

    def __init__(self, line: int) -> None:
        self.line = line


def damaged(data: bytes, draw: random.Random) -> bytes:
    """One to three bytes or spans changed, removed, inserted, moved or truncated."""
    for _ in range(draw.randint(1, 3)):
        at, stop = sorted(draw.randint(0, len(data)) for _ in range(2))
        stop = min(stop, at + draw.choice((1, 2, 30)))
        there = draw.randint(0, len(data))
        data = draw.choice(
            (
                data[:at] + data[stop:],
                data[:at] + draw.choice(BITS) + data[at:],
                data[:at] + draw.choice(BITS) + data[at + 1 :],
                data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :],
                data[:there] + data[at:stop] + data[there:],
                data[: max(at, 1)],
            )
        )
    return data


def text_of(data: bytes) -> str:
    if not data:
        raise Fault(0)
    if b"\0" in data:
        raise Fault(data[: data.index(b"\0")].count(b"\n") + 1)
    for line, part in enumerate(data.split(b"\n"), start=1):
        try:
            part.decode()
        except UnicodeDecodeError:
            raise Fault(line) from None
    return data.decode()


def csv_rows(text: str):
    """`(line on which it begins, fields)` of each row, parsed character by character as RFC 4180 says."""
    ends = "\n" if "\n" in text else "\r"
    line, begun, opened, at = 1, 1, 1, 0
    fields: list[str] = []
    field, state = "", "start"
    while at <= len(text):
        letter = text[at : at + 1]
        if state == "quoted":
            if not letter:
                raise Fault(opened)
            if letter == '"':
                state = "closed"
            else:
                field += letter
        elif letter == '"' and state in ("start", "closed"):
            if state == "start":
                opened = line
            field, state = field + '"' * (state == "closed"), "quoted"
        elif letter in (",", "\r", "\n", ""):
            empty = state == "start" and not fields and letter != ","
            if not (letter == "" and empty):
                fields.append(field)
            field, state = "", "start"
            if letter != ",":
                if letter or not empty:
                    yield begun, [] if empty else fields
                fields = []
                if letter == "\r" and text[at + 1 : at + 2] == "\n":
                    at, letter = at + 1, "\n"
        elif state == "closed":
            raise Fault(begun)
        else:
            field, state = field + letter, "plain"
        line += letter == ends
        if not fields and state == "start" and letter != ",":
            begun = line
        at += 1


def read_csv(text: str) -> Read:
    names: list[str] = []
    rows = []
    for line, fields in csv_rows(text):
        if not fields and len(names) != 1:
            continue
        row = fields or [""]
        if len(names or set(row)) != len(row):
            raise Fault(line)
        if names:
            rows.append(row)
        names = names or row
    return names, rows


def plain(value) -> str:
    return {None: "", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else value


def once(pairs: list) -> dict:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def read_jsonl(text: str) -> Read:
    names: dict[str, bool] = {}  # whether all values of a key are texts or numbers
    found_rows: list[dict] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip(" \t\r"):
            continue
        try:
            found = json.loads(
                line,
                object_pairs_hook=once,
                parse_int=str,
                parse_float=str,
                parse_constant=lambda _: {},
            )
            right = len(found) > 0
            for name, value in found.items():
                names[name] = names.get(name, True) and not isinstance(value, list | dict)
                assert not value or not isinstance(value, dict), "an object inside, which is tested elsewhere"
                name.encode()
            found_rows.append({name: plain(found[name]) for name in found if not isinstance(found[name], list | dict)})
            "".join(found_rows[-1].values()).encode()
        except (ValueError, LookupError, TypeError, AttributeError):
            right = False
        if not right:
            raise Fault(number)
    texts = [name for name in names if names[name]]
    return texts, [[row.get(name, "") for name in texts] for row in found_rows]


KINDS = {"csv": (CSV, read_csv), "jsonl": (JSONL, read_jsonl)}


def compare(registry, path, reader: str, data: bytes) -> bool:
    """Compare the table of a file with that of the independent parser; whether it could be read."""
    path.write_bytes(data)
    try:
        names, rows = KINDS[reader][1](text_of(data))
        expected = [names, *rows] if rows else Fault(0)
    except Fault as fault:
        expected = fault
    try:
        frame = read_table(path, registry, reader=reader).frame
    except DataError as error:
        assert isinstance(expected, Fault), (data, str(error))
        where = error.problems[0].where
        assert where == (f"{path}:{expected.line}" if expected.line else str(path)), (data, str(error), expected.line)
        return False
    assert expected == [frame.columns, *map(list, frame.rows())], (data, getattr(expected, "line", expected))
    return True


@pytest.mark.parametrize("reader", KINDS)
def test_reads_a_damaged_file_exactly_or_rejects_it_with_its_line(registry, tmp_path, pytestconfig, reader):
    files = pytestconfig.getoption("damaged")
    draw, read = random.Random(f"damaged {reader}"), 0
    whole = KINDS[reader][0]
    assert compare(registry, tmp_path / "data", reader, whole)
    for _ in range(files):
        data = damaged(whole, draw)
        if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16, which is tested elsewhere
            read += compare(registry, tmp_path / "data", reader, data)
    assert files // 50 < read < files - files // 50  # neither all valid nor all invalid
