"""Folders of texts: one of .txt files for each class, or such folders for each split."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.files.encoding import decode_to_utf8
from zoo_core.data.files.sources import read_bytes
from zoo_core.data.splits import SPLIT_ALIASES, SPLIT_NAMES
from zoo_core.errors import DataError, InputOutputError

if TYPE_CHECKING:
    from hashlib import _Hash


def folder_texts(folder: str) -> list[tuple[str, str, str, bytes]]:
    """`(split or "", label, file, bytes)` of a folder with a folder for each class, or such folders for each split."""
    inner = _subfolders(Path(folder))
    splits = {*SPLIT_NAMES, *SPLIT_ALIASES}
    parted = bool(inner) and all(one.name.lower() in splits for one in inner) and any(map(_subfolders, inner))
    return [
        (top.name if parted else "", label.name, str(path), read_bytes(str(path)))
        for top in (inner if parted else [Path(folder)])
        for label in _subfolders(top)
        for path in sorted(label.glob("*.txt"), key=_name)
    ]


def _subfolders(path: Path) -> list[Path]:
    try:
        return sorted((one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")), key=_name)
    except OSError as error:
        raise InputOutputError(f"cannot read {path}: {error.strerror}") from None


def _name(path: Path) -> str:
    return path.name  # paths themselves have another order on Windows, where case does not count


def read_class_folder(folder: str, digest: _Hash) -> Table:
    """A folder with a folder for each class: columns `text` and `label`, and `split` where those stand in splits."""
    found = folder_texts(folder)
    if not found:
        hint = f"a folder for each class, of .txt files; or files: --data '{folder}/*.csv'"
        raise DataError("this folder holds no texts in folders", where=folder, hint=hint)
    for split, label, name, data in found:
        digest.update(f"{split}/{label}/{Path(name).name}\0{sha256(data).hexdigest()}\n".encode())
    texts = [decode_to_utf8(data, name).decode() if data else "" for _, _, name, data in found]
    columns = {"text": texts, "label": [label for _, label, _, _ in found]}
    if found[0][0]:
        columns["split"] = [split for split, _, _, _ in found]
    frame = pl.DataFrame({name: pl.Series(column, dtype=pl.String) for name, column in columns.items()})
    return Table(frame, folder)
