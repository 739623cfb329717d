"""`zoo plugins new`: create the project of a new plugin."""

from __future__ import annotations

import click

from zoo_cli.options import json_option
from zoo_cli.output import print_note
from zoo_cli.output_file import force_option, is_forced, print_written
from zoo_cli.scaffold.example_kinds import KINDS
from zoo_cli.streams import write_out


@click.command("new", epilog="Example: zoo plugins new textzoo-mine --kind activation --kind loss")
@click.argument("name")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    default=("activation",),
    show_default=True,
    help="Kind of component to include (repeatable).",
)
@click.option(
    "-o", "--output", "folder", metavar="DIR", help="The folder to create. Default: NAME in the current folder."
)
@force_option
@json_option
def new_plugin(name: str, kinds: tuple[str, ...], folder: str | None, as_json: bool) -> None:
    """Create the project of a plugin NAME (textzoo-…) with passing tests.

    Prints the folder. The project holds an example of each kind, for you to replace.
    """
    from pathlib import Path

    from zoo_cli.scaffold.project import render_project, write_project
    from zoo_core.messages import suggest_command

    texts = render_project(name, kinds)
    target = Path(folder or name)
    write_project(target, texts, overwrites=is_forced())
    if as_json:
        print_written(str(target), files=list(texts))
        return
    command = suggest_command("cd", target)
    follow_up = f" (next: {command} && pip install -e '.[dev]' && pytest && zoo list)" if command else ""
    print_note(f"{len(texts)} files written{follow_up}")
    write_out(str(target))
