"""Every call that changes a file, counted in order, and one fault at a chosen call.

The calls of Python are replaced, in the process that runs the command: files opened for writing, `os.write`, `fsync`,
renames, deletions, new folders, permissions. Native code that writes files by itself is not seen; the zoo has none.
"""

from __future__ import annotations

import _io
import builtins
import errno
import io
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

ERRORS = {name: getattr(errno, name) for name in ("ENOSPC", "EIO", "EDQUOT", "EROFS")}
SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGTERM, SIGTERM": signal.SIGTERM}
TWICE = {"SIGTERM, SIGTERM": 2}  # the second signal comes so many calls after the first
REFUSED_BY_FULL_DISK = ("open", "write", "mkdir", "rename", "fsync", "link")


class Observer(Protocol):
    """What follows the calls: a model of the disk."""

    def before(self, call: str, *paths: str) -> None:
        """A call begins."""

    def after(self, call: str, *paths: str) -> None:
        """A call has ended."""


class Faults:
    """Counts the calls under a folder and raises, signals or calls `kill` at the chosen one (from 1; 0 for none)."""

    def __init__(
        self, root: Path, kind: str = "", at: int = 0, *, observer: Observer, kill: Callable[[], None]
    ) -> None:
        self.root, self.kind, self.at, self.observer, self.kill = str(root), kind, at, observer, kill
        self.count = 0
        self.log: list[str] = []

    def call(self, name: str, function: Callable[..., Any], paths: tuple[str, ...], *args: Any, **named: Any) -> Any:
        """Do a call, with the fault if it is the chosen one."""
        if not any(path.startswith(self.root) for path in paths):
            return function(*args, **named)
        self.count += 1
        self.log.append(f"{name} {' '.join(path.removeprefix(self.root) for path in paths)}")
        here = self.count == self.at
        error, _, lasting = self.kind.partition(" from ")
        refused = here or (bool(lasting) and self.count > self.at > 0)
        if refused and error in ERRORS and name in REFUSED_BY_FULL_DISK:
            self.log[-1] += " (refused)"
            raise OSError(ERRORS[error], os.strerror(ERRORS[error]), paths[0])
        if here and self.kind == "kill-before":
            self.kill()
        self.observer.before(name, *paths)
        if self.kind in SIGNALS and (here or (self.kind in TWICE and self.count == self.at + TWICE[self.kind])):
            os.kill(os.getpid(), SIGNALS[self.kind])
        result = function(*args, **named)
        self.observer.after(name, *paths)
        if here and self.kind == "kill-after":
            self.kill()
        return result

    def install(self) -> None:
        """Replace the calls, for the rest of this process."""
        for name, label in (("replace", "rename"), ("rename", "rename"), ("link", "link"), ("symlink", "link")):
            self._patch_two_paths(name, label)
        for name in ("unlink", "remove", "rmdir", "mkdir", "chmod", "chown", "truncate"):
            self._patch_path(name, {"remove": "unlink"}.get(name, name))
        for name in ("fsync", "fdatasync", "write", "ftruncate", "fchmod", "fchown"):
            self._patch_handle(name)
        self._patch_open()

    def _patch_two_paths(self, name: str, label: str) -> None:
        original = getattr(os, name)

        def patched(source: Any, target: Any, **named: Any) -> Any:
            paths = absolute(source, named.get("src_dir_fd")), absolute(target, named.get("dst_dir_fd"))
            return self.call(label, original, paths, source, target, **named)

        setattr(os, name, patched)

    def _patch_path(self, name: str, label: str) -> None:
        original = getattr(os, name)

        def patched(path: Any, *args: Any, **named: Any) -> Any:
            where = path_of(path) if isinstance(path, int) else absolute(path, named.get("dir_fd"))
            return self.call(label, original, (where,), path, *args, **named)

        setattr(os, name, patched)
        for supported in (os.supports_dir_fd, os.supports_follow_symlinks, os.supports_fd):
            if original in supported:  # shutil looks its functions up in these sets
                supported.add(patched)

    def _patch_handle(self, name: str) -> None:
        original = getattr(os, name)

        def patched(handle: Any, *args: Any) -> Any:
            number = handle if isinstance(handle, int) else handle.fileno()
            return self.call(name, original, (path_of(number),), handle, *args)

        setattr(os, name, patched)

    def _patch_open(self) -> None:
        system_open, stream_open = os.open, io.open

        def patched_system(path: Any, flags: int, *args: Any, **named: Any) -> int:
            if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return system_open(path, flags, *args, **named)
            where = absolute(path, named.get("dir_fd"))
            call = "open" if not os.path.lexists(where) or flags & os.O_TRUNC else "reopen"
            return int(self.call(call, system_open, (where,), path, flags, *args, **named))

        def patched_stream(file: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
            if not set(mode) & set("wax+"):
                return stream_open(file, mode, *args, **named)
            where = path_of(file) if isinstance(file, int) else absolute(file)
            if not where.startswith(self.root):
                return stream_open(file, mode, *args, **named)
            return self._stream(file, where, mode, *args, **named)

        os.open = patched_system
        os.fdopen = patched_stream
        for module in (io, _io, builtins):
            module.__dict__["open"] = patched_stream

    def _stream(self, file: Any, where: str, mode: str, buffering: int = -1, *text: Any, **named: Any) -> Any:
        faults = self

        class CountedFile(io.FileIO):
            def write(self, data: Any) -> int:
                return int(faults.call("write", super().write, (where,), data))

        raw_mode, named = mode.replace("b", "").replace("t", ""), dict(named)
        closefd, opener = named.pop("closefd", True), named.pop("opener", None)
        if isinstance(file, int):
            raw = CountedFile(file, raw_mode, closefd=closefd)
        else:
            raw = self.call("open", CountedFile, (where,), file, raw_mode, opener=opener)
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, *text, **named)


def absolute(path: Any, folder_handle: int | None = None) -> str:
    """The path of a call, from the root; links are not followed."""
    name = os.fsdecode(path)
    if folder_handle is not None:
        name = os.path.join(path_of(folder_handle), name)  # noqa: PTH118
    return os.path.normpath(os.path.join(os.getcwd(), name))  # noqa: PTH109, PTH118


def path_of(handle: int) -> str:
    """The path of an open file."""
    try:
        return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115
    except OSError:
        return ""


def is_folder(path: str) -> bool:
    """Whether a path is a folder, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
