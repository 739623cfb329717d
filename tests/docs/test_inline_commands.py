"""Commands that stand inside a sentence or a table name commands and options that exist."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

import click
import pytest

from tests.docs.blocks import PAGES, ROOT
from tests.docs.test_links import prose
from zoo_cli.main import CONTEXT_SETTINGS, zoo

INLINE = re.compile(r"`(zoo [^`]+)`")
VALUED = ("--no-plugin", "--plugin")  # options of `zoo` itself that take a value
COMMANDS = [
    pytest.param(command.replace("\\|", "|"), id=f"{page.relative_to(ROOT).as_posix()}: {command}")
    for page in PAGES
    for command in sorted(set(INLINE.findall(prose(page))))
]


def unknown_words(command: str) -> list[str]:
    """Subcommands and options of a command line that `zoo` does not have."""
    current: click.Command = zoo
    known = option_names(current)
    unknown: list[str] = []
    words = shlex.split(command)
    for before, word in pairwise(words):
        is_value = word.isupper() or word == "…" or ":" in word or before in VALUED  # PLUGIN:COMMAND
        if isinstance(current, click.Group) and not word.startswith("-") and not is_value:
            child = current.get_command(click.Context(current), word)
            if child is None:
                return [*unknown, word]
            current, known = child, known | option_names(child)
        elif word.startswith("-") and word != "-" and word not in known:
            unknown.append(word)
    return unknown


def option_names(command: click.Command) -> set[str]:
    """Every spelling of every option of a command."""
    return {
        name for parameter in command.get_params(click.Context(command, **CONTEXT_SETTINGS)) for name in parameter.opts
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_exists(command: str) -> None:
    assert unknown_words(command) == []


def test_unknown_words_are_found() -> None:
    assert unknown_words("zoo train RECIPE --epoch 3") == ["--epoch"]
    assert unknown_words("zoo recipe sho NAME") == ["sho"]
    assert unknown_words("zoo recpies list") == ["recpies"]
    assert unknown_words("zoo --no-plugin yelp list") == []
    assert len(COMMANDS) > 100
