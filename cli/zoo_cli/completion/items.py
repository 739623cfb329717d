"""Items of completions: plain words only, and no output and no errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from zoo_cli.streams import capture_output
from zoo_core.messages import escape_control_chars

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo

PLAIN = "@%+=:,./-_"  # besides letters and digits, what no shell interprets inside a word
Items = list[CompletionItem]
Complete = Callable[[click.Context, click.Parameter, str], Items]


def without_errors(complete: Complete) -> Complete:
    """Make a completion print nothing and return no items after an error: the command itself will report it."""

    def complete_quietly(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
        try:
            with capture_output([]):
                return complete(ctx, parameter, incomplete)
        except Exception:
            return []

    return complete_quietly


def open_zoo_for_completion(ctx: click.Context) -> Zoo:
    from zoo_core.config.zoo import open_zoo

    # pressing Tab is not a consent to run code of the working folder
    return open_zoo(disabled=tuple(ctx.find_root().params.get("no_plugin") or ()), trusts_project=False, warns=False)


def matching_items(names: Iterable[tuple[str, str]], incomplete: str) -> Items:
    """Items for names that the shell takes as they are: a name may be a stranger's, and is put on the command line."""
    return [
        CompletionItem(name, help=" ".join(escape_control_chars(help).split()))
        for name, help in names
        if name.startswith(incomplete) and _is_plain_word(name)
    ]


def _is_plain_word(name: str) -> bool:
    return all(character.isalnum() or character in PLAIN for character in name) and name[:1] not in ("-", "=", "")
