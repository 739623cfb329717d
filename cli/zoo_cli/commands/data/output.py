"""Output options and table writing shared by the data commands."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo_cli.streams import data_stream

if TYPE_CHECKING:
    import polars as pl

format_option = click.option(
    "--format",
    "form",
    default="",
    metavar="FORMAT",
    help="Output format: csv, tsv, jsonl, json, parquet, arrow or fasttext, optionally compressed as in jsonl.gz (.gz, "
    ".zst, .xz). Default: from the suffix of the output file, or csv.",
)
force_option = click.option("--force", is_flag=True, help="Overwrite an existing file.")


def refuse_existing(output: str, force: bool) -> None:
    """RecipeError where a file of this name is there, unless it is to be written over."""
    from zoo_core.errors import RecipeError

    there = output != "-" and os.path.lexists(output) and (Path(output).is_file() or Path(output).is_symlink())
    if there and not force:
        raise RecipeError(f"{output} already exists", hint="choose another name, or overwrite it with --force")


def write_frame(
    frame: pl.DataFrame,
    output: str,
    form: str,
    *,
    label: str = "label",
    text: str = "text",
    flat: bool = False,
    escaped: bool = False,
) -> None:
    """Write a table to a file, whole or not at all, or to standard output; `escaped` for spreadsheets."""
    from zoo_core.data.files.writer import escape_formulas, output_format, write_table
    from zoo_core.errors import RecipeError
    from zoo_core.filesystem import atomic_write

    chosen = output_format("" if output == "-" else output, form)
    if output == "-" and chosen.is_binary and data_stream().isatty():
        raise RecipeError("binary format on a terminal", hint="name an output file with -o")
    if escaped:
        frame = escape_formulas(frame, chosen)
    with nullcontext(data_stream().buffer) if output == "-" else atomic_write(output) as stream:
        write_table(frame, stream, chosen, label=label, text=text, replace_breaks=flat)
