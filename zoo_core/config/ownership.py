"""Reading files that are obeyed: only the user and root may be able to change them."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from attrs import frozen

from zoo_core.errors import RecipeError

HAS_OWNERS = hasattr(os, "geteuid")  # Windows has access lists instead, which are not checked
MAX_LINKS = 40  # in a row, as Linux allows
ACCESS_LIST = "system.posix_acl_access"


@frozen
class OwnFile:
    """A file that only the user and root can change, read once: what is checked is what is used."""

    path: Path  # without symbolic links
    owner: int
    content: bytes


def read_own_file(path: Path, max_bytes: int, *, in_shared_folder: bool = False) -> OwnFile:
    """Read a regular file. RecipeError with the reason if another user could have written it, or could replace it.

    The owner of the file, of each symbolic link to it and of each folder above must be the user or root, and nobody
    else may write to them. A folder in which everybody may write but delete only his own files, as /tmp, is accepted
    above other folders; as the folder of the file itself only if `in_shared_folder`. Raises OSError if the file
    cannot be read.
    """
    try:
        _check_links(path, in_shared_folder)
        real = path.resolve(strict=True)
    except (ValueError, RuntimeError) as error:  # a null character, a circle of links
        raise RecipeError(f"{path} is not a valid path: {error}") from None
    if not stat.S_ISREG(real.stat().st_mode):
        raise RecipeError(f"{path} is not a regular file")
    handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as stream:  # noqa: PTH123
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise RecipeError(f"{path} is not a regular file")
        _check_owner(real, status)
        _check_folders(real.parent, in_shared_folder)
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise RecipeError(f"{path} is larger than {max_bytes // 1024} KiB")
    return OwnFile(real, status.st_uid, content)


def _check_links(path: Path, in_shared_folder: bool) -> None:
    """Check each symbolic link on the way to the file, and the folder that holds it."""
    for _ in range(MAX_LINKS):
        if not path.is_symlink():
            return
        _check_owner(path, path.lstat(), is_link=True)
        _check_folders(path.parent.resolve(), in_shared_folder)
        path = path.parent / path.readlink()


def _check_folders(folder: Path, in_shared_folder: bool) -> None:
    for place in (folder, *folder.parents):
        status = place.stat()
        is_shared = bool(status.st_mode & stat.S_ISVTX) and (in_shared_folder or place != folder)
        _check_owner(place, status, is_shared=is_shared)


def _check_owner(path: Path, status: os.stat_result, *, is_link: bool = False, is_shared: bool = False) -> None:
    if sys.platform == "win32" or not HAS_OWNERS:
        return
    if status.st_uid not in (0, os.geteuid()):
        raise RecipeError(f"{path} belongs to another user ({_user_name(status.st_uid)})")
    if not is_link and not is_shared and _is_writable_by_others(path, status):
        raise RecipeError(f"other users can write to {path}")


def _is_writable_by_others(path: Path, status: os.stat_result) -> bool:
    """Whether the mode lets others write. A group that has the user as its only member is the user."""
    if status.st_mode & stat.S_IWOTH:
        return True
    return bool(status.st_mode & stat.S_IWGRP) and not (_is_private_group(status.st_gid) and not _has_list(path))


def _is_private_group(group_id: int) -> bool:
    """Whether a group is that of the user alone, as many systems create it for each user."""
    if sys.platform == "win32":
        return True
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(group_id), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _has_list(path: Path) -> bool:
    """Whether an access list gives rights beyond the mode."""
    try:
        return sys.platform == "linux" and ACCESS_LIST in os.listxattr(path)
    except OSError:
        return False


def _user_name(user_id: int) -> str:
    if sys.platform == "win32":
        return str(user_id)
    import pwd

    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)
