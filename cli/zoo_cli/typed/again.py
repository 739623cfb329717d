"""The command that was typed, with other settings of the data, to paste back into a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from zoo_cli.typed.words import find_command
from zoo_core.config.assignment import FLAGS, OPTIONS

if TYPE_CHECKING:
    from zoo_core.components.missing_columns import ColumnNames
    from zoo_core.errors import Change, Problem

BARE_WORD = re.compile(r"[\w.-]+")
PLAIN_STRING = re.compile(r'"([^"\\]+)"')
DATA = "data"  # the key of a change of the file's name


def with_typed_hint(error: BaseException, command: click.Command, arguments: Sequence[str]) -> BaseException:
    """An error about the columns or the reading of data with the command to type; any other error unchanged."""
    from attrs import evolve

    from zoo_core.components.missing_columns import MissingColumnsError
    from zoo_core.errors import DataError

    if not isinstance(error, DataError):
        return error
    if isinstance(error, MissingColumnsError) and not error.missing.changes:
        hint = columns_hint(command, arguments, error.missing.names, error.missing.guesses)
        return MissingColumnsError(*(evolve(problem, hint=hint or problem.hint) for problem in error.problems))
    if not any(problem.changes for problem in error.problems):
        return error
    hints = [changes_hint(command, arguments, problem) for problem in error.problems]
    return DataError(
        *(evolve(problem, hint=hint or problem.hint) for problem, hint in zip(error.problems, hints, strict=True))
    )


def columns_hint(command: click.Command, arguments: Sequence[str], names: ColumnNames, guesses: ColumnNames) -> str:
    """How to name columns: the command that was typed with the guesses filled in, or its options alone.

    "" for a command without these options. `names` are the columns that are missing, by setting.
    """
    if "" in names or not names or not _takes_settings(find_command(command, arguments)[0]):
        return ""
    dropped = (
        "task.split" in names
        and "task.split" not in guesses
        and len(without_settings(arguments, names)) < len(arguments)
    )
    missing = [key for key in names if key != "task.split" or not dropped]  # without a column of splits, rows are split
    options = column_options({**dict.fromkeys(missing, ("COL",)), **guesses})
    if not guesses.keys() >= set(missing):
        return f"name {'it' if len(missing) == 1 else 'them'} with {_quote(options)}"
    return _again_or_add(arguments, {*names, *guesses}, options)


def changes_hint(command: click.Command, arguments: Sequence[str], problem: Problem) -> str:
    """The command that was typed with the likeliest change of a problem, and the options of the others; "" if none."""
    from zoo_core.messages import suggest_command

    if not problem.changes or not _takes_settings(find_command(command, arguments)[0]):
        return ""
    first, *others = problem.changes
    names = dict(first)
    data = names.pop(DATA, "")
    arguments, is_named = _with_file(arguments, problem.where, data) if data else (arguments, True)
    options = change_options(names.items())
    if not is_named:
        option = suggest_command("--data", PurePath(data))
        return option and f"name it with {option}"
    replaced = {*names, "reader"} if "reader.delimiter" in names else {*names}  # a named reader may have another one
    hint = _again_or_add(arguments, replaced, options)
    alternatives = [_quote(change_options(change)) for change in others]
    return "; or with ".join([hint, *alternatives]) if hint else ""


def _with_file(arguments: Sequence[str], path: str, data: str) -> tuple[list[str], bool]:
    """The arguments with another name for a file, or a part of it, and whether one of them was that file."""
    from zoo_core.data.files.parts import split_part

    changed = []
    for argument in arguments:
        option, equals, value = argument.partition("=") if argument.startswith("--data=") else ("", "", argument)
        changed.append(f"{option}{equals}{data}" if split_part(value)[0] == path else argument)
    return changed, changed != list(arguments)


def _again_or_add(arguments: Sequence[str], replaced: Collection[str], options: Sequence[str]) -> str:
    """The command that was typed with these options, or the advice to add them; "" if they cannot be printed."""
    is_again = "-" not in arguments and not any(argument.endswith("=-") for argument in arguments)
    again = type_again(arguments, replaced, options) if is_again else ""
    return again or (f"add {_quote(options)}" if options and all(option.isprintable() for option in options) else "")


def column_options(columns: ColumnNames) -> list[str]:
    """The words of the options that name columns, by setting."""
    from zoo_cli.options import to_toml_value

    words: list[str] = []
    for key, names in columns.items():
        if key in OPTIONS:
            words += [word for name in names for word in _to_option(key, name)]
        else:
            words += ["--set", f"{key}={'COL' if tuple(names) == ('COL',) else to_toml_value(names)}"]
    return words


def change_options(change: Iterable[tuple[str, str]] | Change) -> list[str]:
    """The words of the options that change settings."""
    from zoo_cli.options import to_toml_value

    words: list[str] = []
    for key, value in change:
        if (key, value) in FLAGS:
            words.append(FLAGS[key, value])
        elif key in OPTIONS:
            words += _to_option(key, value)
        else:
            words += ["--set", f"{key}={to_toml_value([value])}"]
    return words


def setting_options(assignments: Iterable[str]) -> str:
    """The options that set these settings, in short forms where there are some; "" if one cannot be printed.

    >>> setting_options(['task.text="my text"', "task.min_rows=2"])
    "--text 'my text' --set task.min_rows=2"
    """
    words: list[str] = []
    for assignment in assignments:
        key, _, value = assignment.partition("=")
        plain = PLAIN_STRING.fullmatch(value)
        if (key, value) in FLAGS:
            words.append(FLAGS[key, value])
        elif key in OPTIONS and (plain or BARE_WORD.fullmatch(value)):
            words += _to_option(key, plain[1] if plain else value)
        else:
            words += ["--set", assignment]
    return _quote(words) if all(word.isprintable() for word in words) else ""


def type_again(arguments: Sequence[str], replaced: Collection[str], options: Sequence[str]) -> str:
    """The command line with these options, in place of what it says of the settings `replaced`; "" if unprintable."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return quote_command([*without_settings(arguments[:end], replaced), *options, *arguments[end:]])


def quote_command(arguments: Sequence[str]) -> str:
    """The command line of these arguments, to paste; "" if it is too long, or cannot be printed as it is."""
    from zoo_core.messages import MAX_COMMAND_CHARS

    command = _quote(["zoo", *arguments])
    return command if command.isprintable() and len(command) <= MAX_COMMAND_CHARS else ""


def without_settings(arguments: Sequence[str], settings: Collection[str]) -> list[str]:
    """The arguments without the options that set these settings, of the columns or of the reader."""
    names = {OPTIONS[key] for key in settings if key in OPTIONS}
    flags = {flag for (key, _), flag in FLAGS.items() if key in settings}
    kept: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        option, equals, value = argument.partition("=")
        if option in names or (option == "--set" and _sets(value if equals else "".join(rest[:1]), settings)):
            rest = rest if equals else rest[1:]
        elif argument not in flags:
            kept.append(argument)
    return kept


def _takes_settings(command: click.Command) -> bool:
    return any("--set" in parameter.opts for parameter in command.params)


def _sets(assignment: str, settings: Collection[str]) -> bool:
    return assignment.partition("=")[0].strip() in settings


def _to_option(key: str, value: str) -> list[str]:
    return [f"{OPTIONS[key]}={value}"] if value.startswith("-") else [OPTIONS[key], value]


def _quote(words: Sequence[str]) -> str:
    return " ".join(map(shlex.quote, words))
