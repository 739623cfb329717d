"""Calling a plugin's code without letting it write into our data."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def overheard(said: list[str]) -> Iterator[None]:
    """Keep out of our streams what is printed meanwhile. The lines are added to `said`.

    What programs below Python write to standard output is among them on Linux, and dropped elsewhere. Python's
    warnings are dropped: they run over several lines, and are for whoever tests the plugin.
    """
    caught = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="replace", write_through=True)
    before = sys.__stdout__
    below = os.memfd_create("below") if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
    with (
        os.fdopen(below, "r+b", buffering=0) as spool,
        _turned(below),
        contextlib.redirect_stdout(caught),
        contextlib.redirect_stderr(caught),
        contextlib.chdir("."),  # whoever goes elsewhere is brought back
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        sys.__stdout__ = caught  # type: ignore[misc]
        try:
            yield
        finally:
            sys.__stdout__ = before  # type: ignore[misc]
            spool.seek(0)
            text = (caught.buffer.getvalue() + b"\n" + spool.read()).decode("utf-8", "replace")
            said += [line.strip() for line in text.splitlines() if line.strip()]


@contextlib.contextmanager
def aside() -> Iterator[None]:
    """Turn to standard error what is printed meanwhile, by Python or below it."""
    with _turned(2), contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def _turned(to: int) -> Iterator[None]:
    """The process's own standard output turned to another open file, where there are both."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()  # ours goes where it should
    try:
        kept = os.dup(1)
    except OSError:  # closed by who called us
        yield
        return
    try:
        with contextlib.suppress(OSError):
            os.dup2(to, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
