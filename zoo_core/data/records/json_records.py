"""JSON records, one per line or in an array, decoded with the line of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

from zoo_core.data.files.column_choice import ChooseColumns, all_columns
from zoo_core.data.records.json_columns import RECORDS_HINT, Columns, Number, Pairs, build_columns
from zoo_core.errors import DataError

WHITESPACE_PATTERN = re.compile(r"[ \t\r\n]*")
Nested = Literal["refuse", "json"]  # what becomes of lists and objects: an error, or their JSON as text


def parse_json_lines(
    stream: BinaryIO, *, longest: int, nested: Nested = "refuse", choose: ChooseColumns = all_columns
) -> Columns:
    """Parse one JSON object per line into columns of strings, and the types of those that are not read.

    The keys are columns, those of objects inside of objects under dotted names. Numbers stay as they are written, null
    becomes the empty text, a key that an object lacks is null in the frame, blank lines are skipped. `longest` is the
    number of characters that a value may have. Raises DataError, with the line number, for anything else.
    """
    decoder = DECODERS[nested]
    return build_columns(_iter_lines(stream, decoder), choose, longest=longest, has_nested=nested == "json")


def parse_json_array(
    text: str, *, longest: int, nested: Nested = "refuse", choose: ChooseColumns = all_columns
) -> Columns:
    """Parse one JSON array of objects, over any number of lines, in the same way."""
    decoder = DECODERS[nested]
    return build_columns(_iter_array(text, decoder), choose, longest=longest, has_nested=nested == "json")


def line_of_item(text: str, row: int) -> int:
    """The line on which an object of an array begins; 0 if there is no such object."""
    return next((line for number, (line, _) in enumerate(_iter_array(text, DECODERS["refuse"])) if number == row), 0)


def _reject_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON value")


def _decoder(number: type[str]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=Pairs, parse_int=number, parse_float=number, parse_constant=_reject_constant
    )


DECODERS = {"refuse": _decoder(str), "json": _decoder(Number)}  # a number in a list is told from a text


def _iter_lines(stream: BinaryIO, decoder: json.JSONDecoder) -> Iterator[tuple[int, Any]]:
    """The line number and the value of each line."""
    for number, line in enumerate(stream, start=1):
        if line == b"\n":
            continue
        text = line.decode("utf-8").strip(" \t\r\n")
        if text == "{":
            raise DataError("a JSON object that goes over several lines", where=str(number), hint=RECORDS_HINT)
        if text:
            value, end = _decode_value(decoder, text, 0, number)
            if end != len(text):
                raise DataError("more than one value on a line", where=str(number))
            yield number, value


def _iter_array(text: str, decoder: json.JSONDecoder) -> Iterator[tuple[int, Any]]:
    """The line number and the value of each item of an array."""
    at, line, line_at = _skip_whitespace(text, 0), 1, 0  # `line` is that of the position `line_at`
    if text[at : at + 1] != "[":
        raise DataError("not an array of JSON objects", where="1")
    at = _skip_whitespace(text, at + 1)
    while text[at : at + 1] != "]":
        line, line_at = line + text.count("\n", line_at, at), at
        value, at = _decode_value(decoder, text, at, line)
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


def _decode_value(decoder: json.JSONDecoder, text: str, at: int, line: int) -> tuple[Any, int]:
    """The value that begins at a position, on this line, and where it ends."""
    try:
        return decoder.raw_decode(text, at)
    except json.JSONDecodeError as error:
        error_line = line + text.count("\n", at, error.pos)
        raise DataError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", where=str(error_line)) from None
    except RecursionError:
        raise DataError("JSON that is nested too deep for a table", where=str(line)) from None
    except ValueError as error:
        raise DataError(f"not JSON: {error}", where=str(line)) from None
