"""`zoo recipe`: what recipes there are, what they come to, and whether their parts fit. None of it imports torch."""

from __future__ import annotations

import click

from zoo_cli.commands.recipe.files import lock_recipe, new_recipe, recipe_schema
from zoo_cli.commands.recipe.migrate import migrate_recipe
from zoo_cli.completion import complete_key, complete_recipe, complete_slot
from zoo_cli.context import the_zoo
from zoo_cli.options import classes_option, json_option, plugin_option, set_option
from zoo_cli.output import note, print_json, print_table
from zoo_cli.recipe_argument import chosen
from zoo_cli.streams import put

recipe_argument = click.argument("recipe", shell_complete=complete_recipe)


@click.group("recipe", epilog="Example: zoo recipe check yelp-mlp --set model.activation=prelu")
def recipe_command() -> None:
    """Assemble, check, compare and lock recipes. RECIPE is a name, or a file that ends in .toml."""


for each in (new_recipe, recipe_schema, lock_recipe, migrate_recipe):
    recipe_command.add_command(each)


@recipe_command.command("list", epilog="Example: zoo recipe list --json")
@plugin_option
@json_option
@click.pass_context
def list_recipes(ctx: click.Context, as_json: bool) -> None:
    """List the recipes known by name, the layer each comes from, and what it extends."""
    zoo = the_zoo(ctx)
    rows = [
        {
            "recipe": name,
            "from": zoo.origins[name],
            "extends": one.values.get("extends", ""),
            "about": one.values.get("about", ""),
        }
        for name, one in sorted(zoo.recipes.items())
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(["recipe", "from", "extends", "about"], [list(row.values()) for row in rows])


@recipe_command.command("show", epilog="Example: zoo recipe show yelp-mlp --commented")
@recipe_argument
@set_option
@click.option("--commented", is_flag=True, help="With the meaning, limits and default of every setting.")
@plugin_option
@json_option
@click.pass_context
def show_recipe(ctx: click.Context, recipe: str, settings: tuple[str, ...], commented: bool, as_json: bool) -> None:
    """Print what RECIPE comes to, as a recipe of its own: every part and every setting."""
    from zoo_core.config.structure import unstructure
    from zoo_core.recipes.recipe import to_toml

    wanted = chosen(the_zoo(ctx), recipe, {}, settings)
    if as_json:
        print_json(unstructure(wanted.plan(), wanted.zoo.registry))
    elif commented:
        from zoo_core.recipes.annotated import commented as written

        put(written(wanted), nl=False)
    else:
        put(to_toml(wanted.plan(), wanted.zoo.registry), nl=False)


@recipe_command.command("check", epilog="Example: zoo recipe check my.toml --classes 5")
@recipe_argument
@set_option
@classes_option
@plugin_option
@json_option
@click.pass_context
def check_recipe(ctx: click.Context, recipe: str, settings: tuple[str, ...], classes: int, as_json: bool) -> None:
    """Check every setting of RECIPE and whether its parts fit each other. Reads no data."""
    from attrs import asdict

    from zoo_core.errors import ZooError
    from zoo_core.recipes.compatibility import check, clashes
    from zoo_core.recipes.migration import old_names
    from zoo_core.recipes.plan import SLOTS

    try:
        wanted = chosen(the_zoo(ctx), recipe, {}, settings)
        plan = check(wanted, num_classes=classes)
    except ZooError as error:
        if as_json:
            told = [asdict(problem) for problem in error.problems]
            print_json({"recipe": recipe, "fits": False, "problems": told})
        raise
    for rename in old_names(wanted):
        note(f"zoo: warning: {rename}")
    two = bool(clashes(plan, 3))
    if as_json:
        print_json({"recipe": recipe, "fits": True, "problems": [], "classes": "two" if two else "any"})
        return
    parts = ", ".join(getattr(plan, slot).name for slot in SLOTS)
    note(f"{recipe} fits{' two classes' if two else ''}: {parts}")


@recipe_command.command("diff", epilog="Example: zoo recipe diff yelp-perceptron yelp-mlp")
@click.argument("a", shell_complete=complete_recipe)
@click.argument("b", shell_complete=complete_recipe)
@plugin_option
@json_option
@click.pass_context
def diff_recipes(ctx: click.Context, a: str, b: str, as_json: bool) -> None:
    """Print every key whose value is not the same in the recipes A and B."""
    from attrs import asdict

    from zoo_core.recipes.keys import as_toml, differences

    zoo = the_zoo(ctx)
    found = differences(chosen(zoo, a, {}, ()), chosen(zoo, b, {}, ()))
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        print_table(["key", a, b], [(one.key, as_toml(one.a), as_toml(one.b)) for one in found])
    else:
        note(f"{a} and {b} come to the same.")


@recipe_command.command("why", epilog="Example: zoo recipe why yelp-mlp model.activation")
@recipe_argument
@click.argument("key", shell_complete=complete_key)
@set_option
@plugin_option
@json_option
@click.pass_context
def why_setting(ctx: click.Context, recipe: str, key: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Tell which layer and line of RECIPE set KEY, and what it overrode. The last one stands."""
    from attrs import asdict

    from zoo_core.recipes.keys import as_toml
    from zoo_core.recipes.provenance import why

    found = why(chosen(the_zoo(ctx), recipe, {}, settings), key)
    if as_json:
        print_json([{**asdict(one), "stands": one is found[-1]} for one in found])
        return
    rows = []
    for one in found:
        layer = f"{one.layer}, its default" if one.default and one is not found[0] else one.layer
        rows.append((as_toml(one.value), layer, one.where, "stands" if one is found[-1] else "overridden"))
    print_table(["value", "layer", "where", "state"], rows, ["dim"] * (len(rows) - 1) + ["bold"])


@recipe_command.command("fits", epilog="Example: zoo recipe fits yelp-mlp model.activation")
@recipe_argument
@click.argument("slot", shell_complete=complete_slot)
@set_option
@classes_option
@plugin_option
@json_option
@click.pass_context
def what_fits(
    ctx: click.Context, recipe: str, slot: str, settings: tuple[str, ...], classes: int, as_json: bool
) -> None:
    """List what could stand in a SLOT of RECIPE, all else as it is, and why the rest cannot."""
    from attrs import asdict

    from zoo_core.recipes.alternatives import fitting

    found = fitting(chosen(the_zoo(ctx), recipe, {}, settings), slot, num_classes=classes)
    for problem in found.besides:
        note(f"zoo: warning: whatever stands here: {problem}")
    if as_json:
        print_json([{**asdict(one), "fits": not one.reasons} for one in found.choices])
        return
    rows = [
        (one.name, ("no" if one.reasons else "yes") + (", is here" if one.here else ""), "; ".join(one.reasons))
        for one in found.choices
    ]
    print_table(["name", "fits", "why not"], rows)
