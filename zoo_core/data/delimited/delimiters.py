"""The delimiter of a table of text, found from the header and the first rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from attrs import frozen

from zoo_core.data.files.conversion_hints import DELIMITERS, delimiter_change
from zoo_core.errors import DataError, Problem

AUTO = "auto"
NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
FORBIDDEN = '"\r\n\0'
MAX_ROWS = 200  # that are compared with the header
MIN_SHARE = 0.5  # of rows as long as the header, in a file whose name does not tell its format
INSTRUCTION = re.compile(rb'("?)sep=([^\r\n"])\1\r?\n', re.IGNORECASE)  # to Excel, on the first line


@frozen
class Fit:
    """How well a delimiter fits: the columns of the header, and the share of the first rows that have as many."""

    delimiter: str
    columns: int
    share: float


@frozen
class OneCharacter:
    """A validator for a delimiter: one ASCII character, or its name."""

    only: str = ""  # the one that is accepted, if it is not empty

    def __str__(self) -> str:
        return "tab" if self.only else "one character, tab, or auto"

    def __call__(self, _instance: object, _field: object, value: str) -> None:
        character = to_character(value)
        if self.only and character != self.only:
            raise ValueError(f'must be {self}, not "{value[:20]}"')
        if value != AUTO and (len(character) != 1 or not character.isascii() or character in FORBIDDEN):
            raise ValueError(f'must be {self}, not "{value[:20]}"')


def to_character(value: str) -> str:
    r"""The delimiter that a setting names: itself, or a name such as tab.

    >>> to_character("tab") == to_character(r"\t") == "\t", to_character(";")
    (True, ';')
    """
    return NAMES.get(value.lower(), value)


def find_delimiter(head: bytes, *, quoting: bool = True) -> Fit | None:
    """The delimiter of a text by its first rows; None if its first row has none.

    Raises DataError, with the settings that decide, if several fit every row.
    """
    instruction = INSTRUCTION.match(head)
    if instruction:
        given = instruction[2].decode("latin-1")
        return measure_fit(head[instruction.end() :], given, quoting=quoting)
    fits = [fit for fit in (measure_fit(head, delimiter, quoting=quoting) for delimiter in DELIMITERS) if fit]
    complete = [fit for fit in fits if fit.share == 1]
    if len(complete) > 1:
        names = [DELIMITERS[fit.delimiter] for fit in complete]
        message = f"the columns may be separated by {' or by '.join(names)}: each of these fits every row"
        raise DataError(Problem(message, "1", changes=tuple(delimiter_change(fit.delimiter) for fit in complete)))
    return max(complete or fits, key=lambda fit: fit.share, default=None)


def without_instruction(data: bytes) -> bytes:
    """The data with an empty line in place of an instruction to Excel, so that lines keep their numbers."""
    instruction = INSTRUCTION.match(data)
    return b"\n" + data[instruction.end() :] if instruction else data


def measure_fit(head: bytes, delimiter: str, *, quoting: bool = True) -> Fit | None:
    """How well a delimiter fits the first rows; None if the first row does not have it."""
    counts = list(_count_fields(head, delimiter, quoting=quoting))
    if not counts or counts[0] < 2:
        return None
    return Fit(delimiter, counts[0], counts.count(counts[0]) / len(counts))


def count_columns(head: bytes, delimiter: str, *, quoting: bool = True) -> int:
    """The number of fields of the first row; 0 if it does not end in this head."""
    counts = list(_count_fields(head, delimiter, quoting=quoting, max_rows=2))
    return counts[0] if counts and (len(counts) > 1 or head.endswith((b"\n", b"\r"))) else 0


def _count_fields(head: bytes, delimiter: str, *, quoting: bool, max_rows: int = MAX_ROWS) -> Iterator[int]:
    """The number of fields of each of the first rows, -1 for one with wrong quotes; the last may be cut, so a misfit
    there does not count."""
    from zoo_core.data.delimited.rows import CSV_FIELD_LIMIT, RowReader

    is_cut = not head.endswith((b"\n", b"\r"))
    rows = RowReader(head, delimiter, quoting=quoting, longest=CSV_FIELD_LIMIT)
    fields_of_rows = iter(rows)
    first = count = 0
    for _ in range(max_rows):
        try:
            fields = next(fields_of_rows, None)
        except csv.Error:
            if count:
                yield count
            if rows.line < head.count(b"\n") + is_cut:  # before the end, where a quoted field may be cut
                yield -1
            return
        except UnicodeDecodeError:
            return
        if count and fields is not None:
            yield count
        if fields is None:
            if count and (not is_cut or count == first or not first):
                yield count
            return
        count = len(fields)
        first = first or count
    if count:
        yield count
