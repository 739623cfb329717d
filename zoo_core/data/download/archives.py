"""Members of tar and zip archives, read in memory from archives that are safe as a whole."""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from zoo_core.errors import DataError

MAX_MEMBERS = 1_000_000
UNIX_FOLDER, UNIX_FILE = 4, 8  # the type of a zip member in the upper bits of its Unix mode; 0 if it has none


def archive_members(path: Path, pattern: str, *, max_bytes: int) -> Iterator[tuple[re.Match[str], bytes]]:
    """The files in an archive whose whole name matches the regular expression `pattern`, in their order.

    Raises DataError for a member of any name that is a link or a device, or whose path is absolute or leads out of its
    folder; for members of more than `max_bytes` together; and for a damaged archive.
    """
    try:
        is_zip = zipfile.is_zipfile(path)
        yield from _zip_members(path, pattern, max_bytes) if is_zip else _tar_members(path, pattern, max_bytes)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError) as error:
        raise DataError(f"cannot unpack this archive: {error}", where=str(path)) from None


def _tar_members(path: Path, pattern: str, max_bytes: int) -> Iterator[tuple[re.Match[str], bytes]]:
    size = 0
    with tarfile.open(path, "r:*") as archive:
        for count, member in enumerate(archive, start=1):
            _check_member(path, member.name, count, is_file_or_folder=member.isreg() or member.isdir())
            size += member.size
            _check_size(path, size, max_bytes)
            match = re.fullmatch(pattern, member.name.removeprefix("./"))
            if match and member.isreg() and (stream := archive.extractfile(member)):
                yield match, stream.read(member.size)


def _zip_members(path: Path, pattern: str, max_bytes: int) -> Iterator[tuple[re.Match[str], bytes]]:
    size = 0
    with zipfile.ZipFile(path) as archive:
        for count, member in enumerate(archive.infolist(), start=1):
            unix_type = member.external_attr >> 28
            is_file_or_folder = unix_type in (0, UNIX_FOLDER, UNIX_FILE)
            _check_member(path, member.filename, count, is_file_or_folder=is_file_or_folder)
            size += member.file_size
            _check_size(path, size, max_bytes)
            match = re.fullmatch(pattern, member.filename)
            if match and not member.is_dir():
                with archive.open(member) as stream:
                    yield match, stream.read(member.file_size)


def _check_member(path: Path, name: str, count: int, *, is_file_or_folder: bool) -> None:
    if not is_file_or_folder:
        raise DataError(f'"{name}" in this archive is neither a file nor a folder', where=str(path))
    if PurePosixPath(name).is_absolute() or ".." in re.split(r"[/\\]", name) or re.match(r"[A-Za-z]:|\\", name):
        raise DataError(f'"{name}" in this archive would lie outside its folder', where=str(path))
    if count > MAX_MEMBERS:
        raise DataError(f"this archive has more than {MAX_MEMBERS} members", where=str(path))


def _check_size(path: Path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DataError(f"this archive unpacks to more than {max_bytes // 1_000_000} MB", where=str(path))
