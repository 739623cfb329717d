"""Usage errors as lines in our format, and options that were renamed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import click
from attrs import frozen

from zoo_cli.typed.words import find_command


@frozen
class RenamedOption:
    """An option of a command that has another name now."""

    command: str  # without `zoo`
    old: str
    new: str


RENAMED_OPTIONS = (
    RenamedOption("predict", "--input", "--data"),
    RenamedOption("swap", "--out", "--run"),
    RenamedOption("plugins new", "--dir", "--output"),
)


def format_usage_error(error: click.UsageError, root: click.Group, arguments: Sequence[str]) -> list[str]:
    """click's message in our format: lower case, no full stop, a hint that works."""
    command = error.ctx.command_path if error.ctx else _command_path(root, arguments)
    if isinstance(error, click.NoSuchOption):
        return [f"no such option: {error.option_name} (hint: {_option_hint(error, command, arguments)})"]
    text = error.format_message().removesuffix(".")
    if text.endswith("?") and "Did you mean" in text:
        text, _, suggestion = text.partition(" Did you mean ")
        return [f"{_lower(text.removesuffix('.'))} (hint: did you mean {suggestion})"]
    return [f"{_lower(text)} (hint: see {command} --help)"]


def _command_path(root: click.Group, arguments: Sequence[str]) -> str:
    """The command that the arguments name, for an error of the parser, which does not know it."""
    words, command = ["zoo"], root
    for word in (one for one in arguments if not one.startswith("-")):
        found = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if found is None:
            break
        words.append(word)
        command = found  # type: ignore[assignment]
    return " ".join(words)


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _option_hint(error: click.NoSuchOption, command: str, arguments: Sequence[str]) -> str:
    from zoo_core.messages import suggest

    name = error.option_name
    for renamed in RENAMED_OPTIONS:
        if (f"zoo {renamed.command}", renamed.old) == (command, name):
            return f"it is now called {renamed.new}"
    root = error.ctx.find_root().command if error.ctx else None
    if error.ctx and root and name in _options(root):
        written = next(one for one in root.params if name in one.opts)
        words = [name] if getattr(written, "is_flag", False) else [name, _value_after(name, arguments)]
        others = list(arguments)
        for word in words:
            if word in others:
                others.remove(word)
        return " ".join(["options of zoo stand before the command, as in: zoo", *map(shlex.quote, [*words, *others])])
    if (
        error.ctx
        and error.ctx.command is root
        and name in arguments
        and (moved := _after_command(name, root, arguments))
    ):
        return f"put it after the command, as in: {moved}"
    close = suggest(name, [one for one in _options(error.ctx.command) if one.startswith("--")]) if error.ctx else None
    return close.text if close else f"see {command} --help"


def _after_command(name: str, root: click.Command, arguments: Sequence[str]) -> str:
    """The command line with an option that stands before the command behind it; "" if no command has the option."""
    at = list(arguments).index(name)
    for words in (1, 2):  # a flag, or an option and its value
        others = [*arguments[:at], *arguments[at + words :]]
        command, _ = find_command(root, others)
        found = next((one for one in command.params if name in one.opts and command is not root), None)
        if found and (words == 1) == bool(getattr(found, "is_flag", False)):
            return shlex.join(["zoo", *others, *arguments[at : at + words]])
    return ""


def _value_after(name: str, arguments: Sequence[str]) -> str:
    """The value of an option on the command line, or a word for it."""
    at = list(arguments).index(name) + 1 if name in arguments else len(arguments)
    return arguments[at] if at < len(arguments) else "VALUE"


def _options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if isinstance(parameter, click.Option)}
