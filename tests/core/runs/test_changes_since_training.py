"""A run that was trained before the normalization of its texts changed says so when it is opened."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from zoo_core import open_run
from zoo_core.components.normalization_style import find_style
from zoo_core.features.normalization import VERSIONS
from zoo_core.runs.store import MANIFEST, to_json
from zoo_core.runs.views.changes import changes_since_training


def rewrite(folder, name, content):
    """Replace a file of a run, and its hash."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = sha256(content).hexdigest()
    (folder / MANIFEST).write_bytes(to_json(manifest))


@pytest.mark.parametrize(
    ("style", "recorded", "warns"),
    [
        ("unicode", 2, False),
        ("unicode", 1, True),
        ("unicode", None, True),
        ("book", None, False),
        ("none", None, False),
    ],
)
def test_a_run_of_another_normalization_is_reported(folder, style, recorded, warns):
    environment = json.loads((folder / "environment.json").read_bytes())
    assert environment.pop("normalization") == VERSIONS["book"]
    if recorded is not None:
        environment["normalization"] = recorded
    rewrite(folder, "environment.json", to_json(environment))
    recipe = (folder / "recipe.toml").read_text("utf-8")
    rewrite(folder, "recipe.toml", recipe.replace('normalization = "book"', f'normalization = "{style}"').encode())
    text = f'{folder}: made with version 1 of normalization "unicode", now 2: some words are read differently'
    found = changes_since_training(open_run(folder))
    assert [warning.partition(" (hint: ")[0] for warning in found] == ([text] if warns else [])


def test_tasks_without_a_style_have_no_version(small):
    assert find_style(small("task={ use = 'surnames' }").plan().task) is None
