"""Commands under a limit of the address space (`ulimit -v`), run in a child process that may abort.

If an allocation fails, Python and torch raise an error, but other native code aborts or exits the process, or waits for
a thread that could not start. The parent, which does nothing else, then reports that memory is exhausted and removes
what the child left.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import time
import warnings
from typing import IO, NoReturn

NATIVE_SIGNALS = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP")
EXIT_CODE = 7  # of commands that have too little memory
STALL_SECONDS = 10.0  # without CPU time, if the address space is full: a thread that could not start is waited for
FULL_SHARE = 0.9
MIN_POLL_SECONDS, MAX_POLL_SECONDS = 0.005, 0.25
ALLOCATOR_WARNING = b"<jemalloc>"  # of threads that it can do without

_end_notes: list[IO[bytes]] = []  # of the child: its exit code, which the parent uses if the end itself aborts


def is_address_space_limited() -> bool:
    """Whether the user has limited the address space; never on Windows and macOS, which do not enforce it."""
    if sys.platform != "linux":
        return False
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def continue_in_child() -> None:
    """Return in a child process; the parent waits for it and exits as it does.

    In the child, what native code writes to standard error is captured and written once it ends, unless it aborts.
    """
    if sys.platform == "win32":
        raise NotImplementedError
    import tempfile  # here, because it is rarely needed

    native_errors = tempfile.TemporaryFile()  # noqa: SIM115 - open until the process ends
    run_notes = tempfile.TemporaryFile()  # noqa: SIM115
    end_note = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - not empty if Python ended the process
    try:
        child = os.fork()
    except OSError:  # not even a second process is possible: do without it
        return
    if child:
        _wait_and_exit(child, native_errors, run_notes, end_note)
    _end_notes.append(end_note)
    atexit.register(end_note.write, b"\n")
    # polars goes on without its binary, which could not be mapped, and fails anywhere later
    warnings.filterwarnings("error", message="Polars binary is missing")
    from zoo_core.filesystem import crash_notes

    crash_notes.start(run_notes)
    errors = sys.stderr
    sys.stderr = open(os.dup(2), "w", encoding=errors.encoding, errors="backslashreplace", buffering=1)  # noqa: PTH123, SIM115
    os.dup2(native_errors.fileno(), 2)


def note_exit_code(code: int) -> None:
    """Tell a waiting parent the exit code, as soon as the command has printed all that it prints."""
    for note in _end_notes:
        note.write(str(code).encode())


def _wait_and_exit(child: int, native_errors: IO[bytes], run_notes: IO[bytes], end_note: IO[bytes]) -> NoReturn:
    if sys.platform == "win32":
        raise NotImplementedError

    def forward(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    # a terminal sends an interrupt to both
    signal.signal(signal.SIGINT, signal.SIG_IGN if os.isatty(2) or os.isatty(0) else forward)
    status, is_stalled = _wait(child)
    code, ended_by = (0, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), 0)
    is_abort = is_stalled or (ended_by and signal.Signals(ended_by).name in NATIVE_SIGNALS)
    end = _content(end_note)
    if end.strip() and (is_abort or not ended_by):  # what fails after the command has ended is not its failure
        code, ended_by, is_abort = int(end), 0, False
    if is_abort or (code and not end):  # native code may exit, too, without an end of Python
        _report_abort()
        code, ended_by = EXIT_CODE, 0
    elif not ended_by:
        lines = [] if code == EXIT_CODE else _content(native_errors).splitlines(keepends=True)
        with contextlib.suppress(OSError):
            os.write(2, b"".join(line for line in lines if not line.startswith(ALLOCATOR_WARNING)))
    if code == EXIT_CODE:
        _remove_unfinished(_content(run_notes).decode("utf-8", "surrogateescape").splitlines())
    if not ended_by:
        os._exit(code)
    if ended_by != signal.SIGKILL:
        signal.signal(ended_by, signal.SIG_DFL)
    os.kill(os.getpid(), ended_by)
    os._exit(128 + ended_by)


def _wait(child: int) -> tuple[int, bool]:
    """Wait for the child; its status, and whether it was killed because its threads waited for each other."""
    if sys.platform == "win32":
        raise NotImplementedError
    delay, since, used = MIN_POLL_SECONDS, time.monotonic(), -1
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status, False
        time.sleep(delay)
        delay = min(2 * delay, MAX_POLL_SECONDS)
        clock_ticks = _read_ticks_of_full(child)
        if clock_ticks is None or clock_ticks != used:
            since, used = time.monotonic(), -1 if clock_ticks is None else clock_ticks
        elif time.monotonic() - since > STALL_SECONDS:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1], True


def _read_ticks_of_full(process: int) -> int | None:
    """The CPU time of a process whose address space is nearly used up, in clock ticks; None if it is not."""
    if sys.platform == "win32":
        raise NotImplementedError
    import resource

    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as pages:  # noqa: PTH123
            size = int(pages.read().split()[0]) * resource.getpagesize()
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as fields:  # noqa: PTH123
            user, system = fields.read().rpartition(")")[2].split()[11:13]
    except (OSError, IndexError):  # it has just ended
        return None
    return int(user) + int(system) if size > FULL_SHARE * resource.getrlimit(resource.RLIMIT_AS)[0] else None


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _report_abort() -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0] / 1e6
    line = f"zoo: error: out of memory: the address space is limited to {limit:,.0f} MB (hint: raise ulimit -v)\n"
    with contextlib.suppress(OSError):
        os.write(2, line.encode())


def _remove_unfinished(run_folders: list[str]) -> None:
    """Remove the staging folders of runs without a checkpoint; without memory, the child may not have done it."""
    from pathlib import Path

    from zoo_core.runs.staging import remove_aborted

    for folder in run_folders:
        remove_aborted(Path(folder))
