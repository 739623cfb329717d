"""JSON objects sealed by a hash: a damaged file is found before any of its values is used."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from zoo_core.errors import RunFolderError
from zoo_core.runs.regular_files import read_regular_file
from zoo_core.runs.store import parse_json, to_json

SEAL = "sha256"  # the key of the hash over all other values
MAX_BYTES = 64 * 1024 * 1024


def seal(values: Mapping[str, Any]) -> str:
    """The SHA-256 of values in canonical JSON."""
    return sha256(to_json(values)).hexdigest()


def to_sealed_json(values: Mapping[str, Any]) -> bytes:
    """Encode values and their hash as JSON in canonical form."""
    return to_json({**values, SEAL: seal(values)})


def parse_sealed_json(data: bytes, path: Path) -> dict[str, Any]:
    """Decode what `to_sealed_json` returned, without the hash. Raises RunFolderError if a single bit differs."""
    try:
        values = parse_json(data, str(path), has_paths=True)
    except RunFolderError:
        values = None
    found = values.pop(SEAL, None) if isinstance(values, dict) else None
    if values is None or found != seal(values) or data != to_json({**values, SEAL: found}):
        reason = "its content does not match its hash" if found else "it has no hash, or is of an older version"
        raise RunFolderError(f"the file is damaged: {reason}", where=str(path))
    return dict(values)


def read_sealed_json(path: Path) -> dict[str, Any]:
    """Read a sealed file. Raises RunFolderError if it is missing, damaged, or not a regular file."""
    return parse_sealed_json(read_regular_file(path, max_bytes=MAX_BYTES), path)
