"""Files that are obeyed: only the user and root may be able to change them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoo_core.config import ownership
from zoo_core.config.ownership import read_own_file
from zoo_core.errors import RecipeError

pytestmark = pytest.mark.skipif(not ownership.HAS_OWNERS, reason="Windows has access lists")
is_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
OTHER = 12345


@pytest.fixture
def file(tmp_path) -> Path:
    """`tmp_path/a/b/zoo.toml`, of the user, in folders of the user."""
    path = tmp_path / "a" / "b" / "zoo.toml"
    path.parent.mkdir(parents=True, mode=0o755)
    path.write_bytes(b"content")
    path.chmod(0o644)
    return path


def reason(path: Path, **options: bool) -> str:
    with pytest.raises(RecipeError) as caught:
        read_own_file(path, 100, **options)
    return str(caught.value)


def test_file_of_the_user_is_read(file):
    own = read_own_file(file, 7)
    assert (own.path, own.owner, own.content) == (file.resolve(), os.geteuid(), b"content")
    assert "larger than" in reason(file) if file.write_bytes(b"x" * 101) else False


@pytest.mark.parametrize("mode", [0o666, 0o646, 0o602])
def test_file_that_all_may_write_is_rejected(file, mode):
    file.chmod(mode)
    assert reason(file) == f"other users can write to {file}"


@pytest.mark.parametrize("level", [0, 1])
def test_folder_that_all_may_write_is_rejected(file, level):
    file.parents[level].chmod(0o777)
    assert reason(file) == f"other users can write to {file.parents[level]}"


def test_sticky_folder_is_accepted_above_other_folders_only(file):
    file.parents[1].chmod(0o1777)
    assert read_own_file(file, 100).content == b"content"
    file.parent.chmod(0o1777)
    assert reason(file) == f"other users can write to {file.parent}"
    assert read_own_file(file, 100, in_shared_folder=True).content == b"content"


@pytest.mark.parametrize(("is_private", "is_accepted"), [(True, True), (False, False)])
def test_group_may_write_if_the_user_is_alone_in_it(file, monkeypatch, is_private, is_accepted):
    monkeypatch.setattr(ownership, "_is_private_group", lambda _group: is_private)
    for path in (file, file.parent):
        path.chmod(path.stat().st_mode | 0o020)
    if is_accepted:
        assert read_own_file(file, 100)
        monkeypatch.setattr(ownership, "_has_list", lambda _path: True)  # and an access list names others
    assert "other users can write" in reason(file)


def test_unknown_group_is_not_private():
    assert not ownership._is_private_group(2**31 - 5)


@is_root
@pytest.mark.parametrize("level", ["file", "folder", "above", "link"])
def test_other_owner_is_rejected(file, level):
    given = file
    if level == "link":
        given = file.with_name("link.toml")
        given.symlink_to(file)
    wrong = {"file": file, "folder": file.parent, "above": file.parents[1], "link": given}[level]
    os.chown(wrong, OTHER, OTHER, follow_symlinks=False)
    assert reason(given) == f"{wrong} belongs to another user ({OTHER})"


@is_root
def test_user_name_of_the_other_is_shown(file):
    os.chown(file, 1, 1)
    assert "belongs to another user (daemon)" in reason(file)


def test_link_and_target_are_both_checked(file, tmp_path):
    link, between = tmp_path / "link.toml", tmp_path / "open" / "link.toml"
    link.symlink_to(file)
    assert read_own_file(link, 100).path == file.resolve()
    between.parent.mkdir()
    between.parent.chmod(0o777)
    between.symlink_to(file)
    assert reason(between) == f"other users can write to {between.parent}"
    second = tmp_path / "second.toml"
    second.symlink_to(between)
    assert reason(second) == f"other users can write to {between.parent}"
    file.parent.chmod(0o777)
    assert reason(link) == f"other users can write to {file.parent}"


def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "circle").symlink_to("circle")
    for name in ("pipe", "null", "."):
        assert "is not a regular file" in reason(tmp_path / name)
    for name in ("circle", "missing", "n" * 300):
        with pytest.raises((OSError, RecipeError)):
            read_own_file(tmp_path / name, 100)
    assert "is not a valid path" in reason(tmp_path / "\0")
