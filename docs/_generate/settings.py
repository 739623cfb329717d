"""Settings of recipes and components as table rows, from the JSON Schema of recipes."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from _generate.markdown import code
from zoo_core import open_zoo
from zoo_core.recipes.json_schema import recipe_schema

Schema = dict[str, Any]


@cache
def shipped_schema() -> Schema:
    """The schema of recipes made of the components that come with textzoo."""
    return recipe_schema(open_zoo(disabled=("*",)))


def setting_rows(schema: Schema, prefix: str = "") -> list[tuple[str, str, str, str]]:
    """Key, type, default and meaning of each setting of a table."""
    settings = {name: _first(value) for name, value in schema["properties"].items() if name != "use"}
    return [
        (code(prefix + name), _type(value), code(_default(value)), value["description"])
        for name, value in settings.items()
    ]


def _first(value: Schema) -> Schema:
    """The first of the settings that several components have under this name."""
    return value if "description" in value else value["anyOf"][0]


def _default(value: Schema) -> str:
    default = value.get("default")
    return "" if default is None else json.dumps(default, ensure_ascii=False)


def _type(value: Schema) -> str:
    options = value.get("anyOf", [value])
    references = [option["$ref"] for option in options if "$ref" in option]
    if references:
        return references[0].removeprefix("#/definitions/").partition(".")[0]
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}"
    if "enum" in value:
        return ", ".join(code(json.dumps(item)) for item in value["enum"])
    return " or ".join(option["type"] if option["type"] != "array" else _type(option) for option in options)
