"""Commands under a limit of the address space (`ulimit -v`), run in a child process that may abort.

If an allocation fails, Python and torch raise an error, but other native code aborts the process, or waits for a thread
that could not start. The parent, which does nothing else, then reports that memory is exhausted and removes what the
child left.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import IO, NoReturn

NATIVE_SIGNALS = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP")
EXIT_CODE = 7  # of commands that have too little memory
STALL_SECONDS = 10.0  # without CPU time, if the address space is full: a thread that could not start is waited for
FULL_SHARE = 0.9
MIN_POLL_SECONDS, MAX_POLL_SECONDS = 0.005, 0.25
ALLOCATOR_WARNING = b"<jemalloc>"  # of threads that it can do without


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
    import tempfile  # here, because it is rarely needed

    native_errors = tempfile.TemporaryFile()  # noqa: SIM115 - open until the process ends
    run_notes = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        child = os.fork()
    except OSError:  # not even a second process is possible: do without it
        return
    if child:
        _wait_and_exit(child, native_errors, run_notes)
    from zoo_core.filesystem import crash_notes

    crash_notes.start(run_notes)
    errors = sys.stderr
    sys.stderr = open(os.dup(2), "w", encoding=errors.encoding, errors="backslashreplace", buffering=1)  # noqa: PTH123, SIM115
    os.dup2(native_errors.fileno(), 2)


def _wait_and_exit(child: int, native_errors: IO[bytes], run_notes: IO[bytes]) -> NoReturn:
    def forward(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    # a terminal sends an interrupt to both
    signal.signal(signal.SIGINT, signal.SIG_IGN if os.isatty(2) or os.isatty(0) else forward)
    status, is_stalled = _wait(child)
    if is_stalled:
        _report_abort(_content(run_notes).decode("utf-8", "surrogateescape").splitlines())
        os._exit(EXIT_CODE)
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        lines = [] if code == EXIT_CODE else _content(native_errors).splitlines(keepends=True)
        with contextlib.suppress(OSError):
            os.write(2, b"".join(line for line in lines if not line.startswith(ALLOCATOR_WARNING)))
        os._exit(code)
    ended_by = os.WTERMSIG(status)
    if signal.Signals(ended_by).name in NATIVE_SIGNALS:
        _report_abort(_content(run_notes).decode("utf-8", "surrogateescape").splitlines())
        os._exit(EXIT_CODE)
    if ended_by != signal.SIGKILL:
        signal.signal(ended_by, signal.SIG_DFL)
    os.kill(os.getpid(), ended_by)
    os._exit(128 + ended_by)


def _wait(child: int) -> tuple[int, bool]:
    """Wait for the child; its status, and whether it was killed because its threads waited for each other."""
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


def _report_abort(run_folders: list[str]) -> None:
    """Remove the staging folders of runs without a checkpoint, and print one line."""
    import resource
    from pathlib import Path

    from zoo_core.runs.staging import remove_aborted

    for folder in run_folders:
        remove_aborted(Path(folder))
    limit = resource.getrlimit(resource.RLIMIT_AS)[0] / 1e6
    line = f"zoo: error: out of memory: the address space is limited to {limit:,.0f} MB (hint: raise ulimit -v)\n"
    with contextlib.suppress(OSError):
        os.write(2, line.encode())
