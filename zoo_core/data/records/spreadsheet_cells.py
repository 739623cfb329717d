"""The cells of a sheet as a person sees them, as columns of strings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import polars as pl

MAX_DIGITS = 15  # that spreadsheets keep of a number
MAX_WHOLE = 10.0**MAX_DIGITS


class SheetChoiceError(Exception):
    """No sheet, an unknown one, or several to choose from: `sheets`, the one that is probably meant first."""

    def __init__(self, message: str, sheets: Sequence[str]) -> None:
        super().__init__(message)
        self.sheets = list(sheets)


def read_sheet(data: bytes, name: str = "") -> pl.DataFrame:
    """The table of a sheet: its first row with values is the header; empty rows and empty columns are left out.

    Without a name it is the only visible sheet with values. Raises SheetChoiceError if it is not clear which one,
    ValueError if two columns have the same name, and python_calamine's own errors for a damaged file.
    """
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(BytesIO(data))
    if name and name not in book.sheet_names:
        raise SheetChoiceError(f'unknown sheet "{name}"', book.sheet_names)
    if name:
        return _to_frame(_rows(book.get_sheet_by_name(name)))
    visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    filled = {name: sheet for name in visible if (sheet := book.get_sheet_by_name(name)).height}
    if len(filled) > 1:
        largest_first = sorted(filled, key=lambda name: -filled[name].height * filled[name].width)
        raise SheetChoiceError(f"the file has {len(filled)} sheets with values", largest_first)
    return _to_frame(_rows(next(iter(filled.values())))) if filled else pl.DataFrame()


def _rows(sheet: Any) -> Iterator[list[str]]:
    """The texts of the rows that have any."""
    for row in sheet.to_python():
        texts = [to_text(value) for value in row]
        if any(texts):
            yield texts


def _to_frame(rows: Iterator[list[str]]) -> pl.DataFrame:
    header = next(rows, [])
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    named: dict[str, Sequence[str]] = {}
    for place, (name, values) in enumerate(zip(header, columns, strict=True), start=1):
        if not name and not any(values):
            continue
        name = name or f"column {place}"
        if name in named:
            raise ValueError(f'the column "{name}" is there twice')
        named[name] = values
    return pl.DataFrame(named, schema=dict.fromkeys(named, pl.String))


def to_text(value: Any) -> str:
    """A value of a cell as a spreadsheet shows it: 1.0 is "1", a date at midnight has no time; errors are empty.

    >>> [to_text(value) for value in (1.0, 0.1 + 0.2, True, datetime(2026, 1, 2), timedelta(hours=30))]
    ['1', '0.3', 'TRUE', '2026-01-02', '30:00:00']
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < MAX_WHOLE else f"{value:.{MAX_DIGITS}g}"
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return value if isinstance(value, str) else str(value) if isinstance(value, int | date | time) else ""
