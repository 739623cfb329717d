"""`zoo recipe migrate`: today's names in the place of old ones."""

from __future__ import annotations

import click

from zoo_cli.context import the_zoo
from zoo_cli.options import plugin_option
from zoo_cli.output import note
from zoo_cli.streams import put


@click.command("migrate", epilog="Example: zoo recipe migrate mine.toml")
@click.argument("file")
@click.option("--output", "-o", metavar="FILE", help="Where to write; - is standard output. Left out: FILE itself.")
@plugin_option
@click.pass_context
def migrate_recipe(ctx: click.Context, file: str, output: str | None) -> None:
    """Write today's names of components into the recipe FILE; comments and order stay."""
    from zoo_core.filesystem import whole_file
    from zoo_core.recipes.migration import migrated

    text, changed = migrated(file, the_zoo(ctx))
    for rename in changed:
        note(str(rename))
    if not changed:
        note(f"{file}: every name is today's")
    if output == "-":
        put(text, nl=False)
    elif changed or output is not None:
        with whole_file(output or file) as stream:
            stream.write(text.encode())
