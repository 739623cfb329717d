"""The one way to write a file: temporary file, fsync, rename, fsync of the folder.

A kill, a full disk or a power loss leaves the old file or the new one, whole. Signals wait during the last steps.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from zoo_core.errors import InputOutputError
from zoo_core.filesystem.locks import SAFE_FLAGS
from zoo_core.filesystem.signals import defer_signals
from zoo_core.filesystem.temporary import create_temporary, remove_leftovers

OPEN_FILE = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/(self|\d+)/fd/\d+")
WRITING_THREADS = 4
NOT_SUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)  # what file systems that cannot fsync answer


def write_file(path: Path, data: bytes, *, mode: int | None = None, name: Path | None = None) -> None:
    """Write a file completely or not at all, and onto the disk; a symbolic link is replaced, not followed.

    The mode and owner of a file that is replaced are kept; a new file has `mode`, or that of the umask. Raises
    InputOutputError if it cannot be written; its message, and the temporary file, have `name` instead of `path`, if
    given.
    """
    key = path.with_name(name.name) if name and name.name else path
    with _replacing(path, name or path, mode, key) as stream:
        stream.write(data)


def write_new_file(path: Path, data: bytes) -> None:
    """Write a file that does not exist, onto the disk, in a folder that nobody reads yet. OSError if it fails."""
    handle = os.open(path, SAFE_FLAGS | os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        sync_file(handle)


def write_new_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, by their names in a folder, as `write_new_file` does; in threads, since each waits for the disk."""
    from concurrent.futures import ThreadPoolExecutor  # here, because most commands write no such files

    with ThreadPoolExecutor(WRITING_THREADS) as pool:
        for _ in pool.map(lambda name: write_new_file(folder / name, files[name]), files):
            pass  # an error is raised here, when all threads have ended


@contextmanager
def atomic_write(path: str | Path) -> Iterator[IO[bytes]]:
    """A stream to a temporary file that replaces `path` when the block ends; for files that the user named.

    A symbolic link is followed: its target is replaced. A pipe or a device is written to directly. Raises
    InputOutputError, at the start if possible, if the file cannot be written.
    """
    if is_special(path):
        with _errors_as(path), os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as stream:
            yield stream
        return
    target = _resolve(path)
    with _replacing(target, path, None, target) as stream:
        yield stream


def is_special(path: str | Path) -> bool:
    """Whether a path names a pipe, a device, or an open file as `/dev/stdout` does: what cannot be replaced."""
    if OPEN_FILE.fullmatch(str(path)):
        return True
    with suppress(OSError, ValueError):
        mode = Path(path).stat().st_mode
        return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
    return False


def try_write(path: str | Path) -> None:
    """Raise InputOutputError if `path` cannot be written by `atomic_write`: to call before long work."""
    if is_special(path):
        return
    target = _resolve(path)
    with _errors_as(path):
        _refuse_folder(target, path)
        handle, temporary = create_temporary(target, 0o600)
        os.close(handle)
        temporary.unlink()
        _refuse_fixed(target, temporary)


def _refuse_fixed(target: Path, temporary: Path) -> None:
    """Raise OSError for a file that no rename replaces: it is mounted, or another user's in a folder as `/tmp`."""
    if sys.platform == "win32" or os.name == "nt" or not target.exists():
        return
    file, folder, user = target.stat(), target.parent.stat(), os.geteuid()
    if folder.st_mode & stat.S_ISVTX and user not in (0, file.st_uid, folder.st_uid):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
    try:
        os.link(target, temporary)
    except OSError as error:
        if error.errno == errno.EXDEV:  # a link crosses no mount point, and a rename does not, either
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from None
    else:
        temporary.unlink()


def rename_file(source: Path, target: Path) -> None:
    """Rename a file that is on the disk, within one file system; the new name is on the disk afterwards. OSError."""
    with defer_signals():
        Path(source).replace(target)
        sync_folder(target.parent)
        if source.parent != target.parent:
            sync_folder(source.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Windows and some file systems cannot."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder that may be written to, but not listed
        return
    try:
        sync_file(handle)
    finally:
        os.close(handle)


def sync_file(handle: int) -> None:
    """Wait until an open file is on the disk, if its file system can tell."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NOT_SUPPORTED:
            raise


@contextmanager
def _replacing(target: Path, name: str | Path, mode: int | None, key: Path) -> Iterator[IO[bytes]]:
    """A stream to a temporary file that replaces `target`; `name` is its name in messages, `key` that of the file."""
    with _errors_as(name):
        _refuse_folder(target, name)
        remove_leftovers(key)
        old = _stat_file(target)
        handle, temporary = create_temporary(key, 0o666 if old is None else 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
                with defer_signals():
                    stream.flush()
                    _set_access(handle, temporary, old, mode)
                    sync_file(handle)
                    if os.name == "nt":  # Windows renames no open file
                        stream.close()
                    Path(temporary).replace(target)
                    sync_folder(target.parent)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def _errors_as(name: str | Path) -> Iterator[None]:
    """Turn errors of the system into an InputOutputError that names the file; a closed pipe stays what it is."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputOutputError(f"cannot write {name}: {error.strerror or error}") from None


def _resolve(path: str | Path) -> Path:
    """The file behind symbolic links. Raises InputOutputError for links in a loop."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise InputOutputError(f"cannot write {path}: {os.strerror(errno.ELOOP)}")
    return target


def _refuse_folder(target: Path, name: str | Path) -> None:
    if target.is_dir() or str(name).endswith(("/", os.sep)):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def _stat_file(path: Path) -> os.stat_result | None:
    """The status of a file that will be replaced; None if there is none, or a link."""
    with suppress(OSError):
        found = path.lstat()
        return found if stat.S_ISREG(found.st_mode) else None
    return None


def _set_access(handle: int, temporary: Path, old: os.stat_result | None, mode: int | None) -> None:
    """Give a new file the mode and the owner of the file that it replaces, as far as the system permits."""
    if old is None:
        if mode is not None:
            temporary.chmod(mode)
        return
    permissions = stat.S_IMODE(old.st_mode) & 0o777
    if sys.platform == "win32" or os.name == "nt":
        temporary.chmod(permissions)
        return
    new = os.fstat(handle)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.fchown(handle, old.st_uid, old.st_gid)
        except OSError:
            with suppress(OSError):
                os.fchown(handle, -1, old.st_gid)
        if os.fstat(handle).st_gid != old.st_gid:
            permissions &= ~0o070  # they were given to another group
    os.fchmod(handle, permissions)
