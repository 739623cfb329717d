"""Atomic writes: a file is complete or as it was, with its mode and owner, and no temporary file is left."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from zoo_core.errors import InputOutputError
from zoo_core.filesystem import writing
from zoo_core.filesystem.writing import atomic_write, try_write, write_file


def test_write_file_replaces_content_and_leaves_no_temporary_file(tmp_path):
    path = tmp_path / "a.json"
    for data in (b"old", b"new"):
        write_file(path, data)
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


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS], ids=errno.errorcode.get)
@pytest.mark.parametrize("nth", range(1, 6))
@pytest.mark.parametrize("old", [None, b"old"], ids=["new", "old"])
def test_an_error_of_the_system_leaves_the_old_file(tmp_path, monkeypatch, code, nth, old):
    path, calls = tmp_path / "a.csv", []
    if old is not None:
        path.write_bytes(old)

    def failing(name):
        function = getattr(os, name)

        def call(*args, **kwargs):
            if name != "open" or args[1] & os.O_CREAT:
                calls.append(name)
                if len(calls) == nth:
                    raise OSError(code, os.strerror(code))
            return function(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in ("open", "fsync", "replace"):
            patch.setattr(os, name, failing(name))
        try:
            write_file(path, b"new")
        except InputOutputError as error:
            assert str(error) == f"cannot write {path}: {os.strerror(code)}"
            failed = True
        else:
            failed = False
    assert calls[:4] == ["open", "fsync", "replace", "fsync"][: len(calls)]
    assert failed is (nth <= 4)
    replaced = nth >= 4 or os.name == "nt"  # the folder is the last that is synchronized
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == ([b"new"] if replaced else [old] if old else [])


def test_the_file_is_named_in_an_error(tmp_path):
    with pytest.raises(InputOutputError, match=r"cannot write .*missing"):
        write_file(tmp_path / "missing" / "a", b"")
    for write in (lambda path: write_file(path, b""), try_write):
        with pytest.raises(InputOutputError, match=rf"cannot write .*{tmp_path.name}: Is a directory"):
            write(tmp_path)
        with pytest.raises(InputOutputError, match=r"cannot write .*missing"):
            write(tmp_path / "missing" / "a")
    try_write(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755])
def test_a_replaced_file_keeps_its_mode_and_owner(tmp_path, mode):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 12345, 23456)
    before = path.stat()
    write_file(path, b"new")
    with atomic_write(path) as stream:
        (temporary,) = set(tmp_path.iterdir()) - {path}
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600  # nobody reads what will be private
        stream.write(b"newer")
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_the_rights_of_a_group_are_not_given_to_another(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o664)

    def refuse(*_arguments):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    own = os.stat_result
    status = path.lstat()
    monkeypatch.setattr(
        "zoo_core.filesystem.writing._stat_file", lambda _path: own((*status[:5], status.st_gid + 1, *status[6:]))
    )
    write_file(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.parametrize("name", ["a" * 240, "a" * 255, "식" * 80, "-", "a\nb", "lr*[1]?"])
def test_any_name_is_written(tmp_path, name):
    with atomic_write(tmp_path / name) as stream:
        stream.write(b"x")
    write_file(tmp_path / name, b"y")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"y")]


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_loop_of_links_is_an_error(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(InputOutputError, match="cannot write"), atomic_write(tmp_path / "a"):
        pass


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files by name")
def test_an_open_file_is_appended_to(tmp_path):
    with (tmp_path / "all.csv").open("ab") as all_rows:
        all_rows.write(b"first\n")
        all_rows.flush()
        with atomic_write(f"/dev/fd/{all_rows.fileno()}") as stream:
            stream.write(b"second\n")
    assert (tmp_path / "all.csv").read_bytes() == b"first\nsecond\n"


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_file_that_no_rename_replaces_is_refused_before_the_work(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    try_write(path)

    def mounted(*_arguments):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", mounted)
        with pytest.raises(InputOutputError, match="busy"):
            try_write(path)
    tmp_path.chmod(0o1777)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(InputOutputError, match="not permitted"):
        try_write(path)
    assert list(tmp_path.iterdir()) == [path]


def test_several_new_files_are_on_the_disk_afterwards(tmp_path, monkeypatch):
    synced: set[str] = set()
    monkeypatch.setattr(writing, "sync_file", lambda handle: synced.add(os.fstat(handle).st_ino))
    files = {f"{number}.json": str(number).encode() for number in range(9)}
    writing.write_new_files(tmp_path, files)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files
    assert {path.stat().st_ino for path in tmp_path.iterdir()} == synced
    with pytest.raises(FileExistsError):
        writing.write_new_files(tmp_path, {"new.json": b"", "3.json": b"other"})
    assert (tmp_path / "3.json").read_bytes() == b"3"
