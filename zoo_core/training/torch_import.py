"""The import of torch in background threads, while modules are imported and the data is read.

Importing torch takes about a second. A third of it loads the native library, which needs no interpreter: it starts as
soon as it is known that torch is needed, beside the imports of the main thread. The rest runs beside the reading of the
table. `tests/core/training/test_torch_import.py` checks that the wait ends with a complete module.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import os
import sys
import threading
from pathlib import Path

LIBRARIES = ("libtorch_global_deps.so", "libtorch_cpu.so")  # in the order in which torch loads them


def start_library_load() -> None:
    """Start loading the native library of torch in a background thread, without importing torch; on Linux only."""
    if "torch" not in sys.modules:
        threading.Thread(target=_load_library, daemon=True).start()


def _load_library() -> None:
    """Load the library as `import torch` will; an error is left to that import.

    `dlopen` is called as a foreign function, because these release the interpreter and `ctypes.CDLL` does not.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(Exception):
        spec = importlib.util.find_spec("torch")
        [package] = (spec and spec.submodule_search_locations) or []
        dlopen = ctypes.CDLL(None).dlopen
        dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
        for name, scope in zip(LIBRARIES, (os.RTLD_GLOBAL, os.RTLD_LOCAL), strict=True):
            path = Path(package, "lib", name)
            if not (path.is_file() and dlopen(os.fsencode(path), os.RTLD_NOW | scope)):
                return


def start_torch_import() -> None:
    """Start importing torch in a background thread, if it is not imported yet."""
    threading.Thread(target=_import_torch, daemon=True).start()


def _import_torch() -> None:
    with contextlib.suppress(Exception):  # the wait raises the error again
        importlib.import_module("torch")


def wait_for_torch() -> None:
    """Wait until torch is imported: an import waits for the same import in another thread."""
    importlib.import_module("torch")
