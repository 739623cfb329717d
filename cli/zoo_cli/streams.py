"""Keep standard output for data alone: output of plugins is captured, or redirected to standard error."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from typing import IO, NoReturn, TextIO, cast

import click

from zoo_cli.loading_line import end_loading
from zoo_cli.terminal_streams import escape_for_terminal, styled_stream

DEFAULT_COLUMNS = 80
DATA_STREAM_KEY = "zoo_cli.out"  # the key of the data stream in click's `Context.meta`


def data_stream() -> TextIO:
    """The stream for data: standard output as it was before any component was loaded."""
    end_loading()
    context = click.get_current_context(silent=True)
    return cast(TextIO, context.meta.get(DATA_STREAM_KEY, sys.stdout)) if context else sys.stdout


def terminal_columns() -> int:
    """The columns of the terminal that data is written to: COLUMNS, its size, or 80."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given[:5]) > 0:
        return int(given[:5])
    with contextlib.suppress(OSError, ValueError):
        return os.get_terminal_size(data_stream().fileno()).columns or DEFAULT_COLUMNS
    return DEFAULT_COLUMNS


def write_out(text: str = "", *, nl: bool = True) -> None:
    """Write a text of data and, with `nl`, a line break."""
    stream = data_stream()
    stream.write(f"{text}\n" if nl else text)
    stream.flush()


def write_styled(text: str) -> None:
    """Write a text of data with ANSI styles, whose foreign parts are escaped already."""
    stream = styled_stream(data_stream())
    stream.write(f"{text}\n")
    stream.flush()


def isolate_stdout(ctx: click.Context) -> None:
    """Until the command ends, redirect all output to standard error, by Python or native code, except `data_stream`.

    Help and usage errors are printed before this call; commands of plugins do not call it.
    """
    if DATA_STREAM_KEY not in ctx.meta:
        ctx.meta[DATA_STREAM_KEY] = ctx.with_resource(_redirect_stdout_to_stderr())


@contextlib.contextmanager
def _redirect_stdout_to_stderr() -> Iterator[TextIO]:
    stdout = sys.stdout
    with _duplicate_stdout(stdout) as data, _redirect_descriptor(2, stdout), contextlib.redirect_stdout(sys.stderr):
        yield data


def _duplicate_stdout(stream: TextIO) -> contextlib.AbstractContextManager[TextIO]:
    """A stream with the same target as standard output, independent of later changes of file descriptor 1."""
    try:
        descriptor = os.dup(1) if stream.fileno() == 1 else None
    except (OSError, ValueError):  # not a file, as in a test
        descriptor = None
    if descriptor is None:
        return contextlib.nullcontext(stream)
    # "\n" on every platform: Windows would write "\r\n"
    duplicate = os.fdopen(descriptor, "w", encoding=stream.encoding, errors=stream.errors, newline="\n")
    return _closing_both(duplicate)


@contextlib.contextmanager
def _closing_both(duplicate: TextIO) -> Iterator[TextIO]:
    """The escaped stream to a duplicate, if that is a terminal; closes the duplicate."""
    with duplicate:
        yield escape_for_terminal(duplicate)


@contextlib.contextmanager
def capture_output(lines: list[str]) -> Iterator[None]:
    """Capture everything that is printed and append its lines to `lines`.

    This includes what native code writes to standard output. Python's warnings are dropped: they have several lines
    and concern the author of a plugin.
    """
    captured = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="replace", write_through=True)
    original = sys.__stdout__
    with (
        _open_spool() as spool,
        _redirect_descriptor(spool.fileno(), sys.stdout),
        contextlib.redirect_stdout(captured),
        contextlib.redirect_stderr(captured),
        contextlib.chdir("."),  # restores the working directory if a plugin changes it
        warnings.catch_warnings(),
        _block_os_exit(),
    ):
        warnings.simplefilter("ignore")
        sys.__stdout__ = captured  # type: ignore[misc]
        try:
            yield
        finally:
            sys.__stdout__ = original  # type: ignore[misc]
            spool.seek(0)
            text = (captured.buffer.getvalue() + b"\n" + spool.read()).decode("utf-8", "replace")
            lines += [line.strip() for line in text.splitlines() if line.strip()]


def _open_spool() -> IO[bytes]:
    """Open a file in memory, or a temporary file on systems without them (macOS, Windows)."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("spool"), "r+b", buffering=0)
    from tempfile import TemporaryFile

    return TemporaryFile(buffering=0)


@contextlib.contextmanager
def _block_os_exit() -> Iterator[None]:
    """Make `os._exit` raise SystemExit: a plugin that calls it would end the command without a message."""
    original_exit, process_id, is_blocked = os._exit, os.getpid(), True

    def raise_instead(status: int) -> NoReturn:
        # forked processes may exit; and a plugin may store this function and call it after the block
        if os.getpid() != process_id or not is_blocked:
            original_exit(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = raise_instead
    try:
        yield
    finally:
        os._exit, is_blocked = original_exit, False


@contextlib.contextmanager
def _redirect_descriptor(target: int, stream: TextIO) -> Iterator[None]:
    """Redirect file descriptor 1 to the descriptor `target`; does nothing if either is closed.

    `stream` is Python's standard output, which is flushed at both ends so that its text reaches the right file.
    """
    _flush(stream)
    try:
        original = os.dup(1)
    except OSError:  # the caller has closed it
        yield
        return
    try:
        with contextlib.suppress(OSError):
            os.dup2(target, 1)
        yield
    finally:
        _flush(stream)
        os.dup2(original, 1)
        os.close(original)


def _flush(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
