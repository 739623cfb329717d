"""The click options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from attrs import fields_dict

from zoo_cli.completion import complete_assignment, complete_slot_component
from zoo_core.recipes.plan import SLOTS, Plan

Command = TypeVar("Command", bound=Callable[..., Any])
columns_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Read from other columns, for example task.text=NAME (repeatable).",
)
formulas_option = click.option(
    "--escape-formulas",
    "escape_formulas",
    is_flag=True,
    help="Prefix values that a spreadsheet would run as formulas with '.",
)


def data_option(help: str) -> Callable[[Command], Command]:
    """The repeatable option `--data`: a list of files, or None."""
    return click.option(
        "--data",
        type=click.Path(),
        multiple=True,
        metavar="FILE",
        callback=lambda _ctx, _param, files: list(files) or None,
        help=help,
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _add_plugin_file(ctx: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> None:
    if ctx.obj:
        ctx.obj["files"] += value


plugin_option = click.option(
    "--plugin",
    multiple=True,
    metavar="FILE",
    expose_value=False,
    callback=_add_plugin_file,
    help="Load the plugin in a .py file for this command (repeatable).",
)
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_assignment,
    help="Change a setting or a component (repeatable).",
)
classes_option = click.option(
    "--classes", type=click.IntRange(2), default=2, show_default=True, help="Number of classes in the data."
)


def slot_options(command: Command) -> Command:
    """Add an option for each slot, in the order of the slots."""
    for slot in reversed(SLOTS):
        text = fields_dict(Plan)[slot].metadata["help"]
        help = f"{text[:1].upper()}{text[1:]}."
        command = click.option(f"--{slot}", metavar="NAME", shell_complete=complete_slot_component, help=help)(command)
    return command
