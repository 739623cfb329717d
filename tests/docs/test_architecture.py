"""The page for contributors names files that are there, and its picture the packages that are there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PACKAGES = sorted(path.parent.name for path in (ROOT / "zoo_core").glob("*/__init__.py"))


def picture():
    """The program that draws the picture."""
    path = ROOT / "docs" / "architecture_picture.py"
    spec = importlib.util.spec_from_file_location("architecture_picture", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_path_exists():
    paths = re.findall(r"`((?:zoo_core|cli|plugins|tests)/[\w/.]+)`", PAGE)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_package_is_described_and_drawn():
    assert len(PACKAGES) >= 11
    drawn = [name for _, boxes in picture().ROWS for name, _ in boxes]
    for package in PACKAGES:
        assert f"`{package}/`" in PAGE, package
        assert package in drawn, package


def test_the_picture_is_as_its_program_draws_it():
    module = picture()
    assert module.PICTURE.read_text("utf-8") == module.draw(), "run: python docs/architecture_picture.py"
