"""The run folder: written atomically, the manifest last; read without trust."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from zoo_core.errors import InputOutputError, RecipeError, RunFolderError

FORMAT = 1
MANIFEST = "manifest.json"
FILE = re.compile(r"[a-z0-9][a-z0-9-]*\.(json|jsonl|toml|safetensors)")
REQUIRED = ("recipe.toml", "parts.json", "environment.json", "head.json", "result.json")


def new_folder(wanted: str | Path | None, name: str) -> Path:
    """Make the folder of a new run: the one wanted, or the next free `runs/NAME-N`.

    RecipeError for a folder that already holds something.
    """
    try:
        if wanted is not None:
            folder = Path(wanted)
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise RecipeError(f"{folder} is not empty", hint="name another folder with --run")
            return folder
        plain = re.sub(r"[^a-z0-9-]+", "-", Path(name).stem.lower()).strip("-") or "run"
        number = 1
        while True:
            folder = Path("runs") / f"{plain}-{number}"
            with suppress(FileExistsError):
                folder.mkdir(parents=True)
                return folder
            number += 1
    except OSError as error:
        raise InputOutputError(f"cannot make the run folder {error.filename}: {error.strerror}") from None


def write_run(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file, each whole or not at all, and last the manifest that makes the run a run."""
    hashes = {name: sha256(data).hexdigest() for name, data in sorted(files.items())}
    try:
        for name, data in files.items():
            _write(folder / name, data)
        _write(folder / MANIFEST, to_json({"format": FORMAT, "files": hashes}))
    except OSError as error:
        raise InputOutputError(f"cannot write {error.filename}: {error.strerror}") from None


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def is_finished(folder: Path) -> bool:
    """Whether a folder holds a finished run; a folder without its manifest is an unfinished one."""
    return (folder / MANIFEST).is_file()


def read_run(folder: Path) -> dict[str, bytes]:
    """Every file of a run, each checked against the manifest; RunFolderError naming the file otherwise."""
    if not folder.is_dir():
        raise RunFolderError("there is no such run folder", where=str(folder))
    if not os.path.lexists(folder / MANIFEST):
        raise RunFolderError("this run was never finished: it has no manifest.json", where=str(folder))
    raw = _read(folder, MANIFEST)
    manifest = parse_json(raw, MANIFEST)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        raise RunFolderError("this is no manifest", where=str(folder / MANIFEST))
    if manifest.get("format") != FORMAT:
        raise RunFolderError(
            f"format {manifest.get('format')!r} is not {FORMAT}, the one this version reads",
            where=str(folder / MANIFEST),
        )
    if raw != to_json(manifest) or set(manifest) != {"format", "files"}:
        raise RunFolderError("the file was changed", where=str(folder / MANIFEST))
    for name in [*files, *REQUIRED]:
        if not FILE.fullmatch(name) or name not in files:
            what = "leads out of the folder or is no file of a run" if name in files else "is missing from it"
            raise RunFolderError(f'"{name}" {what}', where=str(folder / MANIFEST))
    found = {name: _read(folder, name) for name in sorted(files)}
    for name, data in found.items():
        if sha256(data).hexdigest() != files[name]:
            raise RunFolderError("the file was changed after the run was written", where=str(folder / name))
    return found


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise RunFolderError("the file is missing", where=str(path)) from None
    except OSError as error:
        reason = "a symbolic link has no place in a run" if path.is_symlink() else str(error.strerror)
        raise RunFolderError(reason, where=str(path)) from None
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise RunFolderError("this is no regular file", where=str(path))
        return stream.read()


def to_json(value: Any) -> bytes:
    """One way to write a value: sorted keys, one space, no NaN."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def parse_json(data: bytes, name: str) -> Any:
    """JSON of a run; RunFolderError where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise RunFolderError("this is not JSON", where=name) from None
