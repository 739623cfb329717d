"""The command of a `zoo` that starts at once, for tests of what a process of its own does with its streams."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
NEED_TORCH = {"evaluate", "explain", "predict", "train"}  # a swap starts new processes anyway
INHERITED = {"PYTHONPATH", "PYTHONSAFEPATH", "PYTHONIOENCODING"}  # all that a fork takes from its launcher
MEASURED = any(name.startswith("COVERAGE") for name in os.environ)  # processes of their own are measured


def zoo_command(*arguments: Any, variables: Mapping[str, str] = os.environ) -> list[Any]:
    """The command `zoo ARGUMENT…`: a fork of a warm process if it imports torch, and a new process otherwise.

    `variables` is the environment that the command will have.
    """
    names = {name for name in {*variables, *os.environ} if variables.get(name) != os.environ.get(name)}
    own = {name for name in names if name.startswith(("PYTHON", "LC_", "LANG", "OMP_", "MKL_"))} - INHERITED
    is_warm = sys.platform == "linux" and not MEASURED and not own and not NEED_TORCH.isdisjoint(arguments)
    launcher = ["-I", "-S", str(FOLDER / "launcher.py"), _address()] if is_warm else ["-m", "zoo_cli"]
    return [sys.executable, *launcher, *arguments]


@functools.cache
def _address() -> str:
    """The socket of the warm process of this test process, which starts it."""
    folder = tempfile.TemporaryDirectory(prefix="zoo-")
    address = str(Path(folder.name) / "socket")
    command = [sys.executable, str(FOLDER / "server.py"), address]
    variables = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # it starts no thread at its import
    server = subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout is not None and server.stdout.readline() == b"\n", "the warm process did not start"
    server.stdout.close()
    _KEPT.extend((folder, server))
    return address


_KEPT: list[object] = []  # until this process ends: the folder, and the pipe at whose end the server ends
