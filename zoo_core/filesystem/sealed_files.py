"""Files of runs and swaps that no command may replace: a hash of their content is stored beside them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from zoo_core.errors import RecipeError
from zoo_core.filesystem.reading import read_bounded

MANIFEST = "manifest.json"  # of a run: lists its files
AMENDABLE = ("calibration.json", "decision.json")  # files that may be added to a finished run; see amend_run
SWAP_FILE = "swap.json"  # the design of a swap
SWAP_FOLDERS = ("records", "recipes", "trials")
SWAP_NAMES = (SWAP_FILE, "table.json")
MAX_MANIFEST_BYTES = 1 << 20


def check_unsealed(path: str | Path) -> None:
    """Raise RecipeError for a file of a run or a swap: with other content, the run could not be read any more.

    Symbolic links are followed. Other files in the folder of a run may be written.
    """
    real = Path(os.path.realpath(path))
    folder = real.parent
    if real.name in _sealed_names(folder):
        raise _refusal(path, "run", folder)
    if real.name in SWAP_NAMES and _is_swap(folder):
        raise _refusal(path, "swap", folder)
    if folder.name in SWAP_FOLDERS and _is_swap(folder.parent):
        raise _refusal(path, "swap", folder.parent)


def _refusal(path: str | Path, what: str, folder: Path) -> RecipeError:
    hint = "a run is read only as it was written: choose another output file"
    return RecipeError(f"{path} is a file of the {what} in {folder}, and is not changed", hint=hint)


def _is_swap(folder: Path) -> bool:
    return (folder / SWAP_FILE).is_file() and (folder / "trials").is_dir()


def _sealed_names(folder: Path) -> set[str]:
    """The files that are read with a finished run in a folder; none if it holds no run."""
    try:
        manifest = json.loads(read_bounded(folder / MANIFEST, MAX_MANIFEST_BYTES, RecipeError))
        files = manifest["files"]
        return {MANIFEST, *AMENDABLE, *files} if "recipe.toml" in files else set()
    except (OSError, ValueError, KeyError, TypeError, RecursionError, RecipeError):
        return set()
