"""The import path of the command: without the working folder, whose files are not the user's choice."""

from __future__ import annotations

import os
import sys


def remove_module_folder() -> None:
    """Remove the working folder that `python -m` puts first; `python -P -m` does not."""
    if not sys.flags.safe_path and sys.path and sys.path[0] in ("", _working_folder()):
        del sys.path[0]


def remove_empty_entries() -> None:
    """Remove the working folder where it stands for an empty entry of PYTHONPATH; an entry with its name stays."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folder = _working_folder()
    if len(entries) > 1 and "" in entries and folder not in map(os.path.abspath, filter(None, entries)):
        sys.path[:] = [entry for entry in sys.path if entry not in ("", folder)]


def _working_folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:  # it was deleted
        return ""
