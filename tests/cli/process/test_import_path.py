"""Modules, packages and distributions that lie in the working folder are not imported by the command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from zoo_cli.process import import_path

PLANTED = ("click", "numpy", "torch", "polars", "attrs", "pluggy", "re", "contextlib", "zoo_textbook")


@pytest.fixture
def planted(empty_folder, distribution) -> Path:
    """Modules that shadow others, and a distribution with a plugin, as a downloaded folder may hold."""
    code = f"open({str(empty_folder / 'ran')!r}, 'a').write(__name__)\n"
    for name in PLANTED:
        (empty_folder / f"{name}.py").write_text(code)
    return distribution(empty_folder, "textzoo-planted", code, module="planted", plugin="planted")


def remove_what_the_interpreter_imports(folder: Path) -> None:
    """Remove the modules that `python -m` itself may import before it finds the command."""
    for name in ("re", "contextlib"):
        (folder / f"{name}.py").unlink()


def test_module_call_imports_nothing_from_the_working_folder(planted, process):
    remove_what_the_interpreter_imports(planted)
    answer = process("plugins", "list", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert "planted" not in answer.out
    assert not (planted / "ran").exists()


def test_empty_entries_are_removed_before_other_modules_are_imported(planted, process):
    remove_what_the_interpreter_imports(planted)
    variable = f"{os.environ.get('PYTHONPATH', '')}{os.pathsep}"
    answer = process("plugins", "list", python=("-P",), PYTHONPATH=variable)
    assert (answer.code, answer.err) == (0, "")
    assert not (planted / "ran").exists()


@pytest.mark.parametrize("first", ["", None])
def test_only_what_the_interpreter_added_is_removed(empty_folder, monkeypatch, first):
    here = str(Path.cwd())
    monkeypatch.setattr(sys, "path", [here if first is None else first, "/lib", here])
    import_path.remove_module_folder()
    assert sys.path == ["/lib", here]
    import_path.remove_module_folder()
    assert sys.path == ["/lib", here]


@pytest.mark.parametrize(
    ("entries", "left"), [("/lib:", ["/lib"]), (":/lib", ["/lib"]), ("", ["HERE", "/lib"]), ("/lib:HERE:", None)]
)
def test_empty_entries_of_the_environment(empty_folder, monkeypatch, entries, left):
    here = str(Path.cwd())
    monkeypatch.setenv("PYTHONPATH", entries.replace(":", os.pathsep).replace("HERE", here))
    monkeypatch.setattr(sys, "path", [here, "/lib"])
    import_path.remove_empty_entries()
    assert sys.path == ([here, "/lib"] if left is None else [here if one == "HERE" else one for one in left])


def test_deleted_working_folder(empty_folder, monkeypatch):
    monkeypatch.setattr(os, "getcwd", lambda: (_ for _ in ()).throw(FileNotFoundError()))
    monkeypatch.setattr(sys, "path", ["", "/lib"])
    import_path.remove_module_folder()
    assert sys.path == ["/lib"]
