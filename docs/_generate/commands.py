"""The page of commands, from the click commands of `zoo`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from _generate.markdown import code, note, table
from zoo_cli.main import CONTEXT_SETTINGS, zoo

HEAD = """# Commands

Data goes to standard output, messages go to standard error. `--json` is an option of every command: it prints one JSON
value on standard output instead of text. With `-o FILE`, that value says what was written. Errors stay lines on
standard error, and standard output is then empty, except for the result of a check that failed.

Input is `--data`, output is `-o` or `--output`; an existing file is only overwritten with `--force`. Options of `zoo`
itself stand before the command: `zoo --no-plugins list`. [Exit codes](exit-codes.md) are the same for every command.
`zoo COMMAND -h` prints the section of a command.
"""


def page() -> str:
    """One section for each command, with its arguments and options."""
    return "\n".join([note("commands"), "", HEAD, *(_section(path, command) for path, command in _walk(zoo, "zoo"))])


def _walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path, **CONTEXT_SETTINGS)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _walk(child, f"{path} {name}")


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, **CONTEXT_SETTINGS)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    parts = [f"## {path}", f"```text\n{usage}\n```", _options_as_code(_prose(command.help or ""))]
    if isinstance(command, click.Group):
        parts.append(table(("command", "purpose"), _summaries(path, command, context)))
    records = [o.get_help_record(context) for o in command.params if isinstance(o, click.Option)]
    if rows := [(_names(names), _options_as_code(text)) for names, text in filter(None, records)]:
        parts.append(table(("option", "meaning"), rows))
    if command.epilog:
        parts.append(_example(command.epilog))
    return "\n\n".join(filter(None, parts)) + "\n"


def _summaries(path: str, group: click.Group, context: click.Context) -> Iterator[tuple[str, str]]:
    """A link to each command of a group, and the first sentence of its help."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        paragraph = _prose(command.help or "").partition("\n\n")[0]
        yield f"[`{path} {name}`](#{path.replace(' ', '-')}-{name})", _options_as_code(paragraph)


def _names(names: str) -> str:
    """The names of an option; the long list of values of a choice may break anywhere."""
    return code(names.replace("|", ", ").replace("[", "").replace("]", "")) if "|" in names else code(names)


def _prose(text: str) -> str:
    """Help text as Markdown: paragraphs, each on one line, with no formatting of its own."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in cleandoc(text).split("\n\n")]
    return "\n\n".join(paragraphs)


def _options_as_code(text: str) -> str:
    """Help text with each option name as inline code."""
    return re.sub(r"(?<![\w`-])--[a-z][a-z-]*", lambda option: code(option[0]), text)


def _example(epilog: str) -> str:
    label, _, command = epilog.partition(": ")
    return f"{label}: " + ", ".join(code(one) for one in command.split(", or "))
