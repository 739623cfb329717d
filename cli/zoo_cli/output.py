"""Print JSON, tables and notes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import click

from zoo_cli.loading_line import end_loading
from zoo_cli.streams import data_stream, terminal_columns, write_out
from zoo_cli.terminal_streams import styled_stream

MIN_COLUMNS = 20  # of a terminal that tables fit


def print_json(value: Any) -> None:
    """Print one JSON value on standard output; control characters are escaped as JSON escapes them."""
    from zoo_core.messages import escape_terminal_controls

    write_out(escape_terminal_controls(json.dumps(value, indent=2, ensure_ascii=False, default=list)))


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    styles: Sequence[str] = (),
    *,
    optional: Sequence[str] = (),
) -> None:
    """Print a table on standard output: aligned on a terminal, tab-separated in a pipe.

    `styles` holds one rich style per row. A narrow terminal may lack the `optional` columns, the first one first.
    """
    from zoo_core.messages import escape_control_chars

    columns = [escape_control_chars(column) for column in columns]
    cells = [[escape_control_chars(str(cell)) for cell in row] for row in rows]
    if not data_stream().isatty():
        for row in [columns, *cells]:
            write_out("\t".join(row))
        return
    from rich.console import Console
    from rich.text import Text

    from zoo_cli.table_layout import lay_out

    console = Console(file=styled_stream(data_stream()), highlight=False)
    table = lay_out(columns, cells, max(terminal_columns(), MIN_COLUMNS), optional)
    lines = [(line, "bold") for line in table.head[:-1]] + [(line, "") for line in table.head[-1:]]
    for position, folded in enumerate(table.rows):
        lines += [(line, styles[position] if styles else "") for line in folded]
    for line, style in lines:
        console.print(Text(line, style="" if os.environ.get("NO_COLOR") else style), soft_wrap=True)
    if table.omitted:
        print_note(f"zoo: not shown for lack of room: {', '.join(table.omitted)}")


def is_quiet() -> bool:
    """Whether `--quiet` silences the notes of this command."""
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.obj, dict) and bool(context.obj.get("quiet"))


def accept_quiet(command: click.Command) -> click.Command:
    """The same command, which takes `--quiet` as `zoo` does; a group passes it on to its commands."""
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            accept_quiet(subcommand)
    elif not any("--quiet" in parameter.opts for parameter in command.params):
        command.params.append(
            click.Option(["--quiet"], is_flag=True, hidden=True, expose_value=False, callback=_set_quiet)
        )
    return command


def _set_quiet(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    if value and ctx.obj:
        ctx.obj["quiet"] = True


def print_note(text: str) -> None:
    """Print a line for people on standard error, unless `--quiet` silences notes."""
    if not is_quiet():
        print_message(text)


def print_warning(text: str) -> None:
    """Print a warning on standard error."""
    print_message(f"zoo: warning: {text}")


def print_message(text: str) -> None:
    """Print a line on standard error, also with `--quiet`."""
    from zoo_core.messages import message_line

    end_loading()
    click.echo(message_line(text), err=True)
