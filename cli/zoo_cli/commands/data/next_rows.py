"""`zoo data next`: the unlabeled rows of a file to label first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zoo_cli.commands.data.output import print_written_frame, write_frame
from zoo_cli.completion.lists import complete_run
from zoo_cli.context import open_run_for
from zoo_cli.options import columns_option, data_options, formulas_option, json_option, plugin_option
from zoo_cli.output import print_note, print_table, print_warning
from zoo_cli.output_file import check_output, kept_rows_options, resolve_format, table_format
from zoo_cli.streams import data_stream
from zoo_cli.typed.numbers import IntegerRange

if TYPE_CHECKING:
    import polars as pl

SNIPPET_LENGTH = 60  # characters of a value on a terminal


@click.command("next", epilog="Example: zoo data next runs/text-fast-1 unlabeled.csv --rows 50 -o next.csv")
@click.argument("run", shell_complete=complete_run)
@click.argument("source", metavar="FILE")
@click.option("--rows", type=IntegerRange(1), default=100, show_default=True, help="Number of rows to choose.")
@kept_rows_options
@data_options
@json_option
@formulas_option
@columns_option
@plugin_option
@click.pass_context
def next_command(
    ctx: click.Context,
    run: str,
    source: str,
    rows: int,
    output: str,
    form: str,
    columns: tuple[str, ...],
    as_json: bool,
    escape_formulas: bool,
    settings: tuple[str, ...],
) -> None:
    """Write the rows of FILE that RUN is least sure of and that differ from one another: label them first.

    FILE is a table, or one text per line; - is standard input. Rows with a label, empty texts, repeated texts and texts
    of the training data are left out. Before the columns of the file stands the row number, after them an empty column
    for the label if the file has none, the predicted label, its probability, and its margin to the next class.
    """
    from zoo_core.data.kept_columns import KeptColumns
    from zoo_core.messages import pluralize
    from zoo_core.runs.labeling.next_rows import next_rows

    form = resolve_format(output, form, as_json)
    check_output(output, [run, source])
    table_format(output, form, "predictions")
    trained = open_run_for(ctx, run)
    opened = trained.override(*settings) if settings else trained
    found = next_rows(opened, source, rows=rows, columns=KeptColumns.parse(columns).names, trained=trained)
    if output == "-" and not form and data_stream().isatty():
        _print_rows(found.table)
    else:
        write_frame(found.table, output, form, escaped=escape_formulas)
    if as_json:
        print_written_frame(found.table, output, source=found.source, read=found.read, left_out=dict(found.left_out))
    if found.problem:
        print_warning(found.problem)
    print_note(found.describe())
    if found.table.height < rows:
        print_note(f"there are no more rows to label: {pluralize(rows, 'row')} asked for")


def _print_rows(frame: pl.DataFrame) -> None:
    """Print the rows as a table, with the beginning of long values."""
    cells = [[f"{value:.4f}" if isinstance(value, float) else _shorten(value) for value in row] for row in frame.rows()]
    own = {frame.columns[0], *frame.columns[-3:]}
    print_table(frame.columns, cells, optional=[name for name in frame.columns if name not in own])


def _shorten(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= SNIPPET_LENGTH else f"{text[:SNIPPET_LENGTH]}…"
