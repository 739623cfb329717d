"""The description of an unfinished training: what `resume` starts from, sealed by a hash."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, fields, frozen

from zoo_core.errors import RunFolderError
from zoo_core.filesystem.writing import write_file
from zoo_core.recipes.component_owners import Fingerprint
from zoo_core.runs.schemas import are_fingerprints
from zoo_core.runs.sealed_json import read_sealed_json, seal, to_sealed_json

FORMAT = 3
RESUME_FILE = "resume.json"


@frozen
class ResumeInfo:
    """What a training was started with: name and text of its recipe, and its data (None for sample data).

    `reader` is of an earlier version: now the recipe has the reader.
    """

    name: str
    recipe: str
    data: list[str] | None
    reader: str
    working_folder: str  # the folder that relative paths in `data` start from
    components: Mapping[str, Fingerprint] = {}  # the fingerprint of each component, by its slot

    def write(self, staging: Path) -> None:
        """Write the file atomically."""
        write_file(staging / RESUME_FILE, to_sealed_json(self._values()))

    @property
    def identity(self) -> str:
        """A hash of all values: a checkpoint with another one belongs to another training."""
        return seal(self._values())

    def _values(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def read(cls, staging: Path) -> ResumeInfo:
        """Read the file. Raises RunFolderError, with a hint what to do, for invalid content."""
        path = staging / RESUME_FILE
        try:
            values = read_sealed_json(path)
        except RunFolderError as error:
            raise RunFolderError(error.problems[0].message, where=str(path), hint=restart_hint(staging)) from None
        if not _is_resume_info(values):
            raise RunFolderError("invalid resume information", where=str(path), hint=restart_hint(staging))
        return cls(**{key: value for key, value in values.items() if key != "format"})


def restart_hint(staging: Path) -> str:
    """What to do with an unfinished training that cannot be resumed."""
    return f"remove the folder {shlex.quote(str(staging))} and train again, or name another folder with --run"


def _is_resume_info(values: Mapping[str, Any]) -> bool:
    if values.get("format") != FORMAT or set(values) != {"format", *(field.name for field in fields(ResumeInfo))}:
        return False
    are_texts = all(isinstance(values[key], str) for key in ("name", "recipe", "reader", "working_folder"))
    data = values["data"]
    is_data = data is None or (isinstance(data, list) and all(isinstance(name, str) for name in data))
    return are_texts and is_data and are_fingerprints(values["components"])
