"""Published plugins by the names that they offer, for the command that installs the plugin of an unknown name.

The index is data of the package, `known_plugins.json`, which `.ci/plugin_index.py` writes. Nothing is read from a
network, and the index is read only when a name is unknown.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from attrs import frozen

from zoo_core.errors import RecipeError
from zoo_core.messages import suggest_command, suggest_install
from zoo_core.plugins.owned_names import is_owned_by
from zoo_core.plugins.plugin_source import PluginSource

INDEX_FILE = Path(__file__).with_name("known_plugins.json")
FORMAT = 1
EXTRA = re.compile(r"(?P<name>[^\[\]]+)\[(?P<extra>[a-z0-9-]+)\]")  # a part of a distribution, as textzoo[excel]


@frozen
class KnownName:
    """A name that a published distribution offers: a component of a kind, a `recipe` or a `command`.

    `version` is the one in which it was found. `distribution` may have an extra.
    """

    kind: str
    name: str
    distribution: str
    version: str
    plugin: str = ""

    @property
    def install_command(self) -> str:
        """The command that installs it; "" for a distribution whose name is invalid."""
        extra = EXTRA.fullmatch(self.distribution)
        if extra is None:
            return suggest_install(self.distribution)
        return suggest_command("pip install", self.distribution) if suggest_install(extra["name"]) else ""


def read_index(text: str) -> tuple[KnownName, ...]:
    """The entries of an index. RecipeError for another format."""
    import json  # here, because most commands never need it

    try:
        index = json.loads(text)
        if index["format"] != FORMAT:
            raise ValueError("unknown format")
        return tuple(KnownName(**entry) for entry in index["entries"])
    except (ValueError, KeyError, TypeError) as error:
        raise RecipeError(f"invalid index of plugins: {error}", where=INDEX_FILE.name) from None


@cache
def _known_names(file: Path) -> tuple[KnownName, ...]:
    return read_index(file.read_text("utf-8"))


def find_known(kind: str, name: str) -> list[KnownName]:
    """The published distributions that offer `name`, `plugin:name` or `distribution/plugin:name`; "" is any kind."""
    owner, _, plain = name.rpartition(":")
    return [
        known
        for known in _known_names(INDEX_FILE)
        if known.name == plain and kind in ("", known.kind) and _is_owner(known, owner)
    ]


def _is_owner(known: KnownName, owner: str) -> bool:
    source = PluginSource(known.plugin, known.distribution, known.version, str)
    return is_owned_by(source, owner) or owner == known.distribution


def install_hints(kind: str, name: str) -> str:
    """How the user gets an unknown name that published plugins offer; "" if none does."""
    commands = dict.fromkeys(known.install_command for known in find_known(kind, name))
    return " or ".join(filter(None, commands))
