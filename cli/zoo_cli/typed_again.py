"""The command that was typed, with other columns, to paste back into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
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
    if "" in names or not names or "--set" not in options_of(command, arguments):
        return ""
    dropped = "task.split" in names and "task.split" not in guesses and len(_without(arguments, names)) < len(arguments)
    missing = [key for key in names if key != "task.split" or not dropped]  # without a column of splits, rows are split
    options = [word for key in missing for word in _to_option(key, guesses.get(key, ()))]
    if not guesses.keys() >= set(missing):
        return f"name {'it' if len(missing) == 1 else 'them'} with {_quote(options)}"
    is_again = "-" not in arguments and not any(argument.endswith("=-") for argument in arguments)
    again = type_again(arguments, names, options) if is_again else ""
    return again or (f"add {_quote(options)}" if all(option.isprintable() for option in options) else "")


def column_options(columns: ColumnNames) -> str:
    """The options that name columns, by setting, as they are typed."""
    return _quote([word for key, names in columns.items() for word in _to_option(key, names)])


def type_again(arguments: Sequence[str], replaced: Mapping[str, object], options: Sequence[str]) -> str:
    """The command line with these options, in place of what it says of the settings `replaced`; "" if unprintable."""
    from zoo_core.messages import MAX_COMMAND_CHARS

    end = arguments.index("--") if "--" in arguments else len(arguments)
    words = ["zoo", *_without(arguments[:end], replaced), *options, *arguments[end:]]
    command = _quote(words)
    return command if command.isprintable() and len(command) <= MAX_COMMAND_CHARS else ""


def options_of(command: click.Command, arguments: Sequence[str]) -> set[str]:
    """The options of the command that these arguments call."""
    for argument in arguments:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(click.Context(command), argument) or command
    return {option for parameter in command.params for option in parameter.opts}


def _without(arguments: Sequence[str], settings: Mapping[str, object]) -> list[str]:
    """The arguments without the options that set these settings."""
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


def _sets(assignment: str, settings: Mapping[str, object]) -> bool:
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
