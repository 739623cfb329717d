"""`zoo list` and `zoo show`: what there is. Neither imports torch."""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any

import click

from zoo_cli.completion import complete_component, complete_kind
from zoo_cli.context import the_zoo
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_table
from zoo_cli.streams import put
from zoo_core.components.kinds import first_line


@click.command("list", epilog="Example: zoo list activation")
@click.argument("kind", required=False, shell_complete=complete_kind)
@json_option
@plugin_option
@click.pass_context
def list_command(ctx: click.Context, kind: str | None, as_json: bool) -> None:
    """List every component, or those of one KIND (activation, loss, model … or recipe)."""
    from zoo_core.components.kinds import KINDS
    from zoo_core.plugins.registry import kind_named

    zoo = the_zoo(ctx)
    kinds = (
        [one.name for one in KINDS]
        if kind is None
        else []
        if kind == "recipe"
        else [kind_named(kind, also=["recipe"]).name]
    )
    rows = [
        {"kind": e.kind, "name": e.name, "plugin": e.owner.plugin, "about": first_line(e.cls)}
        for name in kinds
        for e in zoo.registry.of_kind(name)
    ]
    if kind in (None, "recipe"):
        rows += [
            {
                "kind": "recipe",
                "name": name,
                "plugin": zoo.origins[name],
                "about": recipe.values.get("about", ""),
            }
            for name, recipe in sorted(zoo.recipes.items())
        ]
    if as_json:
        print_json(rows)
    else:
        print_table(["kind", "name", "plugin", "about"], [list(row.values()) for row in rows])


@click.command("show", epilog="Example: zoo show activation prelu")
@click.argument("kind", shell_complete=complete_kind)
@click.argument("name", shell_complete=complete_component)
@json_option
@plugin_option
@click.pass_context
def show_command(ctx: click.Context, kind: str, name: str, as_json: bool) -> None:
    """Show a component: its owner, settings, contract, formula and source. KIND may be recipe, too."""
    from zoo_core.plugins.registry import kind_named

    zoo = the_zoo(ctx)
    if kind == "recipe":
        from zoo_core.recipes.recipe import load_recipe, to_toml

        plan = load_recipe(name, zoo=zoo).plan()
        if as_json:
            from zoo_core.config.structure import unstructure

            print_json(unstructure(plan))
        else:
            put(to_toml(plan), nl=False)
        return
    facts = described(zoo.registry.get(kind_named(kind, also=["recipe"]).name, name))
    if as_json:
        print_json(facts)
        return
    put(f"{facts['kind']} {facts['name']}   ({facts['owner']})\n\n{facts['help']}\n\nContract")
    for key, value in facts["contract"].items():
        put(f"  {key}: {spoken(value)}")
    if not facts["settings"]:
        put("\nSettings: none")
        return
    put("\nSettings")
    for one in facts["settings"]:
        limits = f", {one['limits']}" if one["limits"] else ""
        limits += "".join(f", {key} {spoken(value)}" for key, value in one["where"].items())
        put(f"  {one['name']} = {json.dumps(one['default'])}   ({one['type']}{limits})\n      {one['help']}")


def described(entry: Any) -> dict[str, Any]:
    """Everything `zoo show` tells of a component, as plain data."""
    from zoo_core.components.fields import default_of, limits_of
    from zoo_core.components.kinds import contract, fields
    from zoo_core.components.setting_types import spelled

    return {
        "kind": entry.kind,
        "name": entry.name,
        "owner": entry.qualified,
        "version": entry.owner.version,
        "help": cleandoc(entry.cls.__doc__),
        "contract": {key: _plain(value) for key, value in contract(entry.cls).items()},
        "settings": [
            {
                "name": one.name,
                "type": spelled(one.type),
                "default": _plain(default_of(one)),
                "limits": limits_of(one),
                "where": dict(one.metadata.get("where", {})),
                "help": one.metadata["help"],
            }
            for one in fields(entry.cls)
        ],
    }


def _plain(value: Any) -> Any:
    """A value JSON can hold: infinities by name, tuples as lists."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return value


def spoken(value: Any) -> str:
    """A plain value for people: `yes`, `-inf, inf`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(spoken, value)) or "none"
    return str(value)
