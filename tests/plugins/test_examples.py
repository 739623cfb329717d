"""The examples of plugins: small, and each passes its own tests where the package it stands on is installed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples" / "plugins").glob("*/pyproject.toml"))
NEEDS = {"entmax": "entmax", "optimizers": "pytorch_optimizer", "sentences": "sentence_transformers"}
MOST = 40  # lines of code


def code_lines(file: Path) -> int:
    """Lines that hold code: no blanks, comments, docstrings or imports, which no author thinks about."""
    tree = ast.parse(file.read_text("utf-8"))
    lines = set()
    for node in ast.walk(tree):
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not text and not isinstance(node, ast.Import | ast.ImportFrom):
            lines.add(node.lineno)
    return len(lines)


def test_there_are_three():
    assert [path.parent.name.removeprefix("textzoo-") for path in EXAMPLES] == sorted(NEEDS)


@pytest.mark.parametrize("project", EXAMPLES, ids=lambda path: path.parent.name)
def test_it_takes_little(project):
    package = project.parent / project.parent.name.replace("-", "_")
    assert 0 < sum(code_lines(file) for file in package.glob("*.py")) <= MOST


@pytest.mark.parametrize("project", EXAMPLES, ids=lambda path: path.parent.name)
def test_it_passes_its_own_tests(project, tmp_path):
    facts = tomllib.loads(project.read_text("utf-8"))["project"]
    [(plugin, module)] = facts["entry-points"]["textzoo.plugins"].items()
    if find_spec(NEEDS[plugin]) is None:
        pytest.skip(f"{NEEDS[plugin]} is not installed")
    info = tmp_path / f"{module}-{facts['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {facts['name']}\nVersion: {facts['version']}\n")
    (info / "entry_points.txt").write_text(f"[textzoo.plugins]\n{plugin} = {module}\n")
    (info / "RECORD").write_text("")
    own = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project.parent), str(tmp_path), *filter(None, sys.path)])}
    call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run(call, cwd=project.parent, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout or "100%" in done.stdout
