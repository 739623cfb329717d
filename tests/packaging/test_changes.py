"""News fragments in `changes/` have names and texts that `towncrier` collects into CHANGELOG.md."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]
TYPES = [entry["directory"] for entry in CONFIG["type"]]
FRAGMENT = re.compile(rf"(?:[1-9][0-9]*|\+[a-z0-9]+(?:-[a-z0-9]+)*)\.(?:{'|'.join(TYPES)})(?:\.[1-9][0-9]*)?\.md")
FRAGMENTS = sorted(path for path in (ROOT / CONFIG["directory"]).iterdir() if path.name != "README.md")


def test_types_are_headings_of_keep_a_changelog():
    assert [entry["name"] for entry in CONFIG["type"]] == ["Added", "Changed", "Fixed", "Removed"]
    assert [name.capitalize() for name in TYPES] == [entry["name"] for entry in CONFIG["type"]]


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("14.added.md", True),
        ("14.changed.2.md", True),
        ("+windows-locks.fixed.md", True),
        ("14.feature.md", False),
        ("windows.fixed.md", False),
        ("14.added.txt", False),
        ("+Windows Locks.fixed.md", False),
    ],
)
def test_fragment_names_are_checked(name, is_valid):
    assert bool(FRAGMENT.fullmatch(name)) == is_valid


def test_every_fragment_is_well_named():
    assert [path.name for path in FRAGMENTS if not FRAGMENT.fullmatch(path.name)] == []


def test_every_fragment_holds_a_sentence():
    texts = {path.name: path.read_text("utf-8").strip() for path in FRAGMENTS}
    assert [name for name, text in texts.items() if not re.fullmatch(r"[A-Z`*].*\.", text, re.DOTALL)] == []


def test_the_changelog_has_the_line_that_releases_are_inserted_after():
    text = (ROOT / CONFIG["filename"]).read_text("utf-8")
    marker = "<!-- towncrier release notes start -->\n"  # the default of towncrier for Markdown
    assert text.count(marker) == 1
    assert "\n## " not in text[: text.index(marker)]
