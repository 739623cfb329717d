"""`zoo recipe`: list, resolve, check and compare recipes. These commands do not import torch."""

from __future__ import annotations

import click

from zoo_cli.commands.recipe.files import lock_recipe, new_recipe, recipe_schema
from zoo_cli.commands.recipe.migrate import migrate_recipe
from zoo_cli.completion.recipes import complete_key, complete_recipe, complete_slot
from zoo_cli.context import open_zoo_for
from zoo_cli.options import classes_option, json_option, plugin_option, recipe_options
from zoo_cli.output import print_json, print_note, print_table, print_warning
from zoo_cli.recipe_argument import combine_recipe, resolve_recipe, warn_of_dropped_settings
from zoo_cli.streams import write_out

recipe_argument = click.argument("recipe", shell_complete=complete_recipe)


@click.group("recipe", epilog="Example: zoo recipe check yelp-mlp --set model.activation=prelu")
def recipe_command() -> None:
    """Create, check, compare and lock recipes. RECIPE is a name or a .toml file."""


for command in (new_recipe, recipe_schema, lock_recipe, migrate_recipe):
    recipe_command.add_command(command)


@recipe_command.command("list", epilog="Example: zoo recipe list --json")
@plugin_option
@json_option
@click.pass_context
def list_recipes(ctx: click.Context, as_json: bool) -> None:
    """List the named recipes, the layer each comes from, and the recipe it extends."""
    zoo = open_zoo_for(ctx)
    rows = [
        {
            "recipe": name,
            "from": layer,
            "extends": zoo.recipes[name].values.get("extends", ""),
            "about": zoo.recipes[name].values.get("about", ""),
        }
        for name, layer in sorted(zoo.origins.items())
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(["recipe", "from", "extends", "about"], [list(row.values()) for row in rows])


@recipe_command.command("show", epilog="Example: zoo recipe show yelp-mlp --annotated")
@recipe_argument
@recipe_options
@click.option("--annotated", is_flag=True, help="Add the meaning, limits and default of every setting.")
@plugin_option
@json_option
@click.pass_context
def show_recipe(ctx: click.Context, recipe: str, settings: tuple[str, ...], annotated: bool, as_json: bool) -> None:
    """Print the resolved RECIPE, with every component and every setting."""
    from zoo_core.recipes.recipe import plan_values, to_toml

    resolved = resolve_recipe(open_zoo_for(ctx), recipe, settings)
    if as_json:
        print_json(plan_values(resolved.plan(), resolved.zoo.registry))
    elif annotated:
        from zoo_core.recipes.annotated_toml import annotated_toml

        write_out(annotated_toml(resolved), nl=False)
    else:
        write_out(to_toml(resolved.plan(), resolved.zoo.registry), nl=False)


@recipe_command.command("check", epilog="Example: zoo recipe check my.toml --classes 5")
@recipe_argument
@recipe_options
@classes_option
@plugin_option
@json_option
@click.pass_context
def check_recipe(
    ctx: click.Context, recipe: str, settings: tuple[str, ...], classes: int | None, as_json: bool
) -> None:
    """Check every setting of RECIPE and whether its components are compatible. Reads no data."""

    from zoo_core.errors import ZooError
    from zoo_core.recipes.compatibility import check, find_doubts
    from zoo_core.recipes.conflicts import find_conflicts
    from zoo_core.recipes.migration import find_renamed
    from zoo_core.recipes.plan import SLOTS

    try:
        resolved = combine_recipe(open_zoo_for(ctx), recipe, settings)
        plan = check(resolved, num_classes=classes)
    except ZooError as error:
        if as_json:
            problems = [{"message": one.text, "where": one.where, "hint": one.hint} for one in error.problems]
            print_json({"recipe": recipe, "fits": False, "problems": problems})
        raise
    for rename in find_renamed(resolved):
        print_warning(f"{rename}")
    warn_of_dropped_settings([resolved], of_files=True)
    for doubt in find_doubts(plan):
        print_warning(f"{doubt}")
    is_binary = bool(find_conflicts(plan, 3))
    if as_json:
        print_json({"recipe": recipe, "fits": True, "problems": [], "classes": "two" if is_binary else "any"})
        return
    components = ", ".join(getattr(plan, slot).name for slot in SLOTS)
    print_note(f"{recipe} is valid{' for two classes' if is_binary else ''}: {components}")


@recipe_command.command("diff", epilog="Example: zoo recipe diff yelp-perceptron yelp-mlp")
@click.argument("a", shell_complete=complete_recipe)
@click.argument("b", shell_complete=complete_recipe)
@recipe_options
@plugin_option
@json_option
@click.pass_context
def diff_recipes(ctx: click.Context, a: str, b: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Print every key whose value differs between the recipes A and B. Options that change a recipe change both."""
    from attrs import asdict

    from zoo_core.recipes.flat_keys import diff_recipes, format_toml

    zoo = open_zoo_for(ctx)
    differences = diff_recipes(resolve_recipe(zoo, a, settings), resolve_recipe(zoo, b, settings))
    if as_json:
        print_json([asdict(difference) for difference in differences])
    elif differences:
        print_table(["key", a, b], [(diff.key, format_toml(diff.a), format_toml(diff.b)) for diff in differences])
    else:
        print_note(f"{a} and {b} resolve to the same settings")


@recipe_command.command("why", epilog="Example: zoo recipe why yelp-mlp model.activation")
@recipe_argument
@click.argument("key", shell_complete=complete_key)
@recipe_options
@plugin_option
@json_option
@click.pass_context
def why_setting(ctx: click.Context, recipe: str, key: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Show which layer and line of RECIPE set KEY, and the values it overrides. The last row is in effect."""
    from attrs import asdict

    from zoo_core.recipes.flat_keys import format_toml
    from zoo_core.recipes.provenance import trace_setting

    origins = trace_setting(resolve_recipe(open_zoo_for(ctx), recipe, settings), key)
    if as_json:
        print_json([{**asdict(origin), "in_effect": origin is origins[-1]} for origin in origins])
        return
    rows = []
    for origin in origins:
        layer = f"{origin.layer} (default)" if origin.default and origin is not origins[0] else origin.layer
        state = "in effect" if origin is origins[-1] else "overridden"
        rows.append((format_toml(origin.value), layer, origin.where, state))
    print_table(["value", "layer", "where", "state"], rows, ["dim"] * (len(rows) - 1) + ["bold"])


@recipe_command.command("fits", epilog="Example: zoo recipe fits yelp-mlp model.activation")
@recipe_argument
@click.argument("slot", shell_complete=complete_slot)
@recipe_options
@classes_option
@plugin_option
@json_option
@click.pass_context
def show_alternatives(
    ctx: click.Context, recipe: str, slot: str, settings: tuple[str, ...], classes: int | None, as_json: bool
) -> None:
    """List the components that fit a SLOT of RECIPE, with the rest of RECIPE unchanged, and why others do not fit."""
    from attrs import asdict

    from zoo_core.recipes.alternatives import find_alternatives

    resolved = resolve_recipe(open_zoo_for(ctx), recipe, settings)
    alternatives = find_alternatives(resolved, slot, num_classes=classes)
    for problem in alternatives.common_problems:
        print_warning(f"with any component in this slot: {problem}")
    if as_json:
        print_json([{**asdict(candidate), "fits": not candidate.reasons} for candidate in alternatives.candidates])
        return
    rows = []
    for candidate in alternatives.candidates:
        fits = "no" if candidate.reasons else "yes"
        fits += " (current)" if candidate.is_current else ""
        rows.append((candidate.name, fits, "; ".join(candidate.reasons)))
    print_table(["name", "fits", "reason"], rows)
