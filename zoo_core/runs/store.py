"""The files of a run folder: written atomically with a manifest of hashes, read without trust."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from zoo_core.errors import InputOutputError, RunFolderError
from zoo_core.filesystem.folders import replace_empty_folder
from zoo_core.runs.regular_files import read_regular_file

FORMAT = 1
MANIFEST = "manifest.json"
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.(json|jsonl|toml|safetensors)")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
REQUIRED_FILES = ("recipe.toml", "components.json", "environment.json", "head.json", "result.json")
AMENDABLE = ("threshold.json",)  # files that may be added to a finished run; see amend_run
MAX_READ_ATTEMPTS = 4
MAX_JSON_ITEMS = 16_000_000  # commas and opening brackets, each a value of up to 200 bytes in memory


def write_run(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file of a run, the manifest last, into a folder beside `folder`, then rename it onto `folder`.

    Raises RunFolderError if the folder is not empty, because another run was faster.
    """
    hashes = {name: sha256(data).hexdigest() for name, data in sorted(files.items())}
    target = folder.absolute()
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        try:
            for name, data in files.items():
                _write(partial / name, data)
            _write(partial / MANIFEST, to_json({"format": FORMAT, "files": hashes}))
            partial.chmod(target.stat().st_mode)
            replace_empty_folder(partial, target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise RunFolderError("another run was written into this folder meanwhile", where=str(folder)) from None
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def is_finished(folder: Path) -> bool:
    """Whether a folder holds a finished run: only a finished one has a manifest."""
    return (folder / MANIFEST).is_file()


def read_run(folder: Path) -> dict[str, bytes]:
    """Read every file of a run and verify its hash. Raises RunFolderError, naming the file, for any difference."""
    if not folder.is_dir():
        raise RunFolderError("run folder not found", where=str(folder))
    if not os.path.lexists(folder / MANIFEST):
        raise RunFolderError("this run was not finished: it has no manifest.json", where=str(folder))
    for attempts_left in reversed(range(MAX_READ_ATTEMPTS)):
        raw = _read_file(folder, MANIFEST)
        try:
            hashes = parse_manifest(raw, folder)
            return {name: _read_verified(folder, name, digest) for name, digest in sorted(hashes.items())}
        except RunFolderError:
            if not attempts_left or _read_file(folder, MANIFEST) == raw:  # otherwise it was amended meanwhile
                raise
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
