"""How a file should rather be read, if it lacks the columns that are asked for: its delimiter, or without a header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from zoo_core.data.delimited.delimiters import MIN_SHARE, find_delimiter
from zoo_core.data.files.conversion_hints import DELIMITERS, delimiter_hint, delimiter_option
from zoo_core.errors import DataError
from zoo_core.messages import suggest_command

MAX_NAME_WORDS = 6
DATA = re.compile(r"[\d.,+-]*\d|.*\w[.!?]+\s*", re.DOTALL)  # a number, or a sentence: rarely the name of a column


def advise_reading(columns: Sequence[str], lines: Sequence[str], wanted: Iterable[str]) -> str:
    """The options for a file whose rows are not the table that is wanted; "" if it seems to be read as it is.

    `columns` are the names that it has, `lines` its first lines if each was read as a row, `wanted` the missing names.

    >>> advise_reading(["Never again.", "0"], [], ["text", "label"])
    'its first row seems to be data: read it with --no-header --text 1 --label 2'
    >>> advise_reading(["text"], ["A very, very good film.\\t1", "Bad.\\t0"], ["1", "2"])
    'its columns seem to be separated by tabs: read it with --delimiter tab --no-header'
    """
    delimiter = _delimiter_of(lines) if lines else ""
    if not lines and len(columns) == 1 and (hint := delimiter_hint(columns[0])):
        return hint
    first = lines[0].split(delimiter) if delimiter else list(columns)
    options = [delimiter_option(delimiter)] if delimiter else []
    if (lines and not delimiter) or not (delimiter or _looks_like_data(first, wanted)):
        return ""
    if _looks_like_data(first, wanted):
        options.append("--no-header")
        if not _are_numbers(wanted) and len(first) > 1:
            options += _column_options(first)
    reason = (
        f"its columns seem to be separated by {DELIMITERS[delimiter]}"
        if delimiter
        else "its first row seems to be data"
    )
    return f"{reason}: read it with {' '.join(options)}"


def _delimiter_of(lines: Sequence[str]) -> str:
    """The delimiter of most lines; "" if there is none, or several fit."""
    try:
        fit = find_delimiter("\n".join([*lines, ""]).encode(), quoting=False)
    except DataError:
        return ""
    return fit.delimiter if fit and fit.share >= MIN_SHARE and fit.delimiter in DELIMITERS else ""


def _looks_like_data(names: Sequence[str], wanted: Iterable[str]) -> bool:
    """Whether these are hardly names of columns, or columns are wanted by their numbers."""
    return _are_numbers(wanted) or any(DATA.fullmatch(name) or len(name.split()) > MAX_NAME_WORDS for name in names)


def _are_numbers(wanted: Iterable[str]) -> bool:
    return all(name.isdecimal() for name in wanted)


def _column_options(first: Sequence[str]) -> list[str]:
    """The options for the numbers of the columns: the longest value is a text; of two, the other one is the label."""
    text = max(range(len(first)), key=lambda at: len(first[at])) + 1
    options = [suggest_command("--text", str(text))]
    return [*options, suggest_command("--label", str(3 - text))] if len(first) == 2 else options
