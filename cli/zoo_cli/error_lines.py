"""Errors and interrupts, as lines on standard error with their exit codes."""

from __future__ import annotations

from contextlib import suppress

import click

MAX_ERROR_LINES = 50  # of one command
MAX_ERROR_CHARS = 1000  # of an unexpected error
EXCERPT_CHARS = 60  # before and after a character that cannot be encoded


def report_interrupt(stop: BaseException) -> int:
    """Print what an interrupt leaves, which its notes say; the exit code of the signal."""
    from zoo_core.errors import Terminated

    cause = stop if isinstance(stop, KeyboardInterrupt) else stop.__cause__ or stop.__context__
    line = "; ".join(["interrupted", *getattr(cause, "__notes__", ())])
    return print_lines([line], 143 if isinstance(cause, Terminated) else 130, label="")


def report_error(error: BaseException) -> int:
    """Print an error and its notes, one line each; its exit code."""
    code = _print_error(error)
    return print_lines(getattr(error, "__notes__", []), code, label="")


def is_unexpected(error: BaseException) -> bool:
    """Whether an error is none that textzoo raises or explains: a fault of its own, or of other code."""
    from zoo_core.errors import ZooError
    from zoo_core.memory import is_out_of_memory

    return not isinstance(error, ZooError | OSError | UnicodeEncodeError) and not is_out_of_memory(error)


def _print_error(error: BaseException) -> int:
    from zoo_core.errors import ZooError
    from zoo_core.memory import is_out_of_memory
    from zoo_core.messages import shorten

    if isinstance(error, ZooError):
        return print_lines([str(problem) for problem in error.problems], error.exit_code)
    if is_out_of_memory(error):
        return print_lines(["out of memory"], 7)
    if isinstance(error, OSError):
        return print_lines([f"{error.filename or 'system'}: {error.strerror or error}"], 7)
    if isinstance(error, UnicodeEncodeError):
        excerpt = error.object[max(0, error.start - EXCERPT_CHARS) : error.start + EXCERPT_CHARS]
        return print_lines([f'an argument or a file name is not valid UTF-8: "{excerpt}"'], 2)
    text = shorten(f"{type(error).__name__}: {error}", MAX_ERROR_CHARS)
    return print_lines(
        [f"unexpected error in textzoo or a plugin: {text} (hint: run again with --debug for the traceback)"], 1
    )


def print_lines(lines: list[str], code: int, *, label: str = "error: ") -> int:
    """Print lines on standard error, and return the exit code; also if nobody can read them any more."""
    from zoo_core.messages import message_line

    shown = lines[:MAX_ERROR_LINES]
    if len(lines) > len(shown):
        shown.append(f"and {len(lines) - len(shown)} more problems")
    for line in map(message_line, shown):
        with suppress(OSError):  # a full disk, or a terminal that was closed
            click.echo(f"zoo: {label}{line}", err=True)
    return code
