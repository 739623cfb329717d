"""JSON records → columns of strings: every value as it was written, or the line on which it cannot be one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import polars as pl

from zoo_core.data.files.limits import check_length
from zoo_core.errors import DataError

WHITESPACE_PATTERN = re.compile(r"[ \t\r\n]*")
BATCH_ROWS = 65536  # gathered before they become columns: strings of Python take ten times the memory
LITERALS = {None: "", True: "true", False: "false"}
Pairs = list[tuple[str, Any]]


def parse_json_lines(stream: BinaryIO, *, longest: int) -> pl.DataFrame:
    """A JSON object on each line, all with the same keys: every column as strings, without nulls.

    Numbers stay as they are written, null is the empty text. Blank lines are passed over. `longest` is how many
    characters a value may have. DataError, with a line number, for anything else.
    """
    return _build_frame(_iter_lines(stream), longest)


def parse_json_array(text: str, *, longest: int) -> pl.DataFrame:
    """The same for one array of objects, over as many lines as it likes."""
    return _build_frame(_iter_array(text), longest)


def _reject_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


DECODER = json.JSONDecoder(object_pairs_hook=list, parse_int=str, parse_float=str, parse_constant=_reject_constant)


def _iter_lines(stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(stream, start=1):
        text = line.decode("utf-8").strip(" \t\r\n")
        if text:
            found, end = _decode_value(text, 0, number)
            if end != len(text):
                raise DataError("more than one value on a line", where=str(number))
            yield number, found


def _iter_array(text: str) -> Iterator[tuple[int, Any]]:
    at, line, seen = _skip_space(text, 0), 1, 0
    if text[at : at + 1] != "[":
        raise DataError("this is no array of JSON objects", where="1")
    at = _skip_space(text, at + 1)
    while text[at : at + 1] != "]":
        line, seen = line + text.count("\n", seen, at), at
        found, at = _decode_value(text, at, line)
        yield line, found
        at = _skip_space(text, at)
        if text[at : at + 1] == ",":
            at = _skip_space(text, at + 1)
            if text[at : at + 1] == "]":
                raise DataError("a comma before the end of the array", where=str(line + text.count("\n", seen, at)))
        elif text[at : at + 1] != "]":
            raise DataError("not JSON: a comma or ] is missing", where=str(line + text.count("\n", seen, at)))
    if _skip_space(text, at + 1) != len(text):
        raise DataError("text after the end of the array", where=str(line + text.count("\n", seen, at)))


def line_of_item(text: str, row: int) -> int:
    """The line on which an object of an array begins; 0 where there is none such."""
    return next((line for at, (line, _) in enumerate(_iter_array(text)) if at == row), 0)


def _skip_space(text: str, at: int) -> int:
    found = WHITESPACE_PATTERN.match(text, at)
    return found.end() if found else at


def _decode_value(text: str, at: int, line: int) -> tuple[Any, int]:
    """A value and where it ends; `line` is where it begins."""
    try:
        return DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        place = line + text.count("\n", at, error.pos)
        raise DataError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", where=str(place)) from None
    except RecursionError:
        raise DataError("not JSON that a table could hold: nested too deep", where=str(line)) from None
    except ValueError as error:
        raise DataError(f"not JSON: {error}", where=str(line)) from None


def _build_frame(records: Iterator[tuple[int, Any]], longest: int) -> pl.DataFrame:
    names: list[str] = []
    parts: list[pl.DataFrame] = []
    rows: list[list[str]] = []

    def pack() -> None:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        parts.append(pl.DataFrame({n: pl.Series(c, dtype=pl.String) for n, c in zip(names, columns, strict=True)}))
        rows.clear()

    for line, pairs in records:
        if not isinstance(pairs, list) or not all(type(pair) is tuple for pair in pairs):
            raise DataError("this is no JSON object", where=str(line), hint='as in {"text": "…", "label": "…"}')
        keys = [key for key, _ in pairs]
        if keys != names or not keys:
            names = _check_keys(keys, names, line)
            found = dict(pairs)
            pairs = [(name, found[name]) for name in names]
        rows.append([value if type(value) is str else _format_literal(key, value, line) for key, value in pairs])
        _check_row(rows[-1], names, line, longest)
        if len(rows) == BATCH_ROWS:
            pack()
    pack()
    return pl.concat(parts, rechunk=False) if len(parts) > 1 else parts[0]


def _check_keys(keys: list[str], names: list[str], line: int) -> list[str]:
    """The names of the columns, if these keys are they; those of the first record are."""
    twice = {key for key in keys if keys.count(key) > 1} if len(set(keys)) < len(keys) else set()
    if twice:
        raise DataError(f'the key "{min(twice)}" stands twice in one object', where=str(line))
    if not keys:
        raise DataError("an object without any key", where=str(line))
    if not names:
        _check_encodable(keys, line)
        return keys
    missing = [name for name in names if name not in set(keys)]
    if missing:
        raise DataError(f'the key "{missing[0]}" is missing', where=str(line), hint=f"the keys are {', '.join(names)}")
    more = [key for key in keys if key not in set(names)]
    if more:
        raise DataError(
            f'a key "{more[0]}" the first has not', where=str(line), hint=f"the keys are {', '.join(names)}"
        )
    return names


def _format_literal(key: str, value: Any, line: int) -> str:
    if value is None or isinstance(value, bool):
        return LITERALS[value]
    raise DataError(f'the value of "{key}" is a list or an object, not a text or a number', where=str(line))


def _check_row(row: list[str], names: list[str], line: int, longest: int) -> None:
    for name, value in zip(names, row, strict=True):
        check_length(name, value, line, longest)
    if not "".join(row).isascii():
        _check_encodable(row, line)


def _check_encodable(texts: list[str], line: int) -> None:
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        raise DataError("half a surrogate pair, which is no character", where=str(line)) from None
