"""What several commands share: opening the zoo with its warnings, and drawing tables and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zoo_cli.streams import keep_apart, out, overheard, put

if TYPE_CHECKING:
    from zoo_core.config import Zoo
    from zoo_core.inference import Run

F = TypeVar("F", bound=Callable[..., Any])

columns_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Read other columns, as in task.text=NAME (repeatable).",
)


formulas_option = click.option(
    "--escape-formulas", "escape_formulas", is_flag=True, help="Put ' before cells that a spreadsheet would compute."
)


def data_option(help: str) -> Callable[[F], F]:
    """`--data`, as often as there are files: a list of them, None where it is left out."""
    return click.option(
        "--data",
        type=click.Path(),
        multiple=True,
        metavar="FILE",
        callback=lambda _ctx, _param, given: list(given) or None,
        help=help,
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")


def _keep_file(ctx: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> None:
    if ctx.obj:
        ctx.obj["files"] += value


plugin_option = click.option(
    "--plugin",
    multiple=True,
    metavar="FILE",
    expose_value=False,
    callback=_keep_file,
    help="Use the plugin in a .py file, for this call (repeatable).",
)


def quiet_zoo(ctx: click.Context) -> Zoo:
    """The zoo of this call, whatever is wrong with its plugins."""
    from zoo_core.config import open_zoo

    keep_apart(ctx)
    return open_zoo(disabled=tuple(ctx.obj["disabled"]), files=tuple(ctx.obj["files"]), overhear=overheard)


def the_zoo(ctx: click.Context) -> Zoo:
    """The zoo of this call, with a warning line for each plugin that breaks, or under --strict-plugins PluginError."""
    from zoo_core.errors import PluginError

    zoo = quiet_zoo(ctx)
    if ctx.obj["strict"] and zoo.plugins.warnings():
        raise PluginError(*zoo.plugins.warnings())
    for line in zoo.plugins.warnings():
        note(f"zoo: warning: {line}")
    known = {absent.source.plugin for absent in zoo.plugins.absent}
    known |= {source.plugin for source, _ in zoo.plugins.loaded}
    for name in ctx.obj["disabled"]:
        if name.rpartition("/")[2] not in {*known, "*"}:
            note(f"zoo: warning: --no-plugin {name}: there is no such plugin")
    return zoo


def the_run(ctx: click.Context, folder: str, settings: Sequence[str] = ()) -> Run:
    """The run in a folder, reading the columns that `settings` name; a warning where a plugin has changed since."""
    from zoo_core.opening import changed_parts, open_run

    run = open_run(folder, zoo=the_zoo(ctx))
    for line in changed_parts(run):
        note(f"zoo: warning: {line}")
    return run.override(*settings) if settings else run


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    put(json.dumps(value, indent=2, ensure_ascii=False, default=list))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], styles: Sequence[str] = ()) -> None:
    """A table on standard output: drawn for a terminal, tab-separated for a pipe. `styles`: rich's, a row's each."""
    from zoo_core.errors import printable

    columns = [printable(column) for column in columns]
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    if not out().isatty():
        for row in [columns, *cells]:
            put("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        table.add_column(escape(column), no_wrap=position == 0, overflow="fold")
    for position, row in enumerate(cells):
        style = styles[position] if styles else None
        table.add_row(*[escape(cell) for cell in row], style=style)
    Console(file=out()).print(table)


def escape(text: str) -> str:
    """Text that rich draws as it is."""
    from rich.markup import escape as escaped

    return escaped(text)


def note(text: str) -> None:
    """A line for people, on standard error."""
    from zoo_core.errors import printable

    click.echo(printable(text), err=True)
