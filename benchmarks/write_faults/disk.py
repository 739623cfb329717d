"""A model of what a disk holds after a power loss: the worst that POSIX allows.

Data of a file survive from its last fsync on. Names of a folder survive from the last fsync of the folder on. Two
outcomes are possible, and both are tried: the names reached the disk and the data did not, or neither did.
"""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

from benchmarks.write_faults.calls import is_folder


class Disk:
    """Follows the calls of one process under a folder.

    Each file has a number of its own, since the system uses numbers of inodes again. `data` has what is on the disk of
    each file, `entries` the names that are on the disk of each folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.numbers: dict[int, int] = {}  # inode → number
        self.counter = itertools.count(1)
        self.data: dict[int, bytes] = {}
        self.entries: dict[int, dict[str, int]] = {}
        self.folders: set[int] = set()
        self.created: set[str] = set()  # paths whose creation has begun
        self.gone: int | None = None  # the inode that the call in progress deletes or replaces
        for folder, _, files in os.walk(self.root):
            self._sync_folder(folder)
            for name in files:
                self._sync_file(os.path.join(folder, name))  # noqa: PTH118

    def before(self, call: str, *paths: str) -> None:
        """Note which file a call will delete or replace, and whether it creates one."""
        self.gone = self._last_name(paths[-1]) if call in ("unlink", "rmdir", "rename") else None
        if call == "open" and not os.path.lexists(paths[0]):
            self.created.add(paths[0])

    def after(self, call: str, *paths: str) -> None:
        """Note what a call brought to the disk; the inode of a deleted file may be used again."""
        if self.gone is not None:
            self.numbers.pop(self.gone, None)
            self.gone = None
        if call in ("fsync", "fdatasync"):
            if is_folder(paths[0]):
                self._sync_folder(paths[0])
            else:
                self._sync_file(paths[0])
        if call == "mkdir" or (call == "open" and paths[0] in self.created):
            self.created.discard(paths[0])
            self.numbers.pop(os.lstat(paths[0]).st_ino, None)
            self._number(paths[0])

    def write_image(self, target: Path, *, names_survive: bool) -> None:
        """Write the folder as it is after a power loss at this moment."""
        if names_survive:
            self._write_names(self.root, target)
        else:
            self._write_entries(self._number(self.root), target)

    def _write_names(self, folder: str, target: Path) -> None:
        target.mkdir()
        for name in os.listdir(folder):  # noqa: PTH208
            path = os.path.join(folder, name)  # noqa: PTH118
            if os.path.islink(path):  # noqa: PTH114
                (target / name).symlink_to(os.readlink(path))  # noqa: PTH115
            elif is_folder(path):
                self._write_names(path, target / name)
            else:
                (target / name).write_bytes(self.data.get(self._number(path), b""))
                shutil.copymode(path, target / name)

    def _write_entries(self, number: int, target: Path) -> None:
        target.mkdir()
        for name, entry in self.entries.get(number, {}).items():
            if entry in self.folders:
                self._write_entries(entry, target / name)
            else:
                (target / name).write_bytes(self.data.get(entry, b""))

    def _sync_file(self, path: str) -> None:
        if not os.path.islink(path) and os.path.isfile(path):  # noqa: PTH113, PTH114
            self.data[self._number(path)] = Path(path).read_bytes()

    def _sync_folder(self, folder: str) -> None:
        number = self._number(folder)
        self.folders.add(number)
        names = os.listdir(folder)  # noqa: PTH208
        self.entries[number] = {name: self._number(os.path.join(folder, name)) for name in names}  # noqa: PTH118

    def _number(self, path: str) -> int:
        inode = os.lstat(path).st_ino
        if inode not in self.numbers:
            self.numbers[inode] = next(self.counter)
        if is_folder(path):
            self.folders.add(self.numbers[inode])
        return self.numbers[inode]

    def _last_name(self, path: str) -> int | None:
        """The inode of a path, if this is its last name."""
        try:
            state = os.lstat(path)
        except OSError:
            return None
        return state.st_ino if state.st_nlink == 1 or is_folder(path) else None
