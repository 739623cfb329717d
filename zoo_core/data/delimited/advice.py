"""How a file should rather be read, if it lacks the columns that are asked for: its delimiter, or without a header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl
from attrs import frozen

from zoo_core.data.delimited.delimiters import MIN_SHARE, find_delimiter
from zoo_core.data.files.conversion_hints import DELIMITERS, delimiter_change, other_delimiter
from zoo_core.data.files.delimited import parse_delimited
from zoo_core.errors import Change, DataError

MAX_NAME_WORDS = 6
MAX_CLASS_SHARE = 0.5  # of distinct values in a column of classes
MIN_DATA_SHARE = 0.5  # of the values below a first one that is data
NUMBER, SENTENCE = re.compile(r"[\d.,+-]*\d"), re.compile(r".*\w[.!?]+\s*", re.DOTALL)


@frozen(eq=False)
class Advice:
    """Why a file should be read otherwise, the settings that do so, and its first rows as they are read then."""

    reason: str
    change: Change
    frame: pl.DataFrame


def advise_reading(head: pl.DataFrame, wanted: Iterable[str], *, is_lines: bool = False) -> Advice | None:
    """How to read a file whose rows are not the table that is wanted; None if it seems to be read as it is.

    `head` are its first rows, or its first lines in one column, `wanted` the names that it lacks.

    >>> advice = advise_reading(pl.DataFrame({"0": ["1", "0"], "Awful.": ["Good.", "Bad."]}), ["text", "label"])
    >>> advice.reason, advice.change, advice.frame.rows()[0]
    ('the first row seems to be data', (('reader.header', 'false'),), ('0', 'Awful.'))
    """
    wanted = list(wanted)
    lines = head.to_series().to_list() if head.width == 1 else []
    delimiter = _delimiter_of(lines) if is_lines else other_delimiter(head.columns[0]) if lines else ""
    if delimiter:
        lines = lines if is_lines else [head.columns[0], *lines]
        split = _split(lines, delimiter)
        reason, change = f"the columns seem to be separated by {DELIMITERS[delimiter]}", delimiter_change(delimiter)
        without_header = _reason_without_header(split, wanted)
        return Advice(reason, (*change, *(NO_HEADER if without_header else ())), _below(split, not without_header))
    if is_lines or _are_numbered(head.columns):
        return None
    reason = _reason_without_header(_with_header(head), wanted)
    return Advice(reason, NO_HEADER, _with_header(head)) if reason else None


NO_HEADER: Change = (("reader.header", "false"),)


def divides_all(lines: Sequence[str]) -> str:
    """The delimiter, other than a comma, that divides each line into as many fields; "" if there is none.

    >>> divides_all(["id|text", "1|good, cheap food"]), divides_all(["good, cheap food", "a|b"])
    ('|', '')
    """
    found = _delimiter_of(lines, min_share=1.0) if len(lines) > 1 else ""
    return found if found != "," else ""


def _split(lines: Sequence[str], delimiter: str) -> pl.DataFrame:
    """The rows of these lines, the first one included, under numbers; one row if they are not a table."""
    first = lines[0].split(delimiter)
    numbers = [str(number) for number in range(1, len(first) + 1)]
    try:
        return parse_delimited("\n".join([*lines, ""]).encode(), separator=delimiter, header=numbers)
    except DataError:
        return pl.DataFrame({number: [value] for number, value in zip(numbers, first, strict=True)})


def _with_header(head: pl.DataFrame) -> pl.DataFrame:
    """The rows with the names of the columns as the first one, under numbers."""
    numbers = [str(number) for number in range(1, head.width + 1)]
    names = pl.DataFrame([pl.Series(number, [name]) for number, name in zip(numbers, head.columns, strict=True)])
    return pl.concat([names, head.rename(dict(zip(head.columns, numbers, strict=True)))])


def _below(rows: pl.DataFrame, has_header: bool) -> pl.DataFrame:
    """The rows below their first one, which is their header."""
    names = rows.row(0)
    if not has_header or len(set(names)) < len(names):
        return rows
    return rows.slice(1).rename(dict(zip(rows.columns, names, strict=True)))


def _delimiter_of(lines: Sequence[str], min_share: float = MIN_SHARE) -> str:
    """The delimiter of most lines; "" if there is none, or several fit."""
    try:
        fit = find_delimiter("\n".join([*lines, ""]).encode(), quoting=False)
    except DataError:
        return ""
    return fit.delimiter if fit and fit.share >= min_share and fit.delimiter in DELIMITERS else ""


def _reason_without_header(rows: pl.DataFrame, wanted: Sequence[str]) -> str:
    """Why the first row is hardly a header; "" if it may be one."""
    if all(name.isdecimal() for name in wanted):
        return "columns have numbers only without a header"
    if not _are_numbered(rows.row(0)) and (any(map(_is_data, rows)) or _is_class(rows)):
        return "the first row seems to be data"
    return ""


def _is_data(column: pl.Series) -> bool:
    """Whether the first value is a number or a text, and most of the others are the same: "No." above 1 is a name.

    >>> _is_data(pl.Series(["sold?", "yes", "no"])), _is_data(pl.Series(["Cold?", "Good food.", "No!"]))
    (False, True)
    """
    first, *below = [value for value in column if value] or [""]
    return any(fits(first) and sum(map(fits, below)) >= MIN_DATA_SHARE * len(below) for fits in (_is_number, _is_text))


def _is_number(value: str) -> bool:
    return NUMBER.fullmatch(value) is not None


def _is_text(value: str) -> bool:
    return SENTENCE.fullmatch(value) is not None or len(value.split()) > MAX_NAME_WORDS


def _is_class(rows: pl.DataFrame) -> bool:
    """Whether some value of the first row, but not each, is found again in a column of classes."""
    below = rows.slice(1)
    found = [value in column for value, column in zip(rows.row(0), below, strict=True)]
    few = [column.n_unique() <= max(1, MAX_CLASS_SHARE * len(column)) for column in below]
    return not all(found) and any(map(bool.__and__, found, few))


def _are_numbered(names: Sequence[str]) -> bool:
    """Whether columns are numbered from 0 or 1, as those of a file without a header, or of a frame without names."""
    numbers = [name for name in names if name]
    return numbers in ([str(at + start) for at in range(len(numbers))] for start in (0, 1))
