"""Pages that speak of what is registered speak of what is there."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_the_page_of_parts_is_as_its_program_writes_it():
    spec = importlib.util.spec_from_file_location("parts", ROOT / "docs" / "parts.py")
    parts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(parts)
    text = parts.PAGE.read_text("utf-8")
    assert text == parts.page(text), "run: python docs/parts.py"


def test_the_page_of_checks_is_as_its_program_writes_it():
    spec = importlib.util.spec_from_file_location("conformance", ROOT / "docs" / "conformance.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    assert program.PAGE.read_text("utf-8") == program.page(), "run: python docs/conformance.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_recipe_is_told_of():
    told = "".join(page.read_text("utf-8") for page in PAGES)
    shipped = tomllib.loads((ROOT / "registry.toml").read_text("utf-8"))["recipes"]
    assert shipped and [name for name in shipped if f"`{name}`" not in told and f" {name}" not in told] == []
