"""Which tests are marked quick: those of modules that start no process and train nothing."""

from __future__ import annotations

import functools
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
FOLDERS = ("cli", "core", "plugins")  # the others test everything at once: components, pages, the project
LONG = re.compile(r"subprocess|\bfork\(|\bprocess\(|zoo_command|run_python|\"(train|swap)\"|\b(train|swap|run_swap)\(")


@functools.cache
def is_quick(module: Path) -> bool:
    """Whether the tests of a module are quick, by its folder and its source."""
    if not module.is_relative_to(TESTS) or module.relative_to(TESTS).parts[0] not in FOLDERS:
        return False
    return not LONG.search(module.read_text("utf-8"))
