"""Slugs: names of files from any text."""

from __future__ import annotations

import unicodedata

import pytest

from zoo_core.filesystem.names import slugify


@pytest.mark.parametrize(
    ("name", "slug"), [("A b", "a-b"), ("--x--", "x"), ("…", "run"), ("a" * 50, "a" * 40), ("a" * 39 + "-b", "a" * 39)]
)
def test_slugs(name, slug):
    assert slugify(name, default="run") == slug


def test_slugs_keep_letters_of_every_script_in_composed_form():
    decomposed = unicodedata.normalize("NFD", "식당 É")
    assert slugify(decomposed) == "식당-é"
    assert slugify("가" * 50, limit=100) == "가" * 33  # bytes, and no half letter
    assert slugify("식당", default="file", ascii_only=True) == "file"
