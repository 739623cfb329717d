"""`zoo recipe migrate`: replace the old names of components by their current names."""

from __future__ import annotations

import click

from zoo_cli.context import open_zoo_for
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_note
from zoo_cli.output_file import check_output, force_option, print_written, write_text


@click.command("migrate", epilog="Example: zoo recipe migrate mine.toml")
@click.argument("file")
@click.option("--output", "-o", metavar="FILE", help="Output file; - is standard output. Default: overwrite FILE.")
@force_option
@plugin_option
@json_option
@click.pass_context
def migrate_recipe(ctx: click.Context, file: str, output: str | None, as_json: bool) -> None:
    """Replace old component names in the recipe FILE by current ones; comments and order are unchanged."""
    from zoo_core.filesystem.sealed_files import check_unsealed
    from zoo_core.recipes.migration import migrate_recipe_file

    if output is not None:
        check_output(output)
    else:
        check_unsealed(file)
    text, renames = migrate_recipe_file(file, open_zoo_for(ctx))
    for rename in renames:
        print_note(str(rename))
    if not renames:
        print_note(f"{file}: all names are current")
    is_printed = output == "-" and as_json
    if (renames or output is not None) and not is_printed:
        write_text(text, output or file)
    if as_json:
        renamed = [{"key": one.key, "where": one.where, "old": one.old, "new": one.new} for one in renames]
        print_written(output or file, renamed=renamed, **({"text": text} if is_printed else {}))
