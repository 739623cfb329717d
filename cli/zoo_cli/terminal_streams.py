"""Streams to a terminal that escape what would control it; only styled output may color text and move the cursor."""

from __future__ import annotations

import codecs
import contextlib
import io
import re
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

from zoo_core.messages import TERMINAL_CONTROLS, escape_terminal_controls

PLAIN = re.compile(rf"(?!\r\n)[{TERMINAL_CONTROLS}]")
# Colors, moves of the cursor, erased text, a hidden cursor, and a carriage return: what `rich` and our charts write.
STYLES = r"\x1b(?=\[(?:[0-9;]*[mABCDGHJK]|\?25[hl]))"
STYLED = re.compile(rf"(?!{STYLES}|\r)[{TERMINAL_CONTROLS}]")


class _EscapingBuffer(io.BufferedIOBase):
    """A binary stream that writes decoded, escaped and encoded bytes to a terminal."""

    def __init__(self, terminal: BinaryIO, encoding: str, controls: re.Pattern[str]) -> None:
        self.terminal, self.encoding, self.controls = terminal, encoding, controls
        self.decoder = codecs.getincrementaldecoder(encoding)("backslashreplace")  # a character may come in two writes

    def write(self, data: Any) -> int:
        text = escape_terminal_controls(self.decoder.decode(bytes(data)), self.controls)
        self.terminal.write(text.encode(self.encoding, "backslashreplace"))
        return len(data)

    def flush(self) -> None:
        self.terminal.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.terminal.fileno()


class TerminalStream(io.TextIOWrapper):
    """A text stream to a terminal: its texts, and the bytes of its `buffer`, are escaped. `styled` writes styles."""

    styled: TextIO

    def __init__(self, terminal: BinaryIO, encoding: str, controls: re.Pattern[str] = PLAIN) -> None:
        buffer: Any = _EscapingBuffer(terminal, encoding, controls)
        super().__init__(buffer, encoding, "backslashreplace", newline="\n", line_buffering=True, write_through=True)
        self.styled = self if controls is STYLED else TerminalStream(terminal, encoding, STYLED)

    def close(self) -> None:
        """Flush; the terminal stays open, since other streams write to it."""
        with contextlib.suppress(OSError, ValueError):
            self.flush()


def escape_for_terminal(stream: TextIO) -> TextIO:
    """The stream itself, or a TerminalStream if it writes to a terminal."""
    if isinstance(stream, TerminalStream) or not stream.isatty():
        return stream
    stream.flush()
    return TerminalStream(stream.buffer, stream.encoding or "utf-8")


def styled_stream(stream: TextIO) -> TextIO:
    """The stream for text with styles, all of whose foreign parts are escaped by its author."""
    return stream.styled if isinstance(stream, TerminalStream) else stream


@contextlib.contextmanager
def escaped_terminals() -> Iterator[None]:
    """Escape all that Python writes to terminals by standard output and standard error."""
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = escape_for_terminal(stdout), escape_for_terminal(stderr)
    try:
        yield
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        sys.stdout, sys.stderr = stdout, stderr
