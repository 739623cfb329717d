"""The example plugins are small and pass their own tests.

A package that an example needs and that is not installed is replaced by a stand-in, so that the tests always run.
"""

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
STAND_INS = Path(__file__).parent / "stand_ins"
REQUIRED_PACKAGES = {
    "entmax": "entmax",
    "korean": "kiwipiepy",
    "optimizers": "pytorch_optimizer",
    "sentences": "sentence_transformers",
}
MAX_CODE_LINES = 40


def code_lines(file: Path) -> int:
    """Count the lines of code: no blank lines, comments, docstrings or imports."""
    lines = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        is_string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not is_string and not isinstance(node, ast.Import | ast.ImportFrom):
            lines.add(node.lineno)
    return len(lines)


def python_path(project: Path, metadata: Path, package: str) -> str:
    """The import path of an example: the example, its metadata, what is installed, and stand-ins for what is not."""
    stand_ins = [] if find_spec(package) else [STAND_INS]
    return os.pathsep.join(map(str, [project.parent, metadata, *stand_ins, *filter(None, sys.path)]))


def test_finds_every_example():
    assert [path.parent.name.removeprefix("textzoo-") for path in EXAMPLES] == sorted(REQUIRED_PACKAGES)


@pytest.mark.parametrize("project", EXAMPLES, ids=lambda path: path.parent.name)
def test_is_small(project):
    package = project.parent / project.parent.name.replace("-", "_")
    assert 0 < sum(code_lines(file) for file in package.glob("*.py")) <= MAX_CODE_LINES


@pytest.mark.slow
@pytest.mark.parametrize("project", EXAMPLES, ids=lambda path: path.parent.name)
def test_passes_its_own_tests(project, tmp_path):
    facts = tomllib.loads(project.read_text("utf-8"))["project"]
    [(plugin, module)] = facts["entry-points"]["textzoo.plugins"].items()
    info = tmp_path / f"{module}-{facts['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {facts['name']}\nVersion: {facts['version']}\n")
    (info / "entry_points.txt").write_text(f"[textzoo.plugins]\n{plugin} = {module}\n")
    (info / "RECORD").write_text("")
    env = {**os.environ, "PYTHONPATH": python_path(project, tmp_path, REQUIRED_PACKAGES[plugin])}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rA"]
    process = subprocess.run(command, cwd=project.parent, env=env, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout[-3000:]
    passed = [line for line in process.stdout.splitlines() if line.startswith("PASSED")]
    assert any("test_contract[" in line for line in passed), process.stdout[-3000:]
    assert any("test_contract[" not in line for line in passed), process.stdout[-3000:]
