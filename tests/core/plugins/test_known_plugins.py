"""Names of published plugins that are not installed are told with the command that installs them."""

from __future__ import annotations

import json

import pytest

from zoo_core.errors import PluginError, RecipeError
from zoo_core.plugins import known_plugins
from zoo_core.plugins.known_plugins import INDEX_FILE, find_known, install_hints, read_index
from zoo_core.recipes.recipe import load_recipe

ENTRIES = [
    ("activation", "wobble", "textzoo-wobble", "1.2", "wobble"),
    ("activation", "relus", "textzoo-relus", "1.0", "relus"),
    ("activation", "both", "textzoo-anna", "1.0", "anna"),
    ("activation", "both", "textzoo-berta", "1.0", "berta"),
    ("activation", "odd", "--pre; reboot", "1.0", "odd"),
    ("reader", "sheet", "textzoo[excel]", "0.1", "formats"),
    ("recipe", "wobbly", "textzoo-wobble", "1.2", "wobble"),
    ("command", "report", "textzoo-report", "1.0", ""),
]
KEYS = ("kind", "name", "distribution", "version", "plugin")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """An index with some plugins."""
    entries = [dict(zip(KEYS, entry, strict=True)) for entry in ENTRIES]
    (tmp_path / "index.json").write_text(json.dumps({"format": 1, "entries": entries}), "utf-8")
    monkeypatch.setattr(known_plugins, "INDEX_FILE", tmp_path / "index.json")


def test_shipped_index_is_valid():
    names = read_index(INDEX_FILE.read_text("utf-8"))
    assert all(known.install_command and known.version for known in names)


HINTS = {
    ("activation", "wobble"): "pip install textzoo-wobble",
    ("activation", "wobble:wobble"): "pip install textzoo-wobble",
    ("activation", "textzoo-wobble/wobble:wobble"): "pip install textzoo-wobble",
    ("activation", "other:wobble"): "",
    ("loss", "wobble"): "",
    ("", "wobble"): "pip install textzoo-wobble",
    ("activation", "both"): "pip install textzoo-anna or pip install textzoo-berta",
    ("activation", "berta:both"): "pip install textzoo-berta",
    ("activation", "odd"): "",
    ("reader", "sheet"): "pip install 'textzoo[excel]'",
    ("command", "textzoo-report:report"): "pip install textzoo-report",
}


@pytest.mark.parametrize(("kind", "name"), HINTS)
def test_hint_of_a_name(index, kind, name):
    assert install_hints(kind, name) == HINTS[kind, name]


def test_unknown_component_is_told_with_its_plugin(index, zoo):
    with pytest.raises(RecipeError, match=r'unknown activation "wobble" \(hint: pip install textzoo-wobble\)'):
        zoo.registry.get("activation", "wobble")
    with pytest.raises(RecipeError, match=r'pip install textzoo-relus, or did you mean "relu"\?'):
        zoo.registry.get("activation", "relus")
    with pytest.raises(RecipeError, match=r'unknown recipe "wobbly" \(hint: pip install textzoo-wobble\)'):
        load_recipe("wobbly", zoo=zoo)
    with pytest.raises(RecipeError, match=r"hint: choose from|did you mean"):
        zoo.registry.get("activation", "entirely-other")


def test_installed_plugin_that_is_broken_is_named_rather_than_installed(index):
    from types import ModuleType

    from zoo_core.config.zoo import open_zoo

    broken = ModuleType("broken")
    broken.zoo_losses = 3
    zoo = open_zoo(plugins={"textzoo-wobble": broken})
    with pytest.raises(PluginError, match="zoo_losses is not a function"):
        zoo.registry.get("activation", "wobble")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2, "entries": []}', '{"format": 1, "entries": [{"x": 1}]}'])
def test_index_of_another_format_is_refused(text):
    with pytest.raises(RecipeError, match="invalid index of plugins"):
        read_index(text)
    assert find_known("activation", "relu") == []
