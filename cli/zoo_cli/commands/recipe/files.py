"""`zoo recipe new`, `schema` and `lock`: the commands that write files."""

from __future__ import annotations

from pathlib import Path

import click

from zoo_cli.completion import complete_recipe
from zoo_cli.context import open_zoo_for
from zoo_cli.options import json_option, plugin_option, recipe_options
from zoo_cli.output import print_note, print_table
from zoo_cli.recipe_argument import resolve_recipe
from zoo_cli.streams import write_out

output_option = click.option(
    "-o", "--output", type=click.Path(), default="-", metavar="FILE", help="Output file; - is standard output."
)


@click.command("new", epilog="Example: zoo recipe new my.toml --model mlp --set model.activation=prelu")
@click.argument("file", type=click.Path())
@click.option("--from", "base", metavar="RECIPE", shell_complete=complete_recipe, help="Start from this recipe.")
@recipe_options
@click.option("--about", default="", metavar="TEXT", help="A one-line description of the recipe.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_context
def new_recipe(
    ctx: click.Context,
    /,
    file: str,
    base: str | None,
    settings: tuple[str, ...],
    about: str,
    force: bool,
) -> None:
    """Write a recipe with the meaning and default of every setting to FILE. The recipe is checked first.

    FILE must end in .toml; - is standard output.
    """
    from zoo_core.errors import RecipeError
    from zoo_core.messages import suggest_command
    from zoo_core.recipes.annotated_toml import annotated_toml

    if file != "-" and not file.endswith(".toml"):
        raise RecipeError("the name of a recipe file must end in .toml", where=file, hint=f"use {file}.toml")
    if file != "-" and Path(file).exists() and not force:
        raise RecipeError(f"{file} already exists", hint="overwrite it with --force")
    text = annotated_toml(resolve_recipe(open_zoo_for(ctx), base, settings), about=about)
    _write_text(text, file)
    if file != "-":
        command = suggest_command("zoo train", Path(file))
        print_note(f"{file} written" + (f" (next: {command} --data FILE)" if command else ""))


@click.command("schema", epilog="Example: zoo recipe schema -o recipe.schema.json")
@output_option
@click.pass_context
def recipe_schema(ctx: click.Context, output: str) -> None:
    """Write the JSON Schema of recipes, from the loaded plugins, for completion in editors."""
    import json

    from zoo_core.messages import escape_terminal_controls
    from zoo_core.recipes import json_schema

    schema = json.dumps(json_schema.recipe_schema(open_zoo_for(ctx)), indent=1, ensure_ascii=False)
    _write_text(f"{escape_terminal_controls(schema)}\n", output)


@click.command("lock", epilog="Example: zoo recipe lock my.toml -o my.lock.json")
@click.argument("recipe", shell_complete=complete_recipe)
@recipe_options
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="Write the lock to a file for zoo train --locked."
)
@plugin_option
@json_option
@click.pass_context
def lock_recipe(ctx: click.Context, recipe: str, settings: tuple[str, ...], output: str | None, as_json: bool) -> None:
    """Print the plugin, version and code hash of each component of RECIPE, or write them as a lock file."""
    from zoo_core.filesystem.outputs import check_output
    from zoo_core.messages import escape_terminal_controls
    from zoo_core.recipes.compatibility import check
    from zoo_core.recipes.fingerprints import component_fingerprints
    from zoo_core.runs.lockfile import make_lock

    check_output(output or "-", [recipe])
    zoo = open_zoo_for(ctx)
    plan = check(resolve_recipe(zoo, recipe, settings))
    if output or as_json:
        _write_text(escape_terminal_controls(make_lock(plan, zoo).decode()), output or "-")
        return
    rows = [
        (slot, entry["name"], entry["plugin"], f"{entry['distribution']} {entry['version']}", entry["code"][:12])
        for slot, entry in component_fingerprints(plan, zoo.registry).items()
    ]
    print_table(["slot", "component", "plugin", "distribution", "code"], rows)


def _write_text(text: str, output: str) -> None:
    if output == "-":
        write_out(text, nl=False)
        return
    from zoo_core.filesystem.writing import atomic_write

    with atomic_write(output) as stream:
        stream.write(text.encode())
