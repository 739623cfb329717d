"""The click options that several commands share."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

import click
from attrs import fields_dict

from zoo_cli.completion.lists import complete_encoding, complete_reader, complete_split
from zoo_cli.completion.recipes import (
    complete_assignment,
    complete_short_form,
    complete_slot_component,
    complete_task_assignment,
)
from zoo_cli.recipe_argument import SHORT_FORMS
from zoo_cli.typed.numbers import IntegerRange
from zoo_cli.typed.words import in_typed_order
from zoo_core.config.assignment import Assignment
from zoo_core.recipes.plan import SLOTS, Plan

Command = TypeVar("Command", bound=Callable[..., Any])
columns_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_task_assignment,
    help="Read the data with another setting of the task (repeatable).",
)
on_option = click.option(
    "--on",
    default="",
    metavar="SPLIT",
    shell_complete=complete_split,
    help="The split to evaluate: train, val or test. Default: test, or all of --data.",
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


def data_files(command: Command) -> Command:
    """Add the argument `FILE...`, and `--data` for the same: the parameter `files`, which is not empty."""

    @wraps(command)
    def call(*args: Any, files: tuple[str, ...], data: list[str] | None, **others: Any) -> Any:
        if not files and not data:
            raise click.UsageError("missing argument 'FILE...'")
        return command(*args, files=(*files, *(data or ())), **others)

    option = data_option("The same as FILE (repeatable).")
    return cast("Command", click.argument("files", metavar="FILE...", nargs=-1)(option(call)))


def data_options(command: Command) -> Command:
    """Add the options that tell how data is read: those of the columns, and those of the reader.

    They are passed on as assignments in the parameter `settings`, which another option must define.
    """

    @wraps(command)
    def call(
        *args: Any,
        text_columns: Sequence[str],
        label_columns: Sequence[str],
        split_column: str | None,
        settings: Sequence[str],
        reader: str,
        delimiter: str,
        encoding: str,
        no_header: bool,
        **others: Any,
    ) -> Any:
        columns = {"text": text_columns, "label": label_columns, "split": split_column}
        assigned = [_assign(f"task.{key}", key, value) for key, value in columns.items() if value]
        reading = {"reader": reader, "reader.delimiter": delimiter, "reader.encoding": encoding}
        assigned += [_assign(key, key.rpartition(".")[2], value) for key, value in reading.items() if value]
        if no_header:
            assigned.append(Assignment("reader.header=false", "--no-header"))
        return command(*args, settings=in_typed_order((*settings, *assigned)), **others)

    decorated: Any = call
    for option in reversed(
        (
            click.option(
                "--text", "text_columns", multiple=True, metavar="COL", help="Column of texts; several are joined."
            ),
            click.option(
                "--label",
                "label_columns",
                multiple=True,
                metavar="COL",
                help="Column of labels; several have 0 and 1 for a label each.",
            ),
            click.option(
                "--split", "split_column", metavar="COL", callback=_check_split_column, help="Column of splits."
            ),
            click.option(
                "--reader",
                default="",
                metavar="NAME",
                shell_complete=complete_reader,
                help="Reader for the file. Default: detected.",
            ),
            click.option(
                "--delimiter",
                default="",
                metavar="CHAR",
                help="What separates columns: a character, or tab. Default: detected.",
            ),
            click.option(
                "--encoding",
                default="",
                metavar="NAME",
                shell_complete=complete_encoding,
                help="Encoding of a text file, for example cp949. Default: utf-8.",
            ),
            click.option("--no-header", is_flag=True, help="The file has no header: its columns are 1, 2 …"),
        )
    ):
        decorated = option(decorated)
    return cast("Command", decorated)


def _assign(key: str, option: str, value: str | Sequence[str]) -> Assignment:
    names = [value] if isinstance(value, str) else value
    is_table = key == "reader" and names[0].startswith("{")
    written_as = " ".join(f"--{option} {name}" for name in names)
    return Assignment(f"{key}={names[0] if is_table else to_toml_value(value)}", written_as)


def _check_split_column(ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Reject the name of a split: the option had that meaning in commands that have `--on` now."""
    if value in ("train", "val", "test") and any(parameter.name == "on" for parameter in ctx.command.params):
        from zoo_core.errors import RecipeError

        hint = f"use --on {value}; --set task.split={value} if a column has this name"
        raise RecipeError(f'--split names a column, not a split: got "{value}"', hint=hint)
    return value


def to_toml_value(value: str | Sequence[str]) -> str:
    """A text, or a list of them, as the value of an assignment; a list of one text is that text."""
    texts = [value] if isinstance(value, str) else list(value)
    quoted = [json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f") for text in texts]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"


def run_folder_option(help: str) -> Callable[[Command], Command]:
    """The option that names the folder to write: `--run`, with the name that outputs have everywhere, too."""
    return click.option("--run", "-o", "--output", "run", type=click.Path(), metavar="DIR", help=help)


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
    "--classes", type=IntegerRange(2), help="Number of classes in the data; without it, any number is expected."
)


def recipe_options(command: Command) -> Command:
    """Add the options that change a recipe: one for each slot, `--set`, and short forms of frequent settings.

    They are passed on as assignments in the parameter `settings`.
    """

    @wraps(command)
    def call(*args: Any, settings: Sequence[str], **others: Any) -> Any:
        values = {name: others.pop(name) for name in (*SLOTS, *SHORT_FORMS)}
        assigned = [
            Assignment(f"{SHORT_FORMS.get(name, name)}={value}", f"--{name} {value}")
            for name, value in values.items()
            if value is not None
        ]
        return command(*args, settings=in_typed_order((*settings, *assigned)), **others)

    decorated: Any = call
    for name, key in reversed(SHORT_FORMS.items()):
        option = click.option(
            f"--{name}", metavar="VALUE", shell_complete=complete_short_form, help=f"Short for --set {key}=VALUE."
        )
        decorated = option(decorated)
    decorated = set_option(decorated)
    for slot in reversed(SLOTS):
        text = fields_dict(Plan)[slot].metadata["help"]
        help = f"{text[:1].upper()}{text[1:]}."
        option = click.option(f"--{slot}", metavar="NAME", shell_complete=complete_slot_component, help=help)
        decorated = option(decorated)
    return cast("Command", decorated)
