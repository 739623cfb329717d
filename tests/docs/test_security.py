"""The page on security: a table for each kind of input, and in each line a test that exists."""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
INPUTS = {"Data file", "Recipe and lock", "Run folder", "Settings file", "Plugin", "Network"}
UNTESTED = "A plugin is code with the rights of the user."


def tables() -> dict[str, list[list[str]]]:
    """The cells of each line, by the heading of its table."""
    part = PAGE.partition("## What each input can and cannot do")[2].partition("\n## ")[0]
    found = {}
    for section in part.split("\n### ")[1:]:
        rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
        found[section.partition("\n")[0]] = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return found


def test_every_kind_of_input_has_a_table():
    assert len(tables()) == len(INPUTS)
    assert all(any(name.startswith(known) for known in INPUTS) for name in tables())
    assert all(len(rows) > 1 for rows in tables().values())


def test_every_line_names_tests_that_exist():
    for rows in tables().values():
        for text, tests in rows:
            files = re.findall(r"`(tests/[\w/]+\.py)`", tests)
            assert files or text.startswith(UNTESTED), text
            for file in files:
                assert "def test_" in (ROOT / file).read_text("utf-8"), file


def test_other_paths_exist():
    paths = re.findall(r"`((?:benchmarks|tests|zoo_core|cli)/[\w/.]+)`", PAGE)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []
