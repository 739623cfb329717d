"""The script that writes the index of published plugins, with made wheels instead of the package index."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from pathlib import Path

import pytest

from zoo_core.plugins.known_plugins import read_index

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "plugin_index.py"
SOURCE = '''
from zoo_core import Activation, Loss, hookimpl

raise SystemExit("nothing is run")

class Late(Base):
    name: str = "late"

class Base(Activation):
    acts = "elementwise"

class Sharp(Loss):
    name = "sharp"

class Other:
    name = "other"

@hookimpl
def zoo_recipes():
    return """[recipes.quick]\\nmodel = 'mlp'\\n"""
'''
POINTS = "[textzoo.plugins]\nmine = textzoo_mine\n[textzoo.commands]\nreport = textzoo_mine:report\n"
FOUND = {("activation", "late"), ("loss", "sharp"), ("recipe", "quick"), ("recipe", "slow"), ("command", "report")}


def wheel(points=POINTS) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("textzoo_mine/__init__.py", SOURCE)
        archive.writestr("textzoo_mine/recipes.toml", "[recipes.slow]\nmodel = 'mlp'\n")
        archive.writestr("textzoo_mine-1.2.dist-info/entry_points.txt", points)
    return made.getvalue()


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("ci_plugin_index", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def get(address: str) -> bytes:
    assert address.startswith("https://")
    if address.endswith(".whl"):
        return wheel()
    files = [{"url": "https://elsewhere/textzoo_mine-1.2-py3-none-any.whl", "packagetype": "bdist_wheel", "yanked": 0}]
    return json.dumps({"info": {"version": "1.2"}, "urls": files if "mine" in address else []}).encode()


def test_names_of_a_wheel_are_read_without_running_it(script):
    names = script.names_in_wheel(wheel(), "textzoo-mine", "1.2")
    assert {(known.kind, known.name) for known in names} == FOUND
    assert {(known.distribution, known.version, known.plugin) for known in names} == {("textzoo-mine", "1.2", "mine")}
    assert script.names_in_wheel(wheel("[console_scripts]\na = b\n"), "other", "1") == []


def test_index_is_checked_and_updated(script, tmp_path, capsys):
    index = tmp_path / "index.json"
    index.write_text(script.to_text([]), "utf-8")
    assert script.main(["--check"], get, index) == 0
    assert script.main(["--check", "textzoo-mine"], get, index) == 1 and "out of date" in capsys.readouterr().out
    assert read_index(index.read_text("utf-8")) == ()
    assert script.main(["textzoo-mine", "textzoo-sources"], get, index) == 0
    assert {(known.kind, known.name) for known in read_index(index.read_text("utf-8"))} == FOUND
    assert script.main(["--check"], get, index) == 0
    with pytest.raises(SystemExit, match="not the name of a distribution"):
        script.main(["../elsewhere"], get, index)


def test_author_sees_the_entries_of_a_wheel(script, tmp_path, capsys):
    (tmp_path / "textzoo_mine-1.2-py3-none-any.whl").write_bytes(wheel())
    assert script.main(["--wheel", str(tmp_path / "textzoo_mine-1.2-py3-none-any.whl")]) == 0
    assert {(known.kind, known.name) for known in read_index(capsys.readouterr().out)} == FOUND


def test_shipped_index_is_in_the_form_of_the_script(script):
    text = script.INDEX_FILE.read_text("utf-8")
    assert script.to_text(list(read_index(text))) == text
