"""Every file that `zoo plugins new` writes is parsed as what it is, for every kind alone, every pair, and all kinds."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from tests.cli.scaffold.projects import write_files
from tests.docs.blocks import read_blocks
from zoo_cli.scaffold import templates
from zoo_cli.scaffold.example_kinds import KINDS
from zoo_cli.scaffold.project import render_project
from zoo_cli.scaffold.record import RECORD_FILE

ROOT = Path(__file__).resolve().parents[3]
COMBINATIONS = [*((kind,) for kind in KINDS), *combinations(KINDS, 2), KINDS]
TEMPLATES = sorted(Path(templates.__file__).with_name("templates").rglob("*.j2"))
LICENSE = (ROOT / "LICENSE").read_text("utf-8").splitlines()
HOSTS = {"pypi.org", "download.pytorch.org"}  # that a generated project names


@pytest.fixture(scope="module")
def texts() -> set[tuple[str, str]]:
    """The path and text of every file that any combination of kinds has."""
    return {item for kinds in COMBINATIONS for item in render_project("textzoo-two", kinds).items()}


def parse_workflow(text: str) -> None:
    workflow = yaml.safe_load(text)
    jobs = workflow["jobs"].values()
    assert set(workflow) == {"name", True, "permissions", "env", "jobs"}  # YAML 1.1 reads `on` as true
    for job in jobs:
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
        variables = set(re.findall(r"\$\{\{ matrix\.(\w+) \}\}", text))
        assert variables == set(job["strategy"]["matrix"])


def parse_ignored_paths(text: str) -> None:
    for line in text.splitlines():
        assert re.fullmatch(r"/?\.?[a-z_]+/", line), line


def parse_license(text: str) -> None:
    lines = text.splitlines()
    assert [line for line in lines if "Copyright" not in line] == [line for line in LICENSE if "Copyright" not in line]
    assert "Copyright (c) the authors of textzoo-two" in lines


def parse_record(text: str) -> None:
    record = json.loads(text)
    assert set(record["kinds"]) <= set(KINDS)
    assert all(line.endswith("\n") for lines in record["files"].values() for line in lines)


def parse_page(text: str, folder: Path) -> None:
    path = folder / "page.md"
    path.write_text(text, "utf-8")
    for block in read_blocks(path):
        assert block.language in {"sh", "python", "toml"}
        if block.language == "python":
            ast.parse(block.text)
        elif block.language == "toml":
            tomllib.loads(block.text)
        else:
            assert all(re.match(r"(pip|zoo|pytest|ruff|mypy|cd) ?", line) for line in block.text.splitlines())


def test_every_file_is_parsed(texts, tmp_path):
    parsers = {
        ".py": lambda text: compile(text, "file", "exec", dont_inherit=True),
        ".toml": tomllib.loads,
        ".yml": parse_workflow,
        ".json": parse_record,
        ".md": lambda text: parse_page(text, tmp_path),
        "LICENSE": parse_license,
        ".gitignore": parse_ignored_paths,
        "py.typed": lambda text: text == "" or pytest.fail("not empty"),
    }
    used = set()
    for path, text in texts:
        key = Path(path).suffix if Path(path).suffix in parsers else Path(path).name
        try:
            parsers[key](text)
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            pytest.fail(f"{path}: {error}")
        used.add(key)
        assert not text.endswith("\n\n") and "{%" not in text and "\r" not in text, path
        assert path == RECORD_FILE or "{{" not in text.replace("${{", ""), path
        assert set(re.findall(r"https?://([^/\s]+)", text)) <= HOSTS, path
    assert used == set(parsers)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name.removesuffix(".j2"))
def test_no_line_of_text_ends_with_a_block_tag(path):
    """The newline after a block tag is dropped: a line that ends with one is joined to the next line."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        assert not line.endswith("%}") or re.fullmatch(r"\s*\{%[^%]*%\}", line), f"{path.name}:{number}"


def test_ci_installs_torch_without_cuda():
    workflow = yaml.safe_load(render_project("textzoo-two", ["loss"])[".github/workflows/test.yml"])
    assert workflow["env"] == {"PIP_EXTRA_INDEX_URL": "https://download.pytorch.org/whl/cpu"}


@pytest.fixture
def projects(tmp_path):
    """A project of each kind alone, of three, and of all kinds, in one folder; no two share a package."""
    for kinds in [*((kind,) for kind in KINDS), ("activation", "loss", "model"), KINDS]:
        name = f"textzoo-{kinds[0] if len(kinds) == 1 else f'{len(kinds)}kinds'.translate(DIGITS)}"
        write_files(tmp_path / name, render_project(name, kinds))
    return tmp_path


DIGITS = str.maketrans("0123456789", "abcdefghij")


def test_projects_are_formatted_and_lint_free(projects):
    ruff = shutil.which("ruff") or shutil.which(Path(sys.executable).parent / "ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    for call in (["format", "--check"], ["check"]):
        done = subprocess.run([ruff, *call, "--no-cache", "."], cwd=projects, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
