"""Which functions a component calls from its own code, directly or through the standard library."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import torch

MAX_DEPTH = 12  # frames of the standard library between the component and the function
STANDARD_LIBRARY = sysconfig.get_path("stdlib")
COMPILER = tuple(str(Path(torch.__file__).parent / name) for name in ("_compile", "_dynamo"))


@contextmanager
def record_calls(cls: type, functions: Mapping[Any, str]) -> Iterator[list[str]]:
    """Add the name of each of these functions to the list when code of the plugin of `cls` calls it in the block.

    The keys are code objects of Python functions, and built-in functions; of the current thread only.
    """
    found: list[str] = []
    folders = own_folders(cls)

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            called, caller = functions.get(frame.f_code), frame.f_back
        elif event == "c_call":
            called, caller = _find_builtin(functions, argument), frame
        else:
            return
        if called and called not in found and _is_called_by(caller, folders):
            found.append(called)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before)


@contextmanager
def without_recording() -> Iterator[None]:
    """Do not record the calls in the block: of an `example()`, which writes a file and is no part of a training."""
    before = sys.getprofile()
    sys.setprofile(None)
    try:
        yield
    finally:
        sys.setprofile(before)


def _find_builtin(functions: Mapping[Any, str], function: Any) -> str | None:
    try:
        return functions.get(function)
    except TypeError:  # a method of an object without a hash
        return None


def _is_called_by(frame: FrameType | None, folders: tuple[str, ...]) -> bool:
    for _ in range(MAX_DEPTH):
        if frame is None:
            return False
        file = frame.f_code.co_filename
        if file.startswith(folders):
            return True
        if not _is_between(file):
            return False
        frame = frame.f_back
    return False


@cache
def _is_between(file: str) -> bool:
    """Whether a file is one of the standard library, or of the wrappers that torch's compiler puts around functions."""
    if file.startswith((STANDARD_LIBRARY, "<frozen")) and "-packages" not in file:
        return True
    return file.startswith(COMPILER)


@cache
def own_folders(cls: type) -> tuple[str, ...]:
    """The folders of the packages, or the files, that define a class and its bases, apart from textzoo's core."""
    places = []
    for base in cls.__mro__:
        package = base.__module__.partition(".")[0]
        module = sys.modules.get(base.__module__)
        if package not in ("builtins", "zoo_core") and module is not None:
            file = Path(getattr(sys.modules.get(package), "__file__", None) or module.__file__ or "")
            places.append(str(file.parent) + os.sep if file.name == "__init__.py" else str(file))
    return tuple(dict.fromkeys(places))
