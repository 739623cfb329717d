"""Three-way merge of a text with `git merge-file`, if git is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from attrs import frozen

from zoo_core.child_process import run_program
from zoo_core.filesystem.temporary import scratch_folder
from zoo_core.filesystem.writing import write_file

MERGE_SECONDS = 60


@frozen
class Merge:
    """A merged text, and whether it has conflicts, each between the marks of git."""

    text: str
    has_conflicts: bool


def merge_texts(own: str, base: str, new: str) -> Merge | None:
    """Apply the changes from `base` to `new` to `own`; None without git, or if git cannot merge them."""
    git = _find_git()
    if git is None:
        return None
    with scratch_folder() as folder:
        for name, text in (("own", own), ("base", base), ("new", new)):
            write_file(folder / name, text.encode())
        labels = [word for label in ("yours", "generated before", "generated now") for word in ("-L", label)]
        command = [git, "merge-file", "--stdout", "--diff3", *labels, "own", "base", "new"]
        options = {"cwd": folder, "stdin": subprocess.DEVNULL, "capture_output": True, "timeout": MERGE_SECONDS}
        try:
            done = run_program(command, {"GIT_CEILING_DIRECTORIES": str(folder)}, **options)
            text = done.stdout.decode()
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return None
    if not 0 <= done.returncode < 128:  # the number of conflicts, or an error
        return None
    return Merge(text, done.returncode > 0)


def _find_git() -> str | None:
    """The path of git, never one in the working folder, where Windows looks first."""
    found = shutil.which("git")
    return found if found and Path(found).is_absolute() and Path(found).parent.resolve() != Path.cwd() else None
