"""Class folders: a subfolder of .txt files for each class, or such subfolders for each split."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen

from zoo_core.components.data_contracts import UTF8
from zoo_core.components.table import Table
from zoo_core.data.files.encoding import decode_to_utf8
from zoo_core.data.files.size_limits import MAX_FILES, MAX_LINE_MIB
from zoo_core.data.files.sources import read_bytes
from zoo_core.data.splits import SPLIT_ALIASES, SPLIT_NAMES
from zoo_core.errors import DataError, InputOutputError
from zoo_core.messages import join_hints, join_names, pluralize, suggest_command, warn

if TYPE_CHECKING:
    from hashlib import _Hash

TEXT_SUFFIX = ".txt"


@frozen
class TextFile:
    """A file of one text; `split` is "" in a folder without splits."""

    split: str
    label: str
    path: str
    data: bytes


def read_class_folder(folder: str, digest: _Hash, encoding: str = UTF8) -> Table:
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
        digest.update(os.fsencode(line))
    columns = {
        "text": [decode_to_utf8(file.data, file.path, encoding).decode() if file.data else "" for file in files],
        "label": [file.label for file in files],
    }
    if files[0].split:
        columns["split"] = [file.split for file in files]
    frame = pl.DataFrame({name: pl.Series(column, dtype=pl.String) for name, column in columns.items()})
    return Table(frame, folder)


def read_text_files(folder: Path) -> list[TextFile]:
    """The texts of a class folder, in the order of the names of splits, classes and files.

    What is skipped (hidden files, other suffixes, deeper folders, pipes) is counted in one warning. Raises DataError
    for more files, or a larger text, than the limits allow.
    """
    skipped: Counter[str] = Counter()
    top_folders = _subfolders(folder, skipped)
    names = {*SPLIT_NAMES, *SPLIT_ALIASES}
    has_splits = bool(top_folders) and all(top.name.lower() in names for top in top_folders)
    has_splits = has_splits and any(_subfolders(top, Counter()) for top in top_folders)
    files: list[TextFile] = []
    for top in top_folders if has_splits else [folder]:
        for label in _subfolders(top, skipped) if has_splits else top_folders:
            paths = _text_paths(label, skipped)
            if len(files) + len(paths) > MAX_FILES.value():
                message = f"more than {MAX_FILES.value():,} files"
                raise DataError(message, where=str(folder), hint=MAX_FILES.hint(2 * MAX_FILES.value()))
            split = top.name if has_splits else ""
            files += [TextFile(split, label.name, str(path), _read_text_file(path)) for path in paths]
    if skipped:
        reasons = join_names(f"{count} {reason}" for reason, count in skipped.most_common())
        warn(f"{folder}: {pluralize(skipped.total(), 'item')} skipped ({reasons}): each text is a .txt file of a class")
    return files


def _subfolders(path: Path, skipped: Counter[str]) -> list[Path]:
    """The visible folders in a folder, by name."""
    folders = []
    for entry in _entries(path):
        if entry.name.startswith("."):
            skipped["hidden"] += 1
        elif _holds(entry.is_dir):
            _check_label(entry.name, path)
            folders.append(path / entry.name)
        else:
            skipped["outside of classes"] += 1
    return folders


def _text_paths(path: Path, skipped: Counter[str]) -> list[Path]:
    """The visible .txt files in a folder, whatever the case of the suffix, by name."""
    paths = []
    for entry in _entries(path):
        suffix = Path(entry.name).suffix.lower()
        if entry.name.startswith("."):
            skipped["hidden"] += 1
        elif _holds(entry.is_dir):
            skipped["folders in a class"] += 1
        elif not _holds(entry.is_file):
            skipped["not regular files"] += 1
        elif suffix != TEXT_SUFFIX:
            skipped[suffix or "without a suffix"] += 1
        else:
            paths.append(path / entry.name)
    return paths


def _check_label(name: str, folder: Path) -> None:
    """Check that the name of a class is a text; any bytes may name a file."""
    try:
        name.encode()
    except UnicodeEncodeError:
        message = f'the name of a class is not UTF-8: "{name}"'
        raise DataError(message, where=str(folder), hint="rename this folder") from None


def _entries(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            found = list(islice(entries, MAX_FILES.value() + 1))
    except OSError as error:
        raise InputOutputError(f"cannot read {path}: {error.strerror}") from None
    if len(found) > MAX_FILES.value():
        message = f"more than {MAX_FILES.value():,} files"
        raise DataError(message, where=str(path), hint=MAX_FILES.hint(2 * MAX_FILES.value()))
    return sorted(found, key=lambda entry: entry.name)


def _holds(test: Callable[[], bool]) -> bool:
    """Whether a test of a folder's entry is true; false for links in a circle."""
    try:
        return test()
    except OSError:
        return False


def _read_text_file(path: Path) -> bytes:
    size, max_mib = path.stat().st_size >> 20, MAX_LINE_MIB.value()
    if size >= max_mib:
        raise DataError(f"a text of {size} MiB, more than {max_mib}", where=str(path), hint=MAX_LINE_MIB.hint(size + 1))
    return read_bytes(str(path))
