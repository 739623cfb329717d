"""Folders of texts: one of .txt files for each class, or such folders for each split."""

from __future__ import annotations

from pathlib import Path

from zoo_core.errors import InputOutputError
from zoo_core.sources import raw_bytes
from zoo_core.splits import ALIASES, NAMES


def folder_texts(folder: str) -> list[tuple[str, str, str, bytes]]:
    """`(split or "", label, file, bytes)` of a folder with a folder for each class, or such folders for each split."""
    inner = _folders(Path(folder))
    splits = {*NAMES, *ALIASES}
    parted = bool(inner) and all(one.name.lower() in splits for one in inner) and any(map(_folders, inner))
    return [
        (top.name if parted else "", label.name, str(path), raw_bytes(str(path)))
        for top in (inner if parted else [Path(folder)])
        for label in _folders(top)
        for path in sorted(label.glob("*.txt"))
    ]


def _folders(path: Path) -> list[Path]:
    try:
        return sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError as error:
        raise InputOutputError(f"cannot read {path}: {error.strerror}") from None
