"""Temporary files: those of killed commands are removed by the next write, no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoo_core.filesystem.temporary import create_temporary, create_temporary_folder, remove_leftovers
from zoo_core.filesystem.writing import write_file

pytestmark = pytest.mark.skipif(os.name == "nt", reason="locks of POSIX")
NAMES = ["lr0", "a[1]", "a*", ".lr0", "..", "x.partial", "n" * 200]


def leave(target: Path) -> Path:
    """What a killed process leaves: a temporary file that nobody has locked."""
    handle, path = create_temporary(target, 0o600)
    os.close(handle)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_the_next_write_removes_leftovers_of_the_same_name(tmp_path, name):
    target = tmp_path / "f" / name if name != ".." else tmp_path / "f" / "b.."
    target.parent.mkdir()
    leave(target)
    handle, folder = create_temporary_folder(target)
    (folder / "inside").write_text("x")
    os.close(handle)
    write_file(target, b"x")
    assert list(target.parent.iterdir()) == [target]


def test_leftovers_of_other_names_stay(tmp_path):
    others = [leave(tmp_path / name) for name in ("lr0.1", "a1", "lr", "lr0.0123abcd.partial", "LR1", ".lr0")]
    others += [tmp_path / name for name in (".lr0.0123abcd.partial.txt", ".lr0.0123ABCD.partial", ".lr0.partial")]
    for path in others:
        path.touch()
    write_file(tmp_path / "lr0", b"")
    write_file(tmp_path / "a[1]", b"")
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in others} | {"lr0", "a[1]"}


def test_what_is_in_use_or_foreign_stays(tmp_path, monkeypatch):
    target = tmp_path / "a"
    handle, used = create_temporary(target, 0o600)
    link, outside = tmp_path / ".a.00000000.partial", tmp_path / "outside"
    outside.write_text("mine")
    link.symlink_to(outside)
    os.mkfifo(tmp_path / ".a.11111111.partial")
    remove_leftovers(target)
    assert sorted(tmp_path.iterdir()) == sorted([used, link, outside, tmp_path / ".a.11111111.partial"])
    os.close(handle)
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 54321)
        remove_leftovers(target)
    assert used.exists()
    with monkeypatch.context() as patch:
        patch.setitem(__import__("sys").modules, "fcntl", None)  # no locks: nobody knows who writes
        remove_leftovers(target)
    assert used.exists()
    remove_leftovers(target)
    assert not used.exists()
