"""A kind costs a row, a base class and a package of checks: all else follows, which another kind shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import limit
from zoo_core.components import kinds

ROOT = Path(__file__).parents[3]
LAST_ROW = '    Kind("calibrator", contracts.Calibrator),\n'
BASE = '''"""The base class."""

from typing import ClassVar

from zoo_core.components.component import Component


class Stemmer(Component):
    """A word → its stem."""

    required_methods = ("stem",)
    language: ClassVar[str]

    def stem(self, word):
        """The stem of a word."""
        raise NotImplementedError
'''
PLUGIN = '''"""A plugin of the kind."""

from attrs import frozen
from stemmer_base import Stemmer
from zoo_core import hookimpl, setting


@frozen
class Suffixes(Stemmer):
    """Leave out the last letters.

    Source: none."""

    name = "suffixes"
    language = "en"
    length: int = setting(2, "number of letters")

    def stem(self, word):
        return word[: -self.length] or word


@hookimpl
def zoo_stemmers():
    return [Suffixes]
'''
CHECKS = '''"""Checks of stemmers."""

from zoo_core.testing.cases import register_check


@register_check("stemmer", "a stem is not longer than its word")
def stems_are_short(subject):
    assert len(subject.component.stem("cities")) <= 6, "it made a word longer"
'''
PROGRAM = '''
import importlib.abc, importlib.util, json, sys
from pathlib import Path

ROOT, HERE, ROW = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sys.path[:0] = [str(ROOT), str(ROOT / "cli"), str(ROOT / "plugins"), str(ROOT / "docs"), str(HERE)]


class OneRowMore(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the module of kinds with a row more."""

    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_loader(name, self) if name == "zoo_core.components.kinds" else None

    def exec_module(self, module):
        source = (ROOT / "zoo_core/components/kinds.py").read_text("utf-8")
        row = '    Kind("stemmer", __import__("stemmer_base").Stemmer),\\n'
        exec(compile(source.replace(ROW, ROW + row), "kinds.py", "exec"), vars(module))


sys.meta_path.insert(0, OneRowMore())
import zoo_core.testing
from tests.cli.conftest import zoo as run_zoo
from zoo_core import hookspecs, open_zoo
from zoo_core.recipes.json_schema import recipe_schema
from zoo_core.testing import cases

zoo_core.testing.__path__.append(str(HERE / "kit"))
plugin = str(HERE / "stems.py")


def run(*words):
    return run_zoo(*words, "--plugin", plugin).out


zoo = open_zoo(files=(plugin,))
from _generate.components import pages
from zoo_cli.completion.lists import complete_plugin_kind

print(json.dumps({
    "list": run("list", "stemmers"),
    "show": run("show", "stemmer", "suffixes"),
    "completion": [item.value for item in complete_plugin_kind(None, None, "st")],
    "schema": sorted(name for name in recipe_schema(zoo)["definitions"] if name.startswith("stemmer")),
    "page": pages()["stemmer.md"],
    "hook": hookspecs.zoo_stemmers.__doc__,
    "checks": [case.check.id for case in cases(kind="stemmer", zoo=zoo) if case.check.kind],
    "outcome": [case.outcome().state for case in cases(kind="stemmer", zoo=zoo) if case.check.kind],
}))
'''


@pytest.mark.slow  # another process, since the kinds are read when the zoo is imported
def test_another_kind_needs_no_other_change(tmp_path):
    assert LAST_ROW in Path(kinds.__file__).read_text("utf-8")
    (tmp_path / "stemmer_base.py").write_text(BASE, "utf-8")
    (tmp_path / "stems.py").write_text(PLUGIN, "utf-8")
    (tmp_path / "kit/stemmers").mkdir(parents=True)
    (tmp_path / "kit/stemmers/__init__.py").write_text('"""Checks of stemmers."""\n', "utf-8")
    (tmp_path / "kit/stemmers/behavior.py").write_text(CHECKS, "utf-8")
    command = [sys.executable, "-c", PROGRAM, str(ROOT), str(tmp_path), LAST_ROW]
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit(), env={**os.environ}, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert "suffixes" in found["list"] and "stems" in found["list"]
    assert "Leave out the last letters" in found["show"] and "language" in found["show"]
    assert found["completion"] == ["stemmer"]
    assert found["schema"] == ["stemmer._settings", "stemmer.suffixes"]
    assert found["page"].splitlines()[2].startswith("# Stemmers")
    assert found["hook"] == "Stemmers, as a list of classes. A word → its stem."
    assert (found["checks"], found["outcome"]) == (["stems-are-short"], ["passed"])
