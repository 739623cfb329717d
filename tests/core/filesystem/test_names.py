"""Names of files: slugs of any text, and the path that is most similar to one that does not exist."""

from __future__ import annotations

import unicodedata

import pytest

from zoo_core.filesystem.names import closest_path, closest_path_hint, slugify


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("reviewss.csv", "reviews.csv"),
        ("my-rnu", "my-run"),
        ("리부.csv", "리뷰.csv"),
        ("nothing", ""),
        ("no/x.csv", ""),
    ],
)
def test_closest_path_is_that_of_an_entry_of_the_same_folder(tmp_path, typed, meant):
    for name in ("reviews.csv", "리뷰.csv"):
        (tmp_path / name).touch()
    (tmp_path / "my-run").mkdir()
    expected = str(tmp_path / meant) if meant else ""
    assert closest_path(tmp_path / typed, lambda path: path.exists()) == expected
    assert closest_path_hint(tmp_path / typed).endswith('.csv"?') == meant.endswith(".csv")  # files only


@pytest.mark.parametrize("path", ["a\0b.csv", "x" * 5000, "", "."])
def test_path_that_no_file_can_have_is_similar_to_none(path):
    assert closest_path(path) == ""
