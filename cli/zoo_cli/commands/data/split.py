"""`zoo data split`: add a column with the split or the fold of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zoo_cli.commands.data.output import print_guesses, print_written_frame, write_frame
from zoo_cli.context import open_zoo_for
from zoo_cli.options import columns_option, data_files, data_options, formulas_option, json_option
from zoo_cli.output import print_note, print_warning
from zoo_cli.output_file import check_output, force_option, format_option, resolve_format, table_format
from zoo_cli.typed.numbers import IntegerRange

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.table import Table

DEFAULT_SHARES = "0.7,0.15,0.15"


@click.command("split", epilog="Example: zoo data split reviews.csv -o parts.csv --group restaurant")
@data_files
@click.option("-o", "--output", required=True, metavar="FILE", help="Output file; - is standard output.")
@click.option("--group", metavar="COLUMN", help="Keep rows with the same COLUMN in one split.")
@click.option("--time", metavar="COLUMN", help="Order the rows by COLUMN: the earliest train, the latest test.")
@click.option("--shares", metavar="T,V,T", help=f"Shares of train, val and test. Default: {DEFAULT_SHARES}.")
@click.option("--folds", type=IntegerRange(2), metavar="K", help='Write a column "fold" with 1 to K instead of splits.')
@click.option("--seed", type=IntegerRange(0), default=1337, show_default=True, help="Random seed.")
@columns_option
@data_options
@format_option()
@formulas_option
@force_option
@json_option
@click.pass_context
def split(
    ctx: click.Context,
    files: tuple[str, ...],
    output: str,
    group: str | None,
    time: str | None,
    shares: str | None,
    folds: int | None,
    seed: int,
    settings: tuple[str, ...],
    form: str,
    escape_formulas: bool,
    as_json: bool,
) -> None:
    """Write FILE (- is standard input; several files are read as one table) with a new column: the split of each row.

    Splits are stratified by label; with --group, as closely as whole groups allow. With --time, they follow from dates,
    times or numbers, and rows of the same time stay together. The order of rows and all other values are unchanged.
    """
    if time is not None and (group is not None or folds is not None):
        raise click.UsageError("--time cannot be combined with --group or --folds")
    if shares is not None and folds is not None:
        raise click.UsageError("--shares cannot be combined with --folds")
    split_shares = _parse_shares(shares or DEFAULT_SHARES)
    check_output(output)
    form = resolve_format(output, form, as_json)
    from zoo_core.data.files.reading import read_table
    from zoo_core.data.folds import fold_column, split_column
    from zoo_core.data.splitting.time_order import time_split_column
    from zoo_core.data.task_detection import find_task_columns, given_choice, given_reader
    from zoo_core.errors import DataError
    from zoo_core.messages import pluralize

    table_format(output, form, "splits")
    zoo = open_zoo_for(ctx)
    table = read_table(files, zoo.registry, reader=given_reader(zoo, settings), choose=given_choice(zoo, settings))
    for column, dtype in table.unread.items():  # which the output would lack
        message = f'column "{column}" has the unsupported type {dtype}, expected texts or numbers'
        raise DataError(
            message, where=table.source, hint="remove it, or convert it to text; of JSON: --set reader.nested=json"
        )
    columns = find_task_columns(table, zoo, settings, needs_split=False)
    print_guesses(columns.guessed)
    name = "fold" if folds else columns.task.split_column(table) or "split"
    if name in table.frame.columns:
        raise DataError(f'column "{name}" already exists', where=table.source, hint="remove or rename it")
    groups = None if group is None else _find_column(table, group)
    if time is not None:
        try:
            assigned = time_split_column(_find_column(table, time), split_shares)
        except DataError as error:
            raise error.at_rows(table.location) from None
    elif folds:
        assigned = fold_column(columns.classes, folds, seed, groups=groups)
    else:
        assigned = split_column(columns.classes, split_shares, seed, groups=groups)
    frame = table.frame.with_columns(assigned.alias(name))
    write_frame(frame, output, form, escaped=escape_formulas)
    if as_json:
        print_written_frame(frame, output, source=table.source, counts=_count_rows(assigned))
    print_note(f"{table.source}: {pluralize(len(assigned), 'row')}: {_format_counts(assigned, groups)}")
    without_group = 0 if groups is None else int((groups.str.strip_chars() == "").sum())
    if without_group:
        print_warning(f"{pluralize(without_group, 'row')} without {group}, treated as one group")


def _find_column(table: Table, name: str) -> pl.Series:
    """A column of the table. Raises DataError for an unknown one."""
    from zoo_core.components.missing_columns import MissingColumnsError

    column = table.find_column(name)
    if not column:
        raise MissingColumnsError.of(table.describe_missing({"": [name]}))
    return table.frame[column]


def _parse_shares(text: str) -> dict[str, float]:
    """Parse the shares of the splits, by name."""
    from zoo_core.data.splits import SPLIT_NAMES

    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        values = []
    if len(values) != len(SPLIT_NAMES) or not all(0 <= value < float("inf") for value in values) or not values[0]:
        raise click.UsageError(
            f'--shares: got "{text}", expected three numbers for {", ".join(SPLIT_NAMES)}, as in {DEFAULT_SHARES}'
        )
    return dict(zip(SPLIT_NAMES, values, strict=True))


def _count_rows(assigned: pl.Series) -> dict[str, int]:
    """The number of rows in each split or fold."""
    from zoo_core.data.splits import SPLIT_NAMES

    names = assigned.unique().to_list()
    names.sort(key=lambda name: SPLIT_NAMES.index(name) if name in SPLIT_NAMES else int(name))
    return {name: int((assigned == name).sum()) for name in names}


def _format_counts(assigned: pl.Series, groups: pl.Series | None) -> str:
    """The number of rows, and of groups, in each split or fold."""
    from zoo_core.messages import pluralize

    counts = []
    for name, rows in _count_rows(assigned).items():
        count = f"{rows} {'in fold ' if name.isdigit() else ''}{name}"
        if groups is not None:
            count += f" ({pluralize(groups.filter(assigned == name).n_unique(), 'group')})"
        counts.append(count)
    return ", ".join(counts)
