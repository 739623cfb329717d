"""Standard output is for data alone: what plugins print is told, or goes to standard error."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from typing import IO, NoReturn, TextIO, cast

import click

DATA_STREAM_KEY = "zoo_cli.out"  # where a command's contexts keep the stream of its data


def data_stream() -> TextIO:
    """Where data goes: standard output as it was before any part could print."""
    context = click.get_current_context(silent=True)
    return cast(TextIO, context.meta.get(DATA_STREAM_KEY, sys.stdout)) if context else sys.stdout


def write_out(text: str = "", *, nl: bool = True) -> None:
    """A text of data, and a line's end."""
    click.echo(text, file=data_stream(), nl=nl)


def isolate_stdout(ctx: click.Context) -> None:
    """Until the command ends, whatever is printed, by Python or below it, goes to standard error; only `out` does not.

    Help and usage were printed before, and the commands of plugins never come here.
    """
    if DATA_STREAM_KEY not in ctx.meta:
        ctx.meta[DATA_STREAM_KEY] = ctx.with_resource(_redirect_stdout_to_stderr())


@contextlib.contextmanager
def _redirect_stdout_to_stderr() -> Iterator[TextIO]:
    shown = sys.stdout
    with _duplicate_stdout(shown) as data, _redirect_descriptor(2, shown), contextlib.redirect_stdout(sys.stderr):
        yield data


def _duplicate_stdout(stream: TextIO) -> contextlib.AbstractContextManager[TextIO]:
    """A stream that goes where this one does, whatever becomes of the process's standard output."""
    try:
        below = os.dup(1) if stream.fileno() == 1 else None
    except (OSError, ValueError):  # no file, as in a test
        below = None
    if below is None:
        return contextlib.nullcontext(stream)
    return os.fdopen(below, "w", encoding=stream.encoding, errors=stream.errors, newline="\n")  # on Windows, too


@contextlib.contextmanager
def capture_output(said: list[str]) -> Iterator[None]:
    """Keep out of our streams what is printed meanwhile. The lines are added to `said`.

    What programs below Python write to standard output is among them. Python's warnings are dropped: they run over
    several lines, and are for whoever tests the plugin.
    """
    caught = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="replace", write_through=True)
    before = sys.__stdout__
    with (
        _spool() as spool,
        _redirect_descriptor(spool.fileno(), sys.stdout),
        contextlib.redirect_stdout(caught),
        contextlib.redirect_stderr(caught),
        contextlib.chdir("."),  # whoever goes elsewhere is brought back
        warnings.catch_warnings(),
        _block_os_exit(),
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


def _spool() -> IO[bytes]:
    """A file in memory; a temporary one where the system has none (macOS, Windows)."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("below"), "r+b", buffering=0)
    from tempfile import TemporaryFile

    return TemporaryFile(buffering=0)


@contextlib.contextmanager
def _block_os_exit() -> Iterator[None]:
    """`os._exit` in this process raises SystemExit meanwhile: it would end the command without a word."""
    leave, here, inside = os._exit, os.getpid(), True

    def stay(status: int) -> NoReturn:
        if os.getpid() != here or not inside:  # a process that was forked may end, and who kept this may use it later
            leave(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = stay
    try:
        yield
    finally:
        os._exit, inside = leave, False


@contextlib.contextmanager
def _redirect_descriptor(to: int, stream: TextIO) -> Iterator[None]:
    """The process's own standard output turned to another open file, where there are both.

    `stream`: what Python writes there, so that everything goes where it should.
    """
    _flush(stream)
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
        _flush(stream)
        os.dup2(kept, 1)
        os.close(kept)


def _flush(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
