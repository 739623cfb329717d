"""Cells that a spreadsheet would evaluate as formulas, escaped in the formats that spreadsheets open."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from zoo_core.data.delimited.list_cells import join_lists
from zoo_core.data.files.writer import OutputFormat
from zoo_core.errors import RecipeError

# Spreadsheets pass over spaces, line breaks, invisible characters and quotes; wide and small signs count as plain ones.
FORMULA_PATTERN = r'^[\s\p{C}"]*[=+\-@＝＋－＠﹦﹢﹣﹫]|^[\t\r\n]'


def escape_formulas(frame: pl.DataFrame, file_format: OutputFormat) -> pl.DataFrame:
    """Put an apostrophe before cells and column names that a spreadsheet would evaluate as formulas.

    Raises RecipeError for a format other than CSV and TSV. Source: OWASP, "CSV Injection".

    >>> escape_formulas(pl.DataFrame({"said": ["=1+1", "good"]}), OutputFormat("csv"))["said"].to_list()
    ["'=1+1", 'good']
    """
    if file_format.name not in ("csv", "tsv"):
        message = f"formulas cannot be escaped in the format {file_format.name}"
        raise RecipeError(message, hint="escape them in CSV and TSV only: no other format is opened as a spreadsheet")
    text, frame = pl.col(pl.String), join_lists(frame)
    escaped = frame.with_columns(
        pl.when(text.str.contains(FORMULA_PATTERN)).then("'" + text).otherwise(text).name.keep()
    )
    names = dict(zip(frame.columns, escape_formula_cells(frame.columns), strict=True))
    for name, new in names.items():
        while new != name and new in frame.columns:
            new = names[name] = f"'{new}"
    return escaped.rename(names)


def escape_formula_cells(cells: Sequence[str]) -> list[str]:
    """The same for a list of cells.

    >>> escape_formula_cells(["=1+1", "good", "\\n ＠x"])
    ["'=1+1", 'good', "'\\n ＠x"]
    """
    must_escape = pl.Series(cells, dtype=pl.String).str.contains(FORMULA_PATTERN)
    return [f"'{cell}" if is_formula else cell for cell, is_formula in zip(cells, must_escape, strict=True)]
