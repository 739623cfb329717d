"""Files of runs and swaps are not replaced by commands; other files beside them are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zoo_core.errors import RecipeError
from zoo_core.filesystem.outputs import check_output
from zoo_core.filesystem.sealed_files import check_unsealed

SEALED = ("run/recipe.toml", "run/manifest.json", "run/decision.json", "link.toml", "linked/head.json")
SEALED = (*SEALED, "swap/swap.json", "swap/table.json", "swap/recipes/01-a.toml", "swap/records/01.json")
FREE = ("run/notes.toml", "run/plot.png", "recipe.toml", "swap/my.csv", "other/recipe.toml", "other/manifest.json")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A run, a swap, links into the run, and a folder with the manifest of another program."""
    monkeypatch.chdir(tmp_path)
    for folder in ("run", "swap/trials", "swap/recipes", "swap/records", "other"):
        Path(folder).mkdir(parents=True)
    Path("run/manifest.json").write_text(json.dumps({"files": {"recipe.toml": "", "head.json": ""}}), "utf-8")
    Path("run/recipe.toml").touch()
    Path("swap/swap.json").touch()
    Path("other/manifest.json").write_text('{"files": 3}', "utf-8")
    Path("link.toml").symlink_to("run/recipe.toml")
    Path("linked").symlink_to("run")


@pytest.mark.parametrize("name", SEALED)
def test_sealed_file_is_refused(name):
    for refuses in (check_unsealed, check_output):
        with pytest.raises(RecipeError, match=r"is a file of the (run|swap) in .*, and is not changed \(hint: "):
            refuses(name)


@pytest.mark.parametrize("name", FREE)
def test_other_files_are_written(name):
    check_unsealed(name)
    check_output(name)
