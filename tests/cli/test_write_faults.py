"""Every command that writes, with an error of the disk at each of its calls: the old files stay, nothing else is left.

The calls are recorded, too: what is renamed is on the disk before, and its new name after, so that a power loss leaves
the old file or the new one.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from zoo_core import open_run
from zoo_core.errors import InputOutputError
from zoo_core.experiments import swap_folder

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names of open files by Linux")
CODES = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS)


class Disk:
    """Calls of the system that change the disk: recorded, and the n-th one fails."""

    def __init__(self, fail_at: int = 0, code: int = errno.ENOSPC) -> None:
        self.fail_at, self.code, self.calls = fail_at, code, []

    def note(self, *call: str) -> None:
        self.calls.append(call)
        if len(self.calls) == self.fail_at:
            raise OSError(self.code, os.strerror(self.code))

    @contextmanager
    def installed(self, monkeypatch):
        real = {name: getattr(os, name) for name in ("open", "fdopen", "fsync", "replace", "rename", "mkdir")}

        def opened(path, flags, *args, **kwargs):
            if flags & os.O_CREAT:
                self.note("open", os.fspath(path))
            return real["open"](path, flags, *args, **kwargs)

        def fdopen(handle, mode="r", *args, **kwargs):
            return Stream(self, handle) if mode == "wb" else real["fdopen"](handle, mode, *args, **kwargs)

        def fsync(handle):
            self.note("fsync", os.path.realpath(f"/proc/self/fd/{handle}"))
            real["fsync"](handle)

        def renaming(name):
            def call(source, target, **kwargs):
                self.note("rename", *(str(Path(path).absolute()) for path in (source, target)))
                real[name](source, target, **kwargs)

            return call

        def mkdir(path, *args, **kwargs):
            if not os.path.lexists(path):
                self.note("mkdir", os.fspath(path))
            real["mkdir"](path, *args, **kwargs)

        fakes = {"open": opened, "fdopen": fdopen, "fsync": fsync, "mkdir": mkdir}
        fakes |= {name: renaming(name) for name in ("rename", "replace")}
        with monkeypatch.context() as patch:
            for name, fake in fakes.items():
                patch.setattr(os, name, fake)
            yield


class Stream(io.BufferedWriter):
    """A file whose flush may fail, as a write does on a full disk."""

    def __init__(self, disk: Disk, handle: int) -> None:
        super().__init__(io.FileIO(handle, "wb"))
        self.disk = disk

    def flush(self) -> None:
        if not self.closed:
            self.disk.note("write", os.path.realpath(f"/proc/self/fd/{self.fileno()}"))
        super().flush()

    def close(self) -> None:
        if not self.closed:
            super().flush()
            self.raw.close()


COMMANDS = {
    "predict": ("predict", "run", "good", "-o", "out.csv", "--force"),
    "split": ("data", "split", "reviews.csv", "-o", "out.csv", "--force"),
    "sample": ("data", "sample", "--rows", "5", "-o", "out.csv", "--force"),
    "recipe new": ("recipe", "new", "mine.toml", "--from", "yelp-perceptron", "--force"),
    "recipe lock": ("recipe", "lock", "yelp-perceptron", "-o", "out.csv", "--force"),
    "migrate": ("recipe", "migrate", "old.toml", "-o", "out.csv", "--force"),
    "disable": ("plugins", "disable", "yelp"),
    "plugins new": ("plugins", "new", "textzoo-mine"),
    "threshold": ("evaluate", "run", "--set-threshold", "0.25"),
    "train": ("train", "yelp-perceptron", "--data", "reviews.csv", "--run", "new", *["--set", "training.epochs=1"]),
}


PENDING = "run/.decision.json."  # the new content of a file, until the manifest has its hash
OLD_RECIPE = 'task = "yelp"\nmodel = "perceptron" # mine\n'


@pytest.fixture
def place(empty_folder, reviews, trained, monkeypatch):
    """A working folder with old outputs, a run, and settings."""
    shutil.copytree(trained, "run")
    for name in ("out.csv", "mine.toml", "old.toml"):
        Path(name).write_text("# old\n", "utf-8")
    Path("zoo-settings.toml").write_text("# old\n", "utf-8")
    Path("old.toml").write_text(OLD_RECIPE, "utf-8")
    monkeypatch.setenv("ZOO_CONFIG", str(empty_folder / "zoo-settings.toml"))
    return empty_folder


def contents(folder: Path) -> dict[str, bytes | None]:
    paths = sorted(folder.rglob("*"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in paths}


def restore(folder: Path, before: dict[str, bytes | None]) -> None:
    now = contents(folder)
    for name in sorted(set(now) - set(before), reverse=True):
        (folder / name).rmdir() if now[name] is None else (folder / name).unlink()
    for name, data in before.items():
        if data is not None and now.get(name) != data:
            (folder / name).write_bytes(data)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_error_of_the_disk_at_any_call_leaves_the_old_files(name, zoo, place, monkeypatch):
    before, disk = contents(place), Disk()
    with disk.installed(monkeypatch):
        answer = zoo(*COMMANDS[name])
    assert answer.code == 0, answer.err
    assert_ordered(disk.calls)
    after, step = contents(place), {"train": 6, "plugins new": 5}.get(name, 1)
    assert after != before
    for number in range(1, len(disk.calls) + 1, step):
        restore(place, before)
        code = CODES[number % len(CODES)]
        with Disk(number, code).installed(monkeypatch):
            answer = zoo(*COMMANDS[name])
        found = contents(place)
        if name == "threshold" and answer.code == 0:  # after the manifest, nothing can prevent it
            assert open_run("run").head.threshold == 0.25
            continue
        if name == "train" and answer.code == 0:  # the staging folder was made in the other place
            assert set(found) == set(after)
            continue
        assert (answer.code, os.strerror(code) in answer.err) == (7, True), (disk.calls[number - 1], answer)
        assert any(line.startswith("zoo: error: cannot ") for line in answer.lines)
        if "is kept: resume it with zoo train --resume new" in answer.err:
            assert zoo("train", "--resume", "new").code == 0
            assert set(contents(place)) == set(after)
        elif name == "train":
            assert set(found) in (set(before), set(after))
        else:
            assert all(found[key] in (before.get(key), after[key]) for key in found if key in after)
            pending = [key for key in found if key.startswith(PENDING)]
            assert len(pending) <= 1
            assert set(found) - set(pending) in (set(before), set(after))


def test_a_swap_that_cannot_write_its_design_leaves_no_folder(zoo, place, monkeypatch):
    def fail(path, data):
        raise InputOutputError(f"cannot write {path}: {os.strerror(errno.ENOSPC)}")

    monkeypatch.setattr(swap_folder, "write_file", fail)
    before = contents(place)
    answer = zoo("swap", "yelp-perceptron", "optimizer.lr=0.1,0.2", "--data", "reviews.csv", "--seeds", "1")
    assert (answer.code, answer.lines[-1][:23]) == (7, "zoo: error: cannot writ"), answer
    assert contents(place) == before


def assert_ordered(calls: list[tuple[str, ...]]) -> None:
    """Before a file is renamed it is on the disk; afterwards its folder is."""
    renames = [(number, *call[1:]) for number, call in enumerate(calls) if call[0] == "rename"]
    assert renames
    for number, source, target in renames:
        inside = [call for call in calls[:number] if call[0] == "write" and call[1].startswith(source)]
        assert all(("fsync", call[1]) in calls[:number] for call in inside)
        before = calls[:number]
        assert ("fsync", source) in before or source in [call[2] for call in before if call[0] == "rename"]
        assert ("fsync", str(Path(target).parent)) in calls[number:]
