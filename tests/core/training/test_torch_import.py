"""The import of torch in the background: it starts at once, and the wait ends with a complete module."""

from __future__ import annotations

import subprocess
import sys

from tests.limits import limit
from zoo_cli.main import run

CODE = """
import sys, threading
from zoo_core.training.torch_import import start_torch_import, wait_for_torch

assert "torch" not in sys.modules
start_torch_import()
assert [thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()] == [True]
wait_for_torch()
print(float(sys.modules["torch"].ones(2).sum()))
"""


def test_torch_is_complete_after_the_wait():
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{CODE}"],
        capture_output=True,
        text=True,
        timeout=limit(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "2.0\n"), done.stderr


def test_torch_is_not_imported_for_a_recipe_that_cannot_be_trained(monkeypatch):
    started = []
    monkeypatch.setattr("zoo_core.training.torch_import.start_torch_import", lambda: started.append(True))
    assert run(["train", "text-fast", "--set", "loss=bce"]) == 2
    assert run(["train", "text-fast", "--set", "training.nothing=1"]) == 2
    assert not started
