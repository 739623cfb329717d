"""The import of torch in a background thread, while other modules are imported and the data is read.

Importing torch takes about a second, most of it outside the interpreter, as does reading a table: both at once take
little longer than one. `tests/core/training/test_torch_import.py` checks that the wait ends with a complete module.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading


def start_torch_import() -> None:
    """Start importing torch in a background thread, if it is not imported yet."""
    if "torch" not in sys.modules:
        threading.Thread(target=_import_torch, daemon=True).start()


def _import_torch() -> None:
    with contextlib.suppress(Exception):  # the wait raises the error again
        importlib.import_module("torch")


def wait_for_torch() -> None:
    """Wait until torch is imported: an import waits for the same import in another thread."""
    importlib.import_module("torch")
