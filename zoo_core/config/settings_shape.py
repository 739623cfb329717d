"""The shape of a settings file: its tables and their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zoo_core.config.key_lines import KeyPath
from zoo_core.config.toml import Document
from zoo_core.errors import Problem, RecipeError
from zoo_core.messages import name_hint

MAX_PLUGINS = 100  # in one list
SETTINGS_TABLE = "plugin"  # its tables are the settings of plugins
KNOWN_TABLES = ("defaults", "recipes", "plugins", SETTINGS_TABLE, "owners")


def check_settings(document: Document) -> Document:
    """Settings of the right shape; RecipeError with every problem and its line otherwise."""
    problems = [
        Problem(message, document.locations.get(path, ""), hint, setting=".".join(path))
        for path, message, hint in _shape_problems(document.values)
    ]
    if problems:
        raise RecipeError(*problems)
    return document


def _shape_problems(values: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str, str]]:
    """The path, the message and the hint of each problem in settings."""
    for table, content in values.items():
        if table not in KNOWN_TABLES:
            yield (table,), "unknown table", name_hint(table, KNOWN_TABLES)
        elif not isinstance(content, dict):
            yield (table,), "must be a table", ""
        elif table == "plugins":
            yield from _plugins_problems(content)
        elif table == "plugin":
            for name, settings in content.items():
                if not isinstance(settings, dict):
                    yield (table, name), "must be a table, as in [plugin.NAME]", ""
        elif table == "owners":
            for name, owner in content.items():
                if not isinstance(owner, str):
                    yield (table, name), 'must be the name of a plugin, as in "relu" = "textbook"', ""
        elif table == "recipes":
            for name, recipe in content.items():
                if not isinstance(recipe, dict):
                    yield (table, name), "must be a table", ""


def _plugins_problems(content: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str, str]]:
    items = {"disabled": "plugin names", "files": "files"}
    for key, value in content.items():
        if key not in items:
            yield ("plugins", key), "unknown setting", name_hint(key, items)
        elif not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield ("plugins", key), f"must be a list of {items[key]}", ""
        elif len(value) > MAX_PLUGINS:
            yield ("plugins", key), f"more than {MAX_PLUGINS} {items[key]}", ""
