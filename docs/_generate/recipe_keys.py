"""The page of recipe keys, from the JSON Schema of recipes."""

from __future__ import annotations

from _generate.markdown import code, note, table
from _generate.settings import setting_rows, shipped_schema

HEAD = """# Recipe keys

A recipe is a TOML file. It names a component for each slot and sets the training loop. Every key is optional.
[Write a recipe](../how-to/recipes.md) shows how files, options and defaults are merged.
`zoo recipe show NAME --annotated` prints every key of one recipe with its meaning, its limits and its default.
"""
SLOTS = """## Slots

A slot takes the name of a component, or a table with `use = "NAME"` and settings of that component. A table without
`use` changes settings of the component that the recipe already has.
"""
READER = """`reader = "csv"` is short for `[reader]` with `use = "csv"`. Without `use`, the reader is detected, among
those that have all settings of the table. The settings other than `reader.encoding` are those of the
[readers](components/reader.md); each reader has some of them.
"""
COLUMNS = ("key", "type", "default", "meaning")


def page() -> str:
    """Keys of the top level, slots, and a table of settings for `reader`, `split` and `training`."""
    properties = shipped_schema()["properties"]
    slots = {name: value for name, value in properties.items() if "default" in value and "anyOf" in value}
    reader = next(option for option in properties["reader"]["anyOf"] if option.get("type") == "object")
    tables = {"reader": reader} | {name: value for name, value in properties.items() if value.get("type") == "object"}
    plain = {name: value for name, value in properties.items() if name not in {*slots, *tables}}
    rows = [(code(name), code(value["default"]), value["description"]) for name, value in slots.items()]
    parts = [note("recipe_keys"), "", HEAD, "## Top level\n"]
    parts += [table(("key", "meaning"), [(code(name), value["description"]) for name, value in plain.items()]), ""]
    parts += [SLOTS, table(("slot", "default", "meaning"), rows), ""]
    parts += ["The [components](components/index.md) list the settings of each component.", ""]
    for name, value in tables.items():
        parts += [
            f"## `[{name}]`\n",
            f"{value['description']}\n",
            *([READER] if name == "reader" else []),
            table(COLUMNS, setting_rows(value, f"{name}.")),
            "",
        ]
    return "\n".join(parts)
