"""The generated pages are what their programs write, and the reference names everything there is."""

from __future__ import annotations

import tomllib
from importlib import import_module

import pytest

import zoo_core
from tests.docs.blocks import ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch):
    """The program `docs/generate.py`."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    return import_module("generate")


def test_generated_pages_are_current(generate) -> None:
    pages = generate.generated_pages()
    assert len(pages) >= 15
    stale = [path.name for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]
    assert stale == [], "run: python docs/generate.py"


def test_no_generated_page_is_left_over(generate) -> None:
    written = {path.name for path in generate.generated_pages() if path.parent.name == "components"}
    assert {path.name for path in (REFERENCE / "components").glob("*.md")} == written


def test_every_recipe_is_on_the_page_of_recipes() -> None:
    shipped = tomllib.loads((ROOT / "registry.toml").read_text("utf-8"))["recipes"]
    page = (REFERENCE / "recipes.md").read_text("utf-8")
    assert shipped
    assert [name for name in shipped if f"| `{name}` |" not in page] == []


def test_every_public_name_is_on_the_page_of_the_python_api() -> None:
    page = (REFERENCE / "python-api.md").read_text("utf-8")
    assert [name for name in zoo_core.__all__ if f"`{name}`" not in page] == []
