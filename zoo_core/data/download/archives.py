"""Files taken out of an archive, in memory and never onto the disk, from an archive that is safe as a whole."""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from zoo_core.errors import DataError

MAX_MEMBERS = 1_000_000  # members


def archive_members(path: Path, pattern: str, *, max_bytes: int) -> Iterator[tuple[re.Match[str], bytes]]:
    """The files in a tar or zip archive whose whole name the regular expression `wanted` matches, in their order.

    DataError for a member of any name that is a link or a device, or that has an absolute path or one that leads out
    of its folder; for members that come to more than `limit` bytes; and for an archive that is damaged.
    """
    try:
        yield from (
            _zip_members(path, pattern, max_bytes)
            if zipfile.is_zipfile(path)
            else _tar_members(path, pattern, max_bytes)
        )
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError) as error:
        raise DataError(f"this archive cannot be unpacked: {error}", where=str(path)) from None


def _tar_members(path: Path, wanted: str, limit: int) -> Iterator[tuple[re.Match[str], bytes]]:
    size = 0
    with tarfile.open(path, "r:*") as archive:
        for count, member in enumerate(archive, start=1):
            _check_member(path, member.name, count, is_file_or_folder=member.isreg() or member.isdir())
            size += member.size
            _check_size(path, size, limit)
            match = re.fullmatch(wanted, member.name.removeprefix("./"))
            if match and member.isreg() and (stream := archive.extractfile(member)):
                yield match, stream.read(member.size)


def _zip_members(path: Path, wanted: str, limit: int) -> Iterator[tuple[re.Match[str], bytes]]:
    size = 0
    with zipfile.ZipFile(path) as archive:
        for count, member in enumerate(archive.infolist(), start=1):
            mode = member.external_attr >> 28  # the kind of file, where it was made on Unix: 4 a folder, 8 a file
            _check_member(path, member.filename, count, is_file_or_folder=mode in (0, 4, 8))
            size += member.file_size
            _check_size(path, size, limit)
            match = re.fullmatch(wanted, member.filename)
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


def _check_size(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise DataError(f"this archive comes to more than {limit // 1_000_000} MB", where=str(path))
