"""Folders that are written whole, folders that only this user writes, and files that are moved between folders."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from zoo_core.errors import RunFolderError
from zoo_core.filesystem.signals import defer_signals
from zoo_core.filesystem.temporary import create_temporary_folder, is_own, remove_leftovers
from zoo_core.filesystem.writing import rename_file, sync_folder, write_new_file

WINDOWS = os.name == "nt"


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder with these files, by relative path, completely or not at all; an empty one is replaced.

    OSError if it cannot be written, or if the folder holds something.
    """
    remove_leftovers(folder)
    handle, draft = create_temporary_folder(folder)
    try:
        places = {draft}
        for path, data in files.items():
            place = (draft / path).parent
            place.mkdir(parents=True, exist_ok=True)
            places |= {place, *place.parents} - set(draft.parents)
            write_new_file(draft / path, data)
        for place in places:
            sync_folder(place)
        with defer_signals():
            draft.chmod(stat.S_IMODE(folder.stat().st_mode) if folder.is_dir() else 0o755)
            replace_empty_folder(draft, folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def make_folder(folder: Path, *, mode: int = 0o777, exist_ok: bool = True) -> list[Path]:
    """Create a folder and the missing ones above it, with their names on the disk; the new folders, in order.

    Only `folder` itself has `mode`. OSError if one cannot be created, or if `folder` is there and `exist_ok` is false;
    no folder is left then.
    """
    created: list[Path] = []
    try:
        for path in reversed([folder, *(path for path in folder.parents if not path.exists())]):
            try:
                path.mkdir(mode if path == folder else 0o777)
            except FileExistsError:
                if not path.is_dir() or (path == folder and not exist_ok):
                    raise
                continue
            created.append(path)
            sync_folder(path.parent)
    except BaseException:
        remove_empty_folders(created)
        raise
    return created


def remove_empty_folders(created: list[Path]) -> None:
    """Remove folders that were created, the last first; one that is no longer empty stays."""
    for folder in reversed(created):
        with suppress(OSError):
            folder.rmdir()


def replace_empty_folder(source: Path, target: Path) -> None:
    """Rename a folder to the name of an empty one, or to a free name; OSError if that folder holds something."""
    if WINDOWS and target.is_dir():  # Windows renames nothing onto a folder
        target.rmdir()
    source.rename(target)


def move_files(source: Path, target: Path, names: Iterable[str], last: str) -> None:
    """Move files from one folder to another of the same file system, one of them when the others are on the disk.

    A file that is missing was moved by a process that was killed. OSError if one cannot be moved.
    """
    with defer_signals():
        for name in names:
            with suppress(FileNotFoundError):
                (source / name).replace(target / name)
        sync_folder(target)
        rename_file(source / last, target / last)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only this user enters, or accept one that a killed process of this user left.

    Raises RunFolderError for anything else of that name: a link, a file, a folder of another user, one that everybody
    may write, or that holds a link or a file of another user. OSError if it cannot be created.
    """
    try:
        make_folder(folder, mode=0o700, exist_ok=False)
        return
    except FileExistsError:
        status = folder.lstat()
    problem = ""
    if not stat.S_ISDIR(status.st_mode):
        problem = "not a folder"
    elif not is_own(status):
        problem = "this folder belongs to another user"
    elif os.name != "nt" and status.st_mode & stat.S_IWOTH:
        problem = "everybody may write into this folder"
    elif any(path.is_symlink() or not is_own(path.lstat()) for path in folder.iterdir()):
        problem = "this folder holds a link, or a file of another user"
    if problem:
        raise RunFolderError(problem, where=str(folder), hint="remove it, or name another folder")
