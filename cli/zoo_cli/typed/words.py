"""The words of a command line: the command that they call, and the order in which its settings were typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from zoo_core.config.assignment import Assignment

WORDS = "zoo_cli.words"  # of the whole command line, in the `meta` of a context


def find_command(root: click.Command, arguments: Sequence[str]) -> tuple[click.Command, Sequence[str]]:
    """The command that these arguments call, and its own arguments."""
    command, end = root, 0
    for number, argument in enumerate(arguments, start=1):
        if not isinstance(command, click.Group):
            break
        found = command.get_command(click.Context(command), argument)
        command, end = (found, number) if found else (command, end)
    return command, arguments[end:]


def in_typed_order(settings: Iterable[str]) -> tuple[str, ...]:
    """These assignments of the current command, in the order of the command line: the last of a setting wins.

    An Assignment was written as an option of its own, any other text with `--set`, in this order.
    """
    given, context = tuple(settings), click.get_current_context()
    words = context.meta.get(WORDS, ())
    if len(given) < 2 or not words:
        return given
    command, rest = find_command(context.find_root().command, words)
    _, _, typed = command.make_parser(click.Context(command)).parse_args(list(rest))
    last = {option: place for place, parameter in enumerate(typed) for option in parameter.opts}
    sets = iter([place for place, parameter in enumerate(typed) if parameter.name == "settings"])
    places = [
        last.get(text.written_as.partition(" ")[0], len(typed))
        if isinstance(text, Assignment)
        else next(sets, len(typed))
        for text in given
    ]
    return tuple(text for _, text in sorted(zip(places, given, strict=True), key=lambda pair: pair[0]))
