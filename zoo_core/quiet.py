"""Calling a plugin's code without letting it write into our streams."""

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

    What programs below Python write to standard output is dropped, and so are Python's warnings: they run over
    several lines, and are for whoever tests the plugin.
    """
    caught = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="replace", write_through=True)
    before = sys.__stdout__
    with (
        contextlib.redirect_stdout(caught),
        contextlib.redirect_stderr(caught),
        _closed_below(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        sys.__stdout__ = caught  # type: ignore[misc]
        try:
            yield
        finally:
            sys.__stdout__ = before  # type: ignore[misc]
            text = caught.buffer.getvalue().decode("utf-8", "replace")
            said += [line.strip() for line in text.splitlines() if line.strip()]


@contextlib.contextmanager
def _closed_below() -> Iterator[None]:
    """The process's own standard output turned to nowhere, where there is one."""
    try:
        kept = os.dup(1)
    except OSError:  # closed by who called us
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
