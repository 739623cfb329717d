"""What Windows and macOS do differently, simulated: their locks, their renames, and what their systems lack."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

import pytest

from zoo_cli import streams
from zoo_core import memory
from zoo_core.data.files.class_folders import read_text_files
from zoo_core.experiments import workers
from zoo_core.filesystem import folders, reading
from zoo_core.filesystem.folders import replace_empty_folder
from zoo_core.filesystem.locks import LOCKED_BYTE, release_lock, try_lock
from zoo_core.recipes import fingerprints
from zoo_core.runs import staging, store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def windows_locks(monkeypatch):
    """The locks of Windows: one byte of one open file. The value lists the bytes that are locked, by file."""
    locked = {}
    fake = ModuleType("msvcrt")

    def locking(handle, mode, count):
        place = (os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR))
        assert (mode, count) == (fake.LK_NBLCK, 1)
        if locked.get(place, handle) != handle:
            raise PermissionError(13, "Permission denied")
        locked[place] = handle

    fake.LK_NBLCK, fake.locking = 2, locking
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(sys, "platform", "win32")
    return locked


def test_a_lock_of_windows_is_beyond_the_data_and_held_once(tmp_path, windows_locks):
    path = tmp_path / "file"
    with path.open("wb") as first, path.open("ab") as second:
        assert try_lock(first.fileno())
        assert not try_lock(second.fileno())
    assert [at for _, at in windows_locks] == [LOCKED_BYTE]
    assert path.stat().st_size == 0


def test_two_trainings_are_kept_apart_by_the_locks_of_windows(tmp_path, windows_locks):
    with (
        staging.staging_area(tmp_path / "run"),
        pytest.raises(staging.InputOutputError, match="another training is writing"),
        staging.staging_area(tmp_path / "run"),
    ):
        pass


def test_without_any_locks_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with (tmp_path / "file").open("wb") as first, (tmp_path / "file").open("ab") as second:
        assert try_lock(first.fileno())
        assert try_lock(second.fileno())


@pytest.fixture
def open_files_stay(monkeypatch):
    """As on Windows, a file that is open cannot be deleted."""
    unlink, os_unlink = Path.unlink, os.unlink

    def is_open(path):
        wanted = Path(path).stat()
        opened = []
        for handle in range(3, 64):
            try:
                opened.append(os.fstat(handle))
            except OSError:
                continue
        return any(os.path.samestat(wanted, found) for found in opened)

    def refuse(path):
        if os.path.lexists(path) and is_open(path):
            raise PermissionError(13, "Permission denied", str(path))

    def path_unlink(self, missing_ok=False):
        refuse(self)
        unlink(self, missing_ok)

    def plain_unlink(path, *, dir_fd=None):
        if dir_fd is None:
            refuse(path)
        elif Path(path).name == "lock":
            raise PermissionError(13, "Permission denied", path)
        os_unlink(path, dir_fd=dir_fd)

    monkeypatch.setattr(Path, "unlink", path_unlink)
    monkeypatch.setattr(os, "unlink", plain_unlink)
    monkeypatch.setattr(staging, "WINDOWS", True)


def test_a_lock_file_goes_where_open_files_stay(tmp_path, open_files_stay):
    path = tmp_path / "lock"
    handle = os.open(path, os.O_CREAT | os.O_RDWR)
    with pytest.raises(PermissionError):
        path.unlink()
    release_lock(handle, path)
    assert not path.exists()


def test_a_lock_file_that_another_has_open_stays(tmp_path, open_files_stay):
    path = tmp_path / "lock"
    with path.open("wb"):
        release_lock(os.open(path, os.O_RDWR), path)
        assert path.exists()


def test_a_staging_folder_goes_where_open_files_stay(tmp_path, open_files_stay):
    with staging.staging_area(tmp_path / "run") as desk:
        (desk / "resume.json").write_text("{}", "utf-8")
    assert list(tmp_path.iterdir()) == []


def test_a_swap_folder_is_unlocked_where_open_files_stay(tmp_path, open_files_stay):
    with staging.locked_folder(tmp_path / "swap", doing="swap", hint=""):
        assert (tmp_path / "swap" / "lock").exists()
    assert list((tmp_path / "swap").iterdir()) == []


def test_a_folder_takes_the_place_of_an_empty_one_on_windows(tmp_path, monkeypatch):
    """Windows renames nothing onto a folder, so the empty one goes first; one that holds something stays."""
    rename = Path.rename

    def onto_nothing(self, target):
        assert not Path(target).exists()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", onto_nothing)
    monkeypatch.setattr(folders, "WINDOWS", True)
    for name in ("source", "empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(OSError, match="not empty"):
        replace_empty_folder(tmp_path / "source", tmp_path / "full")
    replace_empty_folder(tmp_path / "source", tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "full"]


def test_files_of_a_run_are_read_as_bytes():
    assert reading.OPEN_FLAGS & getattr(os, "O_BINARY", 0) == getattr(os, "O_BINARY", 0)
    code = (
        "import os; os.O_BINARY = 1 << 30; from zoo_core.filesystem.reading import OPEN_FLAGS; print(OPEN_FLAGS >> 30)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_a_link_in_a_run_is_rejected_where_the_system_cannot_open_without_following(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "manifest.json").symlink_to(tmp_path / "file")
    monkeypatch.delattr(os, "O_NOFOLLOW", raising=False)
    with pytest.raises(store.RunFolderError, match="symbolic link"):
        store.read_run(tmp_path)


def test_windows_does_not_tell_the_peak_of_memory_nor_the_cores_of_a_process(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert memory.peak_memory() is None
    assert workers.usable_cores() == os.cpu_count()


def test_memory_is_released_by_nothing_but_glibc(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _name: pytest.fail("no glibc here"))
    memory.release_free_memory()
    memory.tune_malloc()


def test_output_from_below_python_is_caught_without_memfd(monkeypatch):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    said = []
    with redirect_stdout(io.StringIO()), streams.capture_output(said):
        os.write(1, b"from below\n")
        print("from Python")
    assert sorted(said) == ["from Python", "from below"]


def case_does_not_count(one, other):
    """The order of paths on Windows."""
    return str(one).lower() < str(other).lower()


def test_texts_of_a_folder_are_in_the_same_order_everywhere(tmp_path, monkeypatch):
    for name in ("b.txt", "A.txt", "a2.txt", "B2.txt"):
        (tmp_path / "label").mkdir(exist_ok=True)
        (tmp_path / "label" / name).write_text("text", "utf-8")
    monkeypatch.setattr(Path, "__lt__", case_does_not_count)
    names = [Path(file.path).name for file in read_text_files(tmp_path)]
    assert names == ["A.txt", "B2.txt", "a2.txt", "b.txt"]


def test_the_hash_of_code_does_not_follow_the_order_of_paths(tmp_path, monkeypatch):
    package = ModuleType("made_package")
    package.__file__ = str(tmp_path / "__init__.py")
    for name in ("__init__.py", "B.py", "a.py"):
        (tmp_path / name).write_text("", "utf-8")
    monkeypatch.setitem(sys.modules, "made_package", package)
    first = fingerprints.code_hash.__wrapped__("made_package")
    monkeypatch.setattr(Path, "__lt__", case_does_not_count)
    assert fingerprints.code_hash.__wrapped__("made_package") == first


def test_every_text_file_is_opened_with_an_encoding():
    """The default encoding of Windows is that of its region."""
    code = "import sys; sys.argv = ['zoo', 'list']; from zoo_cli.main import main; main()"
    call = [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning", "-c", code]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
