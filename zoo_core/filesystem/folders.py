"""Folders that only this user writes, and folders that are moved to their place whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from zoo_core.errors import RunFolderError
from zoo_core.filesystem.temporary import is_own

WINDOWS = os.name == "nt"


def replace_empty_folder(source: Path, target: Path) -> None:
    """Rename a folder to the name of an empty one, or to a free name; OSError if that folder holds something."""
    if WINDOWS and target.is_dir():  # Windows renames nothing onto a folder
        target.rmdir()
    source.rename(target)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only this user enters, or accept one that a killed process of this user left.

    Raises RunFolderError for anything else of that name: a link, a file, a folder of another user, one that everybody
    may write, or that holds a link or a file of another user. OSError if it cannot be created.
    """
    try:
        folder.mkdir(0o700)
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
