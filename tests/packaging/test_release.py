"""The scripts in `.ci/` that a release and the runs with the oldest versions depend on."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = "# Changelog\n\n## [0.2.0] - 2026-12-31\n\n## 0.1.0\n"
CITATION = 'title: textzoo\nversion: 0.2.0\ndate-released: "2026-12-31"\nlicense: MIT\n'
PROJECT = '[project]\nversion = "0.2.0"\ndependencies = ["attrs>=25.4", "polars[arrow]>=2.1,<3"]\n'
EXTRAS = '[project.optional-dependencies]\ntest = ["pytest>=8"]\n'


def script(name):
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path):
    """A tree that is ready to be released as v0.2.0."""
    files = {"pyproject.toml": PROJECT + EXTRAS, "CHANGELOG.md": CHANGELOG, "CITATION.cff": CITATION}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "README.md").write_text("how\n", "utf-8")
    return tmp_path


def test_a_ready_tree_has_no_problem(tree):
    assert script("release").release_problems("v0.2.0", tree) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("pyproject.toml", "0.2.0", "0.2.1", 'tag: got "v0.2.0", expected "v0.2.1"'),
        ("CHANGELOG.md", "[0.2.0] - 2026-12-31", "0.2.0", 'CHANGELOG.md: got "0.2.0"'),
        ("CITATION.cff", "version: 0.2.0", "version: 0.1.0", "CITATION.cff: expected version 0.2.0"),
        ("CITATION.cff", "2026-12-31", "2026-12-30", 'CITATION.cff: expected date-released "2026-12-31"'),
        ("changes/14.added.md", None, "Text.", "changes/14.added.md: not collected"),
    ],
)
def test_reports_what_prevents_a_release(tree, file, old, new, problem):
    path = tree / file
    path.write_text(path.read_text("utf-8").replace(old, new) if old else new, "utf-8")
    assert any(line.startswith(problem) for line in script("release").release_problems("v0.2.0", tree))


def test_the_oldest_versions_are_the_lower_bounds(tree):
    bounds = script("oldest").lower_bounds(tree / "pyproject.toml", ["test"])
    assert bounds == {"attrs": "25.4", "polars": "2.1", "pytest": "8"}


def test_a_requirement_without_a_lower_bound_is_rejected(tree):
    (tree / "pyproject.toml").write_text(PROJECT.replace("attrs>=25.4", "attrs<26") + EXTRAS, "utf-8")
    with pytest.raises(ValueError, match='"attrs<26" has no lower bound'):
        script("oldest").lower_bounds(tree / "pyproject.toml", ["test"])


def test_the_citation_names_the_version_of_the_project():
    version = script("release").tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
