"""The import of torch in the background: it starts at once, and the wait ends with a complete module.

Its native library is loaded before, without the module.
"""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.limits import limit
from zoo_core.training import torch_import

LOAD = """
import threading
from pathlib import Path
from zoo_core.training.torch_import import LIBRARIES, start_library_load

start_library_load()
[loading] = (thread for thread in threading.enumerate() if thread is not threading.main_thread())
assert loading.daemon
loading.join()
mapped = Path("/proc/self/maps").read_text()
assert all(library in mapped for library in LIBRARIES)
"""
CODE = """
import sys, threading
from zoo_core.training.torch_import import start_torch_import, wait_for_torch

assert "torch" not in sys.modules
start_torch_import()
assert [thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()] == [True]
wait_for_torch()
print(float(sys.modules["torch"].ones(2).sum()))
"""


@pytest.mark.parametrize(
    "first", ["", pytest.param(LOAD, marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux"))]
)
def test_torch_is_complete_after_the_wait(first: str):
    code = first + CODE
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        timeout=limit(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "2.0\n"), done.stderr


@pytest.mark.parametrize("spec", [None, SimpleNamespace(submodule_search_locations=["/nowhere"])])
def test_torch_without_the_library_is_left_to_its_import(monkeypatch: pytest.MonkeyPatch, spec: object):
    monkeypatch.setattr(torch_import.importlib.util, "find_spec", lambda name: spec)
    torch_import._load_library()
