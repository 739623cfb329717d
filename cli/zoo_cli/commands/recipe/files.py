"""`zoo recipe new`, `schema` and `lock`: the commands that write files."""

from __future__ import annotations

from pathlib import Path

import click

from zoo_cli.completion.recipes import complete_recipe
from zoo_cli.context import open_zoo_for
from zoo_cli.options import json_option, plugin_option, recipe_options
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.output_file import check_output, force_option, print_written, write_text
from zoo_cli.recipe_argument import resolve_recipe

output_option = click.option(
    "-o", "--output", type=click.Path(), default="-", metavar="FILE", help="Output file; - is standard output."
)


@click.command("new", epilog="Example: zoo recipe new my.toml --model mlp --set model.activation=prelu")
@click.argument("file", type=click.Path())
@click.option("--from", "base", metavar="RECIPE", shell_complete=complete_recipe, help="Start from this recipe.")
@recipe_options
@click.option("--about", default="", metavar="TEXT", help="A one-line description of the recipe.")
@force_option
@json_option
@click.pass_context
def new_recipe(
    ctx: click.Context,
    file: str,
    base: str | None,
    settings: tuple[str, ...],
    about: str,
    as_json: bool,
) -> None:
    """Write a recipe with the meaning and default of every setting to FILE. The recipe is checked first.

    FILE must end in .toml; - is standard output.
    """
    from zoo_core.errors import RecipeError
    from zoo_core.messages import suggest_command
    from zoo_core.recipes.annotated_toml import annotated_toml
    from zoo_core.recipes.recipe import plan_values

    if file != "-" and not file.endswith(".toml"):
        raise RecipeError("the name of a recipe file must end in .toml", where=file, hint=f"use {file}.toml")
    check_output(file)
    recipe = resolve_recipe(open_zoo_for(ctx), base, settings)
    text = annotated_toml(recipe, about=about)
    if as_json and file == "-":
        print_json(plan_values(recipe.plan(), recipe.zoo.registry))
        return
    write_text(text, file)
    if as_json:
        print_written(file, recipe=plan_values(recipe.plan(), recipe.zoo.registry))
    elif file != "-":
        command = suggest_command("zoo train", Path(file))
        print_note(f"{file} written" + (f" (next: {command} --data FILE)" if command else ""))


@click.command("schema", epilog="Example: zoo recipe schema -o recipe.schema.json")
@output_option
@force_option
@json_option
@click.pass_context
def recipe_schema(ctx: click.Context, output: str, as_json: bool) -> None:
    """Write the JSON Schema of recipes, from the loaded plugins, for completion in editors."""
    import json

    from zoo_core.messages import escape_terminal_controls
    from zoo_core.recipes import json_schema

    check_output(output)
    schema = json.dumps(json_schema.recipe_schema(open_zoo_for(ctx)), indent=1, ensure_ascii=False)
    write_text(f"{escape_terminal_controls(schema)}\n", output)
    if as_json and output != "-":
        print_written(output)


@click.command("lock", epilog="Example: zoo recipe lock my.toml -o my.lock.json")
@click.argument("recipe", shell_complete=complete_recipe)
@recipe_options
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="Write the lock to a file for zoo train --locked."
)
@force_option
@plugin_option
@json_option
@click.pass_context
def lock_recipe(ctx: click.Context, recipe: str, settings: tuple[str, ...], output: str | None, as_json: bool) -> None:
    """Print the plugin, version and code hash of each component of RECIPE, or write them as a lock file."""
    from zoo_core.messages import escape_terminal_controls
    from zoo_core.recipes.compatibility import check
    from zoo_core.recipes.fingerprints import component_fingerprints
    from zoo_core.runs.lockfile import make_lock

    check_output(output or "-", [recipe])
    zoo = open_zoo_for(ctx)
    plan = check(resolve_recipe(zoo, recipe, settings))
    if output or as_json:
        write_text(escape_terminal_controls(make_lock(plan, zoo).decode()), output or "-")
        if as_json and output:
            print_written(output)
        return
    rows = [
        (slot, entry["name"], entry["plugin"], f"{entry['distribution']} {entry['version']}", entry["code"][:12])
        for slot, entry in component_fingerprints(plan, zoo.registry).items()
    ]
    print_table(["slot", "component", "plugin", "distribution", "code"], rows)
