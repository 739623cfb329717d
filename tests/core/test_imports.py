"""Imports point one way, `cli → core ← plugins`, stay light, and none can run code from data."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import limit

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    path.name: path
    for parent in (ROOT, ROOT / "cli", ROOT / "plugins")
    for path in sorted(parent.iterdir())
    if path.name.startswith("zoo_") and (path / "__init__.py").is_file()
}
PLUGINS = sorted(name for name in PACKAGES if PACKAGES[name].parent.name == "plugins")
FILES = [file for path in PACKAGES.values() for file in sorted(path.rglob("*.py"))]
HEAVY = ("torch", "polars", "sklearn", "scipy", "joblib", "matplotlib")


def imported(file: Path) -> set[str]:
    """The top-level packages a file imports, inside functions as well."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            found.add(str(node.module).partition(".")[0])
    return found


def test_the_packages_are_found():
    assert set(PACKAGES) >= {"zoo_core", "zoo_cli", "zoo_textbook", "zoo_yelp", "zoo_ngrams"}
    assert len(FILES) > 60


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_direction(name):
    allowed = {name} if name == "zoo_core" else {name, "zoo_core"}
    for file in sorted(PACKAGES[name].rglob("*.py")):
        ours = imported(file) & set(PACKAGES)
        assert ours <= allowed, f"{file.relative_to(ROOT)} imports {ours - allowed}"


@pytest.mark.parametrize("name", ["zoo_core", *PLUGINS])
def test_only_the_command_line_knows_of_the_terminal(name):
    for file in sorted(PACKAGES[name].rglob("*.py")):
        assert not imported(file) & {"click", "rich"}, file


def test_the_core_names_no_plugin():
    for file in sorted(PACKAGES["zoo_core"].rglob("*.py")):
        text = file.read_text("utf-8")
        assert not [name for name in [*PLUGINS, "zoo_cli"] if name in text], file


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_runs_code_from_data(file):
    assert not imported(file) & {"pickle", "cloudpickle", "dill", "marshal", "shelve"}
    assert "joblib" not in imported(file) or file.name == "workers.py"
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "joblib":  # processes, never files
            assert node.attr in {"Parallel", "delayed", "parallel_config"}, f"line {node.lineno}"
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"eval", "exec", "torch.load", "torch.hub.load", "__import__"}, f"line {node.lineno}"


@pytest.mark.parametrize(
    "module", ["zoo_core", "zoo_cli.main", "zoo_core.config.zoo", "zoo_core.recipes.compatibility", *PLUGINS]
)
def test_light_imports(module):
    """What lists, shows and checks must load neither torch nor polars."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; import {module}; heavy = {HEAVY!r}; "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=limit())
    assert done.stdout.strip() == "[]"
