"""The command that was typed, with other columns, to paste back into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from zoo_core.components.missing_columns import ColumnNames

COLUMN_OPTIONS = {"task.text": "--text", "task.label": "--label", "task.split": "--split"}


def with_typed_hint(error: BaseException, command: click.Command, arguments: Sequence[str]) -> BaseException:
    """An error about missing columns with the command to type; any other error unchanged."""
    from attrs import evolve

    from zoo_core.components.missing_columns import MissingColumnsError

    if not isinstance(error, MissingColumnsError) or error.missing.advice:
        return error
    hint = columns_hint(command, arguments, error.missing.names, error.missing.guesses)
    return MissingColumnsError(*(evolve(problem, hint=hint or problem.hint) for problem in error.problems))


def columns_hint(command: click.Command, arguments: Sequence[str], names: ColumnNames, guesses: ColumnNames) -> str:
    """How to name columns: the command that was typed with the guesses filled in, or its options alone.

    "" for a command without these options. `names` are the columns that are missing, by setting.
    """
    if "" in names or not names or not _takes_settings(find_command(command, arguments)[0]):
        return ""
    dropped = (
        "task.split" in names
        and "task.split" not in guesses
        and len(without_columns(arguments, names)) < len(arguments)
    )
    missing = [key for key in names if key != "task.split" or not dropped]  # without a column of splits, rows are split
    options = [word for key in missing for word in _to_option(key, guesses.get(key, ()))]
    if not guesses.keys() >= set(missing):
        return f"name {'it' if len(missing) == 1 else 'them'} with {_quote(options)}"
    is_again = "-" not in arguments and not any(argument.endswith("=-") for argument in arguments)
    again = type_again(arguments, names, options) if is_again else ""
    return again or (f"add {_quote(options)}" if all(option.isprintable() for option in options) else "")


def column_options(columns: ColumnNames) -> list[str]:
    """The words of the options that name columns, by setting."""
    return [word for key, names in columns.items() for word in _to_option(key, names)]


def type_again(arguments: Sequence[str], replaced: Collection[str], options: Sequence[str]) -> str:
    """The command line with these options, in place of what it says of the settings `replaced`; "" if unprintable."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return quote_command([*without_columns(arguments[:end], replaced), *options, *arguments[end:]])


def quote_command(arguments: Sequence[str]) -> str:
    """The command line of these arguments, to paste; "" if it is too long, or cannot be printed as it is."""
    from zoo_core.messages import MAX_COMMAND_CHARS

    command = _quote(["zoo", *arguments])
    return command if command.isprintable() and len(command) <= MAX_COMMAND_CHARS else ""


def find_command(root: click.Command, arguments: Sequence[str]) -> tuple[click.Command, Sequence[str]]:
    """The command that these arguments call, and its own arguments."""
    command, end = root, 0
    for number, argument in enumerate(arguments, start=1):
        if not isinstance(command, click.Group):
            break
        found = command.get_command(click.Context(command), argument)
        command, end = (found, number) if found else (command, end)
    return command, arguments[end:]


def without_columns(arguments: Sequence[str], settings: Collection[str]) -> list[str]:
    """The arguments without the options that set these settings, which name columns."""
    names = {COLUMN_OPTIONS[key] for key in settings if key in COLUMN_OPTIONS}
    kept: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        option, equals, value = argument.partition("=")
        if option in names or (option == "--set" and _sets(value if equals else "".join(rest[:1]), settings)):
            rest = rest if equals else rest[1:]
        else:
            kept.append(argument)
    return kept


def _takes_settings(command: click.Command) -> bool:
    return any("--set" in parameter.opts for parameter in command.params)


def _sets(assignment: str, settings: Collection[str]) -> bool:
    return assignment.partition("=")[0].strip() in settings


def _to_option(key: str, columns: Sequence[str]) -> list[str]:
    """The words of the options that set a setting to columns."""
    from zoo_cli.options import to_toml_value

    if key not in COLUMN_OPTIONS:
        return ["--set", f"{key}={to_toml_value(columns) if columns else 'COL'}"]
    option = COLUMN_OPTIONS[key]
    return [
        word
        for name in columns or ("COL",)
        for word in ([f"{option}={name}"] if name.startswith("-") else [option, name])
    ]


def _quote(words: Sequence[str]) -> str:
    return " ".join(map(shlex.quote, words))
