"""Files that may be anything are read without waiting, without surprise, and up to a size."""

from __future__ import annotations

import errno
import os

import pytest

from zoo_core import memory
from zoo_core.errors import DataError, InputOutputError
from zoo_core.filesystem.reading import read_bounded

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, pipes and devices of POSIX")


def test_reads_a_regular_file_up_to_its_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 4096)
    assert read_bounded(path, 4096, DataError) == b"x" * 4096
    with pytest.raises(DataError, match=r"a: larger than 3 KiB: the file has 4,096 bytes$"):
        read_bounded(path, 4095, DataError)


def test_links_are_followed_only_where_users_make_them(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "loop").symlink_to("loop")
    assert read_bounded(tmp_path / "link", 9, DataError, follow_links=True) == b"x"
    for name, follow in (("link", False), ("loop", False), ("loop", True)):
        with pytest.raises(OSError) as caught:
            read_bounded(tmp_path / name, 9, DataError, follow_links=follow)
        assert caught.value.errno == errno.ELOOP


@pytest.mark.parametrize("follow", [True, False])
def test_other_files_are_refused_without_reading(tmp_path, follow):
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path / "pipe", "named pipe"), (tmp_path, "folder"), ("/dev/zero", "device")):
        with pytest.raises(DataError, match=f"not a regular file, but a {kind}$"):
            read_bounded(tmp_path / path, 9, DataError, follow_links=follow)


def test_a_hole_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.touch()
    os.truncate(path, 30 << 30)
    monkeypatch.setattr(memory, "available_memory", lambda: 29 << 30)
    with pytest.raises(InputOutputError, match=r"takes 32,212 MB of memory, and 31,139 MB are available$"):
        read_bounded(path, 1 << 40, DataError)


def test_available_memory_is_that_of_the_container(tmp_path, monkeypatch):
    of_machine = memory.available_memory()
    assert of_machine is None or of_machine > 0
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("600\n")
    assert memory.available_memory() == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available_memory() != 400
