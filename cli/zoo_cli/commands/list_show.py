"""`zoo list` and `zoo show`: the available components and recipes. Neither command imports torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.completion.recipes import complete_component, complete_kind, complete_shown
from zoo_cli.context import open_zoo_for
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.streams import write_out
from zoo_core.components.kinds import summary_line

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo


@click.command("list", epilog="Example: zoo list activation")
@click.argument("kind", required=False, shell_complete=complete_kind)
@json_option
@plugin_option
@click.pass_context
def list_command(ctx: click.Context, kind: str | None, as_json: bool) -> None:
    """List all components and recipes, or those of one KIND (activation, loss, model … or recipe)."""
    from zoo_core.components.kinds import KINDS
    from zoo_core.plugins.registry import find_kind, is_name_of

    zoo = open_zoo_for(ctx)
    if kind is None:
        kinds = [*(known.name for known in KINDS), "recipe"]
    else:
        kinds = ["recipe" if is_name_of(kind, "recipe") else find_kind(kind, also=["recipe"]).name]
    _print_rows(_rows_of(zoo, kinds), as_json)


def _rows_of(zoo: Zoo, kinds: Sequence[str]) -> list[dict[str, str]]:
    """The components of kinds, and the recipes if `recipe` is one of them."""
    rows = [
        {"kind": entry.kind, "name": entry.name, "plugin": entry.owner.plugin, "about": summary_line(entry.cls)}
        for name in kinds
        for entry in zoo.registry.of_kind(name)
    ]
    if "recipe" in kinds:
        rows += [
            {"kind": "recipe", "name": name, "plugin": layer, "about": zoo.recipes[name].values.get("about", "")}
            for name, layer in sorted(zoo.origins.items())
        ]
    return rows


def _print_rows(rows: Sequence[dict[str, str]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        print_table(["kind", "name", "plugin", "about"], [list(row.values()) for row in rows])


@click.command("show", epilog="Example: zoo show prelu, or zoo show activation prelu")
@click.argument("kind", metavar="[KIND] NAME", shell_complete=complete_shown)
@click.argument("name", metavar="", required=False, shell_complete=complete_component)
@json_option
@plugin_option
@click.pass_context
def show_command(ctx: click.Context, kind: str, name: str | None, as_json: bool) -> None:
    """Show a component or a recipe: its plugin, settings, contract, formula and source.

    Without KIND (activation, loss, model … or recipe), NAME is found among all of them; those that have the name are
    listed if there are several. The name of a kind alone lists that kind.
    """
    from zoo_core.plugins.registry import find_kind, is_name_of

    zoo = open_zoo_for(ctx)
    if name is None:
        found = _find_by_name(zoo, kind)
        if len(found) != 1:
            if not all(is_name_of(kind, row["kind"]) for row in found):
                print_note(f'"{kind}" is the name of {len(found)} components: name the kind, too')
            _print_rows(found, as_json)
            return
        kind, name = found[0]["kind"], kind
    if is_name_of(kind, "recipe"):
        kind = "recipe"
    if kind == "recipe":
        from zoo_core.recipes.recipe import load_recipe, plan_values, to_toml

        plan = load_recipe(name, zoo=zoo).plan()
        if as_json:
            print_json(plan_values(plan, zoo.registry))
        else:
            write_out(to_toml(plan), nl=False)
        return
    facts = describe_component(zoo.registry.get(find_kind(kind, also=["recipe"]).name, name))
    if as_json:
        print_json(facts)
        return
    write_out(f"{facts['kind']} {facts['name']}   ({facts['owner']})\n\n{facts['help']}")
    if facts["contract"]:
        write_out("\nContract")
    for key, value in facts["contract"].items():
        write_out(f"  {key}: {format_value(value)}")
    if not facts["settings"]:
        write_out("\nSettings: none")
        return
    write_out("\nSettings")
    for setting in facts["settings"]:
        limits = f", {setting['limits']}" if setting["limits"] else ""
        limits += "".join(f", {key} {format_value(value)}" for key, value in setting["where"].items())
        write_out(f"  {setting['name']} = {json.dumps(setting['default'])}   ({setting['type']}{limits})")
        write_out(f"      {setting['help']}")


def _find_by_name(zoo: Zoo, name: str) -> list[dict[str, str]]:
    """The components and recipes of this name, or those of the kind of this name. RecipeError if there is none."""
    from zoo_core.components.kinds import KINDS
    from zoo_core.errors import RecipeError
    from zoo_core.messages import suggest
    from zoo_core.plugins.known_plugins import find_known
    from zoo_core.plugins.registry import is_name_of, unknown_hint

    kinds = [*(known.name for known in KINDS), "recipe"]
    listed = [kind for kind in kinds if is_name_of(name, kind)]
    if listed:
        return _rows_of(zoo, listed)
    rows = _rows_of(zoo, kinds)
    plain = name.rpartition(":")[2]
    found = [row for row in rows if row["name"] == plain]
    if (name in zoo.recipes and not found) or name.endswith(".toml") or "/" in name:
        return [{"kind": "recipe", "name": name}]
    if not found:
        names = {*kinds, *(row["name"] for row in rows)}
        hint = unknown_hint("", name, names) if suggest(name, names) or find_known("", name) else "see zoo list"
        raise RecipeError(f'no component or recipe is called "{name}"', hint=hint)
    return list({row["kind"]: row for row in found}.values()) if ":" in name else found


def describe_component(entry: Any) -> dict[str, Any]:
    """Everything that `zoo show` prints about a component, as JSON values."""
    from zoo_core.components.fields import default_value, describe_limits
    from zoo_core.components.kinds import contract_of, setting_fields
    from zoo_core.components.setting_types import format_type

    return {
        "kind": entry.kind,
        "name": entry.name,
        "owner": entry.qualified_name,
        "version": entry.owner.version,
        "help": cleandoc(entry.cls.__doc__),
        "contract": {key: _to_json_value(value) for key, value in contract_of(entry.cls).items()},
        "settings": [
            {
                "name": field.name,
                "type": format_type(field.type),
                "default": _to_json_value(default_value(field)),
                "limits": describe_limits(field),
                "where": dict(field.metadata.get("where", {})),
                "help": field.metadata["help"],
            }
            for field in setting_fields(entry.cls)
        ],
    }


def _to_json_value(value: Any) -> Any:
    """A value that JSON can represent: infinities by name, tuples as lists."""
    if isinstance(value, tuple):
        return [_to_json_value(item) for item in value]
    if value is None:
        return "none"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return value


def format_value(value: Any) -> str:
    """Format a JSON value for people: `yes`, `-inf, inf`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(format_value, value)) or "none"
    return str(value)
