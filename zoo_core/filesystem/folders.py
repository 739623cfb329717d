"""Folders that are moved to their place whole."""

from __future__ import annotations

import os
from pathlib import Path

WINDOWS = os.name == "nt"


def replace_empty_folder(source: Path, target: Path) -> None:
    """Rename a folder to the name of an empty one, or to a free name; OSError if that folder holds something."""
    if WINDOWS and target.is_dir():  # Windows renames nothing onto a folder
        target.rmdir()
    source.rename(target)
