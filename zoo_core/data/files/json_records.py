"""JSON records as columns of strings: each value as it is written, errors with their line."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

import polars as pl

from zoo_core.data.files.size_limits import check_columns, check_length
from zoo_core.errors import DataError
from zoo_core.messages import join_names

WHITESPACE_PATTERN = re.compile(r"[ \t\r\n]*")
BATCH_ROWS = 65536  # collected before they become columns: Python strings take ten times the memory
LITERALS = {None: "", True: "true", False: "false"}


def parse_json_lines(stream: BinaryIO, *, longest: int) -> pl.DataFrame:
    """Parse one JSON object per line, all with the same keys, into columns of strings without nulls.

    Numbers stay as they are written, null becomes the empty text, blank lines are skipped. `longest` is the number of
    characters that a value may have. Raises DataError, with the line number, for anything else.
    """
    return _build_frame(_iter_lines(stream), longest)


def parse_json_array(text: str, *, longest: int) -> pl.DataFrame:
    """Parse one JSON array of objects, over any number of lines, in the same way."""
    return _build_frame(_iter_array(text), longest)


def line_of_item(text: str, row: int) -> int:
    """The line on which an object of an array begins; 0 if there is no such object."""
    return next((line for number, (line, _) in enumerate(_iter_array(text)) if number == row), 0)


def _reject_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON value")


DECODER = json.JSONDecoder(object_pairs_hook=list, parse_int=str, parse_float=str, parse_constant=_reject_constant)


def _iter_lines(stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    """The line number and the value of each line."""
    for number, line in enumerate(stream, start=1):
        if line == b"\n":
            continue
        text = line.decode("utf-8").strip(" \t\r\n")
        if text:
            value, end = _decode_value(text, 0, number)
            if end != len(text):
                raise DataError("more than one value on a line", where=str(number))
            yield number, value


def _iter_array(text: str) -> Iterator[tuple[int, Any]]:
    """The line number and the value of each item of an array."""
    at, line, line_at = _skip_whitespace(text, 0), 1, 0  # `line` is that of the position `line_at`
    if text[at : at + 1] != "[":
        raise DataError("not an array of JSON objects", where="1")
    at = _skip_whitespace(text, at + 1)
    while text[at : at + 1] != "]":
        line, line_at = line + text.count("\n", line_at, at), at
        value, at = _decode_value(text, at, line)
        yield line, value
        at = _skip_whitespace(text, at)
        if text[at : at + 1] == ",":
            at = _skip_whitespace(text, at + 1)
            if text[at : at + 1] == "]":
                raise DataError("a comma before the end of the array", where=str(line + text.count("\n", line_at, at)))
        elif text[at : at + 1] != "]":
            raise DataError("not JSON: a comma or ] is missing", where=str(line + text.count("\n", line_at, at)))
    if _skip_whitespace(text, at + 1) != len(text):
        raise DataError("text after the end of the array", where=str(line + text.count("\n", line_at, at)))


def _skip_whitespace(text: str, at: int) -> int:
    match = WHITESPACE_PATTERN.match(text, at)
    return match.end() if match else at


def _decode_value(text: str, at: int, line: int) -> tuple[Any, int]:
    """The value that begins at a position, on this line, and where it ends."""
    try:
        return DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        error_line = line + text.count("\n", at, error.pos)
        raise DataError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", where=str(error_line)) from None
    except RecursionError:
        raise DataError("JSON that is nested too deep for a table", where=str(line)) from None
    except ValueError as error:
        raise DataError(f"not JSON: {error}", where=str(line)) from None


def _build_frame(records: Iterator[tuple[int, Any]], longest: int) -> pl.DataFrame:
    names: list[str] = []
    frames: list[pl.DataFrame] = []
    rows: list[list[str]] = []

    def flush() -> None:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        frames.append(pl.DataFrame({n: pl.Series(c, dtype=pl.String) for n, c in zip(names, columns, strict=True)}))
        rows.clear()

    for line, pairs in records:
        if not isinstance(pairs, list) or not all(type(pair) is tuple for pair in pairs):
            raise DataError("not a JSON object", where=str(line), hint='write objects, as {"text": "…", "label": "…"}')
        keys = [key for key, _ in pairs]
        if keys != names or not keys:
            names = _check_keys(keys, names, line)
            values = dict(pairs)
            pairs = [(name, values[name]) for name in names]
        rows.append([value if type(value) is str else _format_literal(key, value, line) for key, value in pairs])
        _check_row(rows[-1], names, line, longest)
        if len(rows) == BATCH_ROWS:
            flush()
    flush()
    return pl.concat(frames, rechunk=False) if len(frames) > 1 else frames[0]


def _check_keys(keys: list[str], names: list[str], line: int) -> list[str]:
    """The column names, if the keys of an object match them; those of the first object become the column names."""
    check_columns(len(keys), str(line))
    twice = {key for key, count in Counter(keys).items() if count > 1}
    if twice:
        raise DataError(f'the key "{min(twice)}" is twice in one object', where=str(line))
    if not keys:
        raise DataError("an object without keys", where=str(line))
    if not names:
        _check_encodable(keys, line)
        return keys
    missing = sorted({*names} - {*keys}, key=names.index)
    hint = f"the first object has the keys {join_names(names)}"
    if missing:
        raise DataError(f'the key "{missing[0]}" is missing', where=str(line), hint=hint)
    extra = sorted({*keys} - {*names}, key=keys.index)
    if extra:
        raise DataError(f'unexpected key "{extra[0]}"', where=str(line), hint=hint)
    return names


def _format_literal(key: str, value: Any, line: int) -> str:
    """The text of null, true and false; DataError for a nested value."""
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
        raise DataError("unpaired UTF-16 surrogate", where=str(line)) from None
