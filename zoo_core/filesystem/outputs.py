"""Files that the user names for output, checked before the work whose result they will hold."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from zoo_core.errors import RecipeError
from zoo_core.filesystem.sealed_files import check_unsealed
from zoo_core.filesystem.writing import try_write


def check_output(output: str, inputs: Iterable[str] = ()) -> None:
    """Check that a file can be written and is not read by the same command; "-" is standard output and input.

    An input may be a file, under any name, a pattern, or a folder: no file in it is overwritten. Raises RecipeError for
    an output that is an input or a file of a run, InputOutputError for one that cannot be written.
    """
    if output == "-":
        return
    for name in [path for pattern in inputs for path in (pattern, *_matches(pattern))]:
        if Path(output).exists() and _holds(name, output):
            what = "the input" if name == "-" or not Path(name).is_dir() else f"a file of {name}, which is read"
            raise RecipeError(f"{output} is {what}", hint="name another output file")
    check_unsealed(output)
    try_write(output)


def _matches(pattern: str) -> list[str]:
    is_pattern = glob.has_magic(pattern) and not os.path.lexists(pattern)
    return glob.glob(pattern, recursive=True) if is_pattern else []  # noqa: PTH207


def _holds(name: str, output: str) -> bool:
    """Whether an input is the output file, or a folder that holds it."""
    with suppress(OSError, ValueError):
        if name == "-":
            return os.path.samestat(os.fstat(sys.stdin.fileno()), Path(output).stat())
        if Path(name).is_dir():
            return Path(os.path.realpath(output)).is_relative_to(os.path.realpath(name))
        return Path(name).samefile(output)
    return False
