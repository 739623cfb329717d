"""Class folders: a subfolder of .txt files for each class, or such subfolders for each split."""

from __future__ import annotations

import glob
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen

from zoo_core.components.table import Table
from zoo_core.data.files.encoding import decode_to_utf8
from zoo_core.data.files.sources import read_bytes
from zoo_core.data.splits import SPLIT_ALIASES, SPLIT_NAMES
from zoo_core.errors import DataError, InputOutputError
from zoo_core.messages import join_hints, suggest_command

if TYPE_CHECKING:
    from hashlib import _Hash


@frozen
class TextFile:
    """A file of one text; `split` is "" in a folder without splits."""

    split: str
    label: str
    path: str
    data: bytes


def read_class_folder(folder: str, digest: _Hash) -> Table:
    """A table with the columns `text` and `label`, and `split` if the folder has splits.

    `digest` is updated with the names and the contents of the files. Raises DataError for a folder without texts.
    """
    files = read_text_files(Path(folder))
    if not files:
        option = suggest_command("--data", Path(glob.escape(folder), "*.csv"))
        hint = join_hints("make a subfolder of .txt files for each class", option and f"name files: {option}")
        raise DataError("this folder has no texts in class folders", where=folder, hint=hint)
    for file in files:
        line = f"{file.split}/{file.label}/{Path(file.path).name}\0{sha256(file.data).hexdigest()}\n"
        digest.update(line.encode())
    columns = {
        "text": [decode_to_utf8(file.data, file.path).decode() if file.data else "" for file in files],
        "label": [file.label for file in files],
    }
    if files[0].split:
        columns["split"] = [file.split for file in files]
    frame = pl.DataFrame({name: pl.Series(column, dtype=pl.String) for name, column in columns.items()})
    return Table(frame, folder)


def read_text_files(folder: Path) -> list[TextFile]:
    """The texts of a class folder, in the order of the names of splits, classes and files."""
    top_folders = _subfolders(folder)
    names = {*SPLIT_NAMES, *SPLIT_ALIASES}
    has_splits = bool(top_folders) and all(top.name.lower() in names for top in top_folders)
    has_splits = has_splits and any(map(_subfolders, top_folders))
    return [
        TextFile(top.name if has_splits else "", label.name, str(path), read_bytes(str(path)))
        for top in (top_folders if has_splits else [folder])
        for label in _subfolders(top)
        for path in sorted(label.glob("*.txt"), key=_sort_key)
    ]


def _subfolders(path: Path) -> list[Path]:
    try:
        children = [child for child in path.iterdir() if child.is_dir() and not child.name.startswith(".")]
        return sorted(children, key=_sort_key)
    except OSError as error:
        raise InputOutputError(f"cannot read {path}: {error.strerror}") from None


def _sort_key(path: Path) -> str:
    return path.name  # paths themselves sort without regard to case on Windows
