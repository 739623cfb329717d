"""`zoo recipe migrate`: replace the old names of components by their current names."""

from __future__ import annotations

import click

from zoo_cli.context import open_zoo_for
from zoo_cli.options import plugin_option
from zoo_cli.output import print_note
from zoo_cli.streams import write_out


@click.command("migrate", epilog="Example: zoo recipe migrate mine.toml")
@click.argument("file")
@click.option("--output", "-o", metavar="FILE", help="Output file; - is standard output. Default: overwrite FILE.")
@plugin_option
@click.pass_context
def migrate_recipe(ctx: click.Context, file: str, output: str | None) -> None:
    """Replace old component names in the recipe FILE by current ones; comments and order are unchanged."""
    from zoo_core.filesystem.writing import atomic_write
    from zoo_core.recipes.migration import migrate_recipe_file

    text, renames = migrate_recipe_file(file, open_zoo_for(ctx))
    for rename in renames:
        print_note(str(rename))
    if not renames:
        print_note(f"{file}: all names are current")
    if output == "-":
        write_out(text, nl=False)
    elif renames or output is not None:
        with atomic_write(output or file) as stream:
            stream.write(text.encode())
