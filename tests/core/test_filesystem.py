"""Atomic writes and slugs: a file is complete or as it was, and no temporary file is left."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from zoo_core.errors import InputOutputError
from zoo_core.filesystem import atomic_write, slugify, write_file


def test_write_file_replaces_content_and_leaves_no_temporary_file(tmp_path):
    path = tmp_path / "a.json"
    for data in (b"old", b"new"):
        write_file(path, data, sync=True)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_write_file_sets_the_mode(tmp_path):
    write_file(tmp_path / "a", b"", mode=0o640)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
    write_file(tmp_path / "b", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "b").stat().st_mode == (tmp_path / "plain").stat().st_mode  # by the umask


@pytest.mark.skipif(os.name == "nt", reason="symbolic links of POSIX")
def test_a_symbolic_link_is_replaced_by_write_file_and_followed_by_atomic_write(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with atomic_write(link) as stream:
        stream.write(b"new")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"new")
    write_file(link, b"other")
    assert (link.is_symlink(), link.read_bytes(), target.read_bytes()) == (False, b"other", b"new")


def test_an_error_inside_the_block_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), atomic_write(path) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"old", [path])


def test_an_error_of_the_system_names_the_file(tmp_path, monkeypatch):
    with pytest.raises(InputOutputError, match=r"cannot write .*missing"):
        write_file(tmp_path / "missing" / "a", b"")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputOutputError, match=r"cannot write .*a\.csv: No space left"):
        write_file(tmp_path / "a.csv", b"")
    assert list(tmp_path.iterdir()) == []


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
