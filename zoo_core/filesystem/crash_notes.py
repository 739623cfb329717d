"""The folders of unfinished runs, noted for the parent process that cleans up if this one aborts."""

from __future__ import annotations

from pathlib import Path
from typing import IO

_files: list[IO[bytes]] = []


def start(file: IO[bytes]) -> None:
    """Note folders in this file from now on."""
    _files.append(file)


def note_folder(folder: Path) -> None:
    """Note a folder, if a parent waits."""
    for file in _files:
        file.write(f"{folder.absolute()}\n".encode("utf-8", "surrogateescape"))
        file.flush()
