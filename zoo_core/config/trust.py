"""Projects that the user trusts: their settings may name plugin files, which are code.

The record is in the user's configuration folder. It holds the owner and the SHA-256 of the settings and of each plugin
file; a project in which any of them differs is not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo_core.config.ownership import OwnFile, read_own_file
from zoo_core.config.user_settings import user_file
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem.folders import make_folder
from zoo_core.filesystem.writing import write_file

RECORD_VERSION = 1
MAX_RECORD_BYTES = 4 * 1024 * 1024
Seal = dict[str, Any]  # what must stay the same: the resolved path, owner and hash of each file


def record_file() -> Path:
    """The record of trust: beside the settings of the user."""
    return user_file().with_suffix(".trust.json")


def seal_of(settings: OwnFile, plugin_files: Sequence[tuple[Path, OwnFile | None]]) -> Seal:
    """What identifies the settings of a project and the plugin files that they name; None for a missing file."""
    return {
        "settings": _seal_of_file(settings),
        "files": {str(path): _seal_of_file(file) if file else None for path, file in plugin_files},
    }


def _seal_of_file(file: OwnFile) -> dict[str, Any]:
    from hashlib import sha256  # here, because loading OpenSSL takes time

    return {"path": str(file.path), "owner": file.owner, "sha256": sha256(file.content).hexdigest()}


def read_record() -> dict[str, Seal]:
    """The seal of each trusted project, by the path of its settings; RecipeError if the record cannot be trusted."""
    path = record_file()
    if not path.is_absolute():  # it would be another record in each folder
        raise RecipeError(f"ZOO_CONFIG: expected an absolute path, got {path.parent / user_file().name}")
    try:
        data = json.loads(read_own_file(path, MAX_RECORD_BYTES, in_shared_folder=True).content)
        if data["version"] != RECORD_VERSION or not isinstance(data["projects"], dict):
            raise ValueError
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RecipeError("damaged record of trusted projects", where=str(path), hint="delete the file") from None
    projects: dict[str, Seal] = data["projects"]
    return projects


def write_record(projects: Mapping[str, Seal]) -> None:
    """Write the record, for the user alone."""
    path = record_file()
    try:
        make_folder(path.parent, mode=0o700)
    except OSError as error:
        raise InputOutputError(f"cannot write {path}: {error.strerror or error}") from None
    text = json.dumps({"version": RECORD_VERSION, "projects": dict(sorted(projects.items()))}, indent=1)
    write_file(path, f"{text}\n".encode(), mode=0o600)
