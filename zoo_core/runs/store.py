"""The run folder: written atomically, the manifest last; read without trust."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from zoo_core.errors import InputOutputError, RunFolderError
from zoo_core.filesystem import replace_empty_folder

FORMAT = 1
MANIFEST = "manifest.json"
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.(json|jsonl|toml|safetensors)")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
REQUIRED_FILES = ("recipe.toml", "parts.json", "environment.json", "head.json", "result.json")
AMENDABLE = ("threshold.json",)  # what a finished run may be given; see amending
MAX_READ_ATTEMPTS = 4
# A link is not followed, a named pipe does not block, and Windows does not translate line ends.
OPEN_FLAGS = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def write_run(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file of a run, the manifest last, beside `folder`; then let it take the folder's place at once.

    The folder must be empty still: RunFolderError where another run was quicker.
    """
    hashes = {name: sha256(data).hexdigest() for name, data in sorted(files.items())}
    beside = folder.absolute()
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{beside.name}.", suffix=".partial", dir=beside.parent))
        try:
            for name, data in files.items():
                _write(partial / name, data)
            _write(partial / MANIFEST, to_json({"format": FORMAT, "files": hashes}))
            partial.chmod(beside.stat().st_mode)
            replace_empty_folder(partial, beside)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise RunFolderError("another run was written here meanwhile", where=str(folder)) from None
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def is_finished(folder: Path) -> bool:
    """Whether a folder holds a finished run; a folder without its manifest is an unfinished one."""
    return (folder / MANIFEST).is_file()


def read_run(folder: Path) -> dict[str, bytes]:
    """Every file of a run, each checked against the manifest; RunFolderError naming the file otherwise."""
    if not folder.is_dir():
        raise RunFolderError("there is no such run folder", where=str(folder))
    if not os.path.lexists(folder / MANIFEST):
        raise RunFolderError("this run was never finished: it has no manifest.json", where=str(folder))
    for left in reversed(range(MAX_READ_ATTEMPTS)):
        raw = _read(folder, MANIFEST)
        try:
            return {
                name: _verified(folder, name, digest) for name, digest in sorted(parse_manifest(raw, folder).items())
            }
        except RunFolderError:
            if not left or _read(folder, MANIFEST) == raw:  # else it was amended while it was read
                raise
    raise AssertionError


def _verified(folder: Path, name: str, digest: str) -> bytes:
    """A file that a manifest lists, under its own name or still on its way to it."""
    if name in AMENDABLE:
        with suppress(RunFolderError):
            data = _read(folder, pending_name(name, digest))
            if sha256(data).hexdigest() == digest:
                return data
    data = _read(folder, name)
    if sha256(data).hexdigest() != digest:
        raise RunFolderError("the file was changed after the run was written", where=str(folder / name))
    return data


def _hash(value: object) -> bool:
    return isinstance(value, str) and SHA256_HEX.fullmatch(value) is not None


def pending_name(name: str, digest: str) -> str:
    """What a file is called that the manifest lists and that has not taken its own name yet."""
    return f".{name}.{digest[:16]}"


def parse_manifest(raw: bytes, folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a run, by its manifest; RunFolderError for what is none, or leads elsewhere."""
    manifest = parse_json(raw, MANIFEST)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or not all(map(_hash, files.values())):
        raise RunFolderError("this is no manifest", where=str(folder / MANIFEST))
    if manifest.get("format") != FORMAT:
        raise RunFolderError(
            f"format {manifest.get('format')!r} is not {FORMAT}, the one this version reads",
            where=str(folder / MANIFEST),
        )
    if raw != to_json(manifest) or set(manifest) != {"format", "files"}:
        raise RunFolderError("the file was changed", where=str(folder / MANIFEST))
    for name in [*files, *REQUIRED_FILES]:
        if not FILE_NAME.fullmatch(name) or name not in files:
            what = "leads out of the folder or is no file of a run" if name in files else "is missing from it"
            raise RunFolderError(f'"{name}" {what}', where=str(folder / MANIFEST))
    for name in AMENDABLE:
        if name not in files and os.path.lexists(folder / name):
            raise RunFolderError("the manifest knows nothing of this file", where=str(folder / name))
    return files


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    if not hasattr(os, "O_NOFOLLOW") and path.is_symlink():
        raise RunFolderError("a symbolic link has no place in a run", where=str(path))
    try:
        handle = os.open(path, OPEN_FLAGS)
    except FileNotFoundError:
        raise RunFolderError("the file is missing", where=str(path)) from None
    except OSError as error:
        link = error.errno == errno.ELOOP
        reason = "a symbolic link has no place in a run" if link else str(error.strerror)
        raise RunFolderError(reason, where=str(path)) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise RunFolderError("this is no regular file", where=str(path))
    with os.fdopen(handle, "rb") as stream:
        return stream.read()


def to_json(value: Any) -> bytes:
    """One way to write a value: sorted keys, one space, no NaN."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def parse_json(data: bytes, name: str) -> Any:
    """JSON of a run; RunFolderError where it is none, or holds text that UTF-8 cannot."""
    try:
        value = json.loads(data)
        to_json(value)
        return value
    except (ValueError, RecursionError):
        raise RunFolderError("this is not JSON", where=name) from None
