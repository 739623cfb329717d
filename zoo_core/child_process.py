"""Child interpreters: none imports from the working folder, and none is started through a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SAFE_PATH = "PYTHONSAFEPATH"  # what `-P` is to one interpreter, for it and all of its children


def python_command(*arguments: str) -> list[str]:
    """The command of an interpreter that does not put the working folder on its import path.

    >>> python_command("-m", "pip")[1:]
    ['-P', '-m', 'pip']
    """
    return [sys.executable, "-P", *arguments]


def child_environment(**variables: str) -> dict[str, str]:
    """The environment of a child: this one with `variables`, safe for the interpreters that the child starts.

    An empty entry of PYTHONPATH stands for the working folder; it is left out.
    """
    environment = {**os.environ, **variables, SAFE_PATH: "1"}
    if "PYTHONPATH" in environment:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, environment["PYTHONPATH"].split(os.pathsep)))
    return environment


def run_python(*arguments: str, variables: dict[str, str] | None = None, **options: Any) -> Any:
    """Run a child interpreter to its end; `options` are those of `subprocess.run`.

    Returns its `subprocess.CompletedProcess`. Raises subprocess.SubprocessError as `subprocess.run` does.
    """
    return subprocess.run(python_command(*arguments), env=child_environment(**(variables or {})), **options)


def run_program(command: list[str], variables: dict[str, str] | None = None, **options: Any) -> Any:
    """Run another program, by its absolute path, to its end; as `run_python` otherwise."""
    return subprocess.run(command, env=child_environment(**(variables or {})), **options)


@contextmanager
def safe_import_path() -> Iterator[None]:
    """Interpreters that a library starts inside the block do not import from the working folder."""
    safe = child_environment()
    before = {name: os.environ.get(name) for name in (SAFE_PATH, "PYTHONPATH")}
    os.environ.update({name: safe[name] for name in before if name in safe})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
