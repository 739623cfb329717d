"""The line that a terminal shows while torch is imported, before a command has anything else to show."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from zoo_cli.terminal_streams import styled_stream

TEXT = "loading torch …"
ERASE = "\r\x1b[K"  # the line of the cursor

_shown_on: list[TextIO] = []  # the terminal with the line, if there is one


@contextmanager
def show_loading(*, quiet: bool) -> Iterator[None]:
    """Show the line on standard error until the block ends, or something else is shown; in pipes there is none."""
    if not quiet and sys.stderr.isatty() and "torch" not in sys.modules and not _shown_on:
        stream = styled_stream(sys.stderr)
        _shown_on.append(stream)
        stream.write(TEXT)
        stream.flush()
    try:
        yield
    finally:
        end_loading()


def end_loading() -> None:
    """Erase the line, if it is shown."""
    while _shown_on:
        stream = _shown_on.pop()
        stream.write(ERASE)
        stream.flush()
