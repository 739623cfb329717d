"""The files of a run folder: written atomically with a manifest of hashes, read without trust."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import evolve

from zoo_core.errors import InputOutputError, RunFolderError
from zoo_core.filesystem.folders import make_folder, move_files
from zoo_core.filesystem.names import closest_path_hint
from zoo_core.filesystem.sealed_files import AMENDABLE, MANIFEST
from zoo_core.filesystem.signals import defer_signals
from zoo_core.filesystem.writing import sync_folder, write_new_file, write_new_files
from zoo_core.runs.regular_files import read_regular_file

FORMAT = 1
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.(json|jsonl|toml|safetensors)")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
REQUIRED_FILES = ("recipe.toml", "components.json", "environment.json", "head.json", "result.json")
MAX_READ_ATTEMPTS = 4
DAMAGED_HINT = "restore the folder from a copy, or train again"
MAX_JSON_ITEMS = 16_000_000  # commas and opening brackets, each a value of up to 200 bytes in memory
INSIDE = ".unfinished"  # the staging folder inside a run's folder; `.NAME.unfinished` is the one beside it
MAX_NAME_BYTES = 255  # of most file systems
TRIAL = f"{INSIDE}.trial"  # the file with which `staging_area` tries what `write_run` will do
STAGED = "run"  # the folder in it of the files that are complete


def staging_folder(folder: Path) -> Path:
    """The staging folder of a run's folder: hidden beside it, or inside it where `staging_area` had to make it there.

    A symbolic link is followed: the place beside its target is on the same file system.
    """
    target = Path(os.path.realpath(folder))
    inside, name = target / INSIDE, f".{target.name}{INSIDE}"
    return inside if os.path.lexists(inside) or len(os.fsencode(name)) > MAX_NAME_BYTES else target.parent / name


def write_run(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file of a run, the manifest last, into its staging folder, then move them to `folder` in this order.

    A folder without a manifest is not finished; what a kill interrupts, `finish_run` completes. Raises RunFolderError
    if the folder is not empty, because another run was faster.
    """
    staged = staging_folder(folder) / STAGED
    hashes = {name: sha256(data).hexdigest() for name, data in sorted(files.items())}
    try:
        if staged.exists():
            shutil.rmtree(staged)
        make_folder(staged, mode=0o700)
        write_new_files(staged, files)
        if not is_empty(folder):
            raise RunFolderError("another run was written into this folder meanwhile", where=str(folder))
        with defer_signals():
            write_new_file(staged / MANIFEST, to_json({"format": FORMAT, "files": hashes}))
            sync_folder(staged)
            move_files(staged, folder, files, MANIFEST)
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None


def finish_run(folder: Path) -> bool:
    """Move the files of a run that a killed process had written completely; False if there are none.

    The caller has locked the staging folder. Raises InputOutputError if the files cannot be moved.
    """
    staged = staging_folder(folder) / STAGED
    if not has_staged_run(folder):
        return False
    try:
        hashes = parse_manifest(_read_file(staged, MANIFEST), staged)
        for name, digest in hashes.items():
            place = staged if os.path.lexists(staged / name) else folder
            _read_verified(place, name, digest)
    except RunFolderError as error:  # not all of it came onto the disk
        if is_empty(folder):
            return False
        raise RunFolderError(error.problems[0].message, where=error.problems[0].where, hint="train again") from None
    try:
        make_folder(folder)
        move_files(staged, folder, hashes, MANIFEST)
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    return True


def is_empty(folder: Path) -> bool:
    """Whether a folder has room for a run: it does not exist, or holds only what a new file system or we put there."""
    return not folder.exists() or all(path.name in (INSIDE, TRIAL, "lost+found") for path in folder.iterdir())


def has_staged_run(folder: Path) -> bool:
    """Whether the files of a run were written completely, and not all of them moved to its folder."""
    return (staging_folder(folder) / STAGED / MANIFEST).is_file()


def is_finished(folder: Path) -> bool:
    """Whether a folder holds a finished run: only a finished one has a manifest."""
    return (folder / MANIFEST).is_file()


def read_run(folder: Path) -> dict[str, bytes]:
    """Read every file of a run and verify its hash. Raises RunFolderError, naming the file, for any difference."""
    if not folder.is_dir():
        raise RunFolderError("run folder not found", where=str(folder), hint=closest_path_hint(folder, is_finished))
    if not os.path.lexists(folder / MANIFEST):
        message = "this run was not finished: it has no manifest.json"
        raise RunFolderError(message, where=str(folder), hint="train again")
    for attempts_left in reversed(range(MAX_READ_ATTEMPTS)):
        raw = _read_file(folder, MANIFEST)
        try:
            hashes = parse_manifest(raw, folder)
            return {name: _read_verified(folder, name, digest) for name, digest in sorted(hashes.items())}
        except RunFolderError as error:
            if not attempts_left or _read_file(folder, MANIFEST) == raw:  # otherwise it was amended meanwhile
                problems = (evolve(one, hint=one.hint or DAMAGED_HINT) for one in error.problems)
                raise RunFolderError(*problems) from None
    raise AssertionError  # the last attempt returns or raises


def _read_verified(folder: Path, name: str, digest: str) -> bytes:
    """Read a file of the manifest, under its own name or under its pending name."""
    if name in AMENDABLE:
        with suppress(RunFolderError):
            data = _read_file(folder, pending_name(name, digest))
            if sha256(data).hexdigest() == digest:
                return data
    data = _read_file(folder, name)
    if sha256(data).hexdigest() != digest:
        raise RunFolderError("the file was changed after the run was written", where=str(folder / name))
    return data


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and SHA256_HEX.fullmatch(value) is not None


def pending_name(name: str, digest: str) -> str:
    """The name of a file that the manifest lists and that does not have its own name yet."""
    return f".{name}.{digest[:16]}"


def parse_manifest(raw: bytes, folder: Path) -> dict[str, str]:
    """Parse the manifest: the SHA-256 of each file. Raises RunFolderError for an invalid one, or an unsafe name."""
    manifest = parse_json(raw, MANIFEST)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or not all(map(_is_sha256, files.values())):
        raise RunFolderError("invalid manifest", where=str(folder / MANIFEST))
    if manifest.get("format") != FORMAT:
        raise RunFolderError(
            f"unsupported format: got {manifest.get('format')!r}, expected {FORMAT}", where=str(folder / MANIFEST)
        )
    if raw != to_json(manifest) or set(manifest) != {"format", "files"}:
        raise RunFolderError("the file was changed", where=str(folder / MANIFEST))
    for name in [*files, *REQUIRED_FILES]:
        if not FILE_NAME.fullmatch(name) or name not in files:
            what = "is not the name of a file of a run" if name in files else "is missing from the manifest"
            raise RunFolderError(f'"{name}" {what}', where=str(folder / MANIFEST))
    for name in AMENDABLE:
        if name not in files and os.path.lexists(folder / name):
            raise RunFolderError("file not listed in the manifest", where=str(folder / name))
    return files


def _read_file(folder: Path, name: str) -> bytes:
    return read_regular_file(folder / name)


def to_json(value: Any) -> bytes:
    """Encode a value as JSON in a canonical form: sorted keys, an indent of one space, no NaN.

    Bytes of a path that are not UTF-8 are unpaired surrogates in Python, and escaped in JSON.
    """
    return _dump(value).encode("utf-8", "backslashreplace")


def parse_json(data: bytes, name: str, *, has_paths: bool = False) -> Any:
    """Decode JSON. Raises RunFolderError for invalid JSON, and unless it `has_paths`, for unpaired surrogates."""
    if len(data) > MAX_JSON_ITEMS and sum(map(data.count, (b",", b"[", b"{"))) > MAX_JSON_ITEMS:
        raise RunFolderError(f"more than {MAX_JSON_ITEMS:,} values", where=name)
    try:
        value = json.loads(data.decode())
        text = _dump(value)
        if not has_paths:
            text.encode()
        return value
    except (ValueError, RecursionError):
        raise RunFolderError("not JSON", where=name) from None


def _dump(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
