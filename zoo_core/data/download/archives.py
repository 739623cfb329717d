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

MOST = 1_000_000  # members


def archive_members(path: Path, wanted: str, *, limit: int) -> Iterator[tuple[re.Match[str], bytes]]:
    """The files in a tar or zip archive whose whole name the regular expression `wanted` matches, in their order.

    DataError for a member of any name that is a link or a device, or that has an absolute path or one that leads out
    of its folder; for members that come to more than `limit` bytes; and for an archive that is damaged.
    """
    try:
        yield from _zipped(path, wanted, limit) if zipfile.is_zipfile(path) else _tarred(path, wanted, limit)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError) as error:
        raise DataError(f"this archive cannot be unpacked: {error}", where=str(path)) from None


def _tarred(path: Path, wanted: str, limit: int) -> Iterator[tuple[re.Match[str], bytes]]:
    size = 0
    with tarfile.open(path, "r:*") as archive:
        for count, member in enumerate(archive, start=1):
            _check(path, member.name, count, kept=member.isreg() or member.isdir())
            size += member.size
            _check_size(path, size, limit)
            match = re.fullmatch(wanted, member.name.removeprefix("./"))
            if match and member.isreg() and (stream := archive.extractfile(member)):
                yield match, stream.read(member.size)


def _zipped(path: Path, wanted: str, limit: int) -> Iterator[tuple[re.Match[str], bytes]]:
    size = 0
    with zipfile.ZipFile(path) as archive:
        for count, member in enumerate(archive.infolist(), start=1):
            mode = member.external_attr >> 28  # the kind of file, where it was made on Unix: 4 a folder, 8 a file
            _check(path, member.filename, count, kept=mode in (0, 4, 8))
            size += member.file_size
            _check_size(path, size, limit)
            match = re.fullmatch(wanted, member.filename)
            if match and not member.is_dir():
                with archive.open(member) as stream:
                    yield match, stream.read(member.file_size)


def _check(path: Path, name: str, count: int, *, kept: bool) -> None:
    if not kept:
        raise DataError(f'"{name}" in this archive is neither a file nor a folder', where=str(path))
    if PurePosixPath(name).is_absolute() or ".." in re.split(r"[/\\]", name) or re.match(r"[A-Za-z]:|\\", name):
        raise DataError(f'"{name}" in this archive would lie outside its folder', where=str(path))
    if count > MOST:
        raise DataError(f"this archive has more than {MOST} members", where=str(path))


def _check_size(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise DataError(f"this archive comes to more than {limit // 1_000_000} MB", where=str(path))
