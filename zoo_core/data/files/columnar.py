"""Parquet and Arrow files decoded into strings by a child process, whose end by a damaged file is an error here."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import polars as pl

from zoo_core.child_process import child_environment, python_command
from zoo_core.data.files.column_choice import ChooseColumns, all_columns, may_have_lists
from zoo_core.data.files.columnar_child import receive, send
from zoo_core.data.files.parts import PartError
from zoo_core.data.files.size_limits import MAX_COLUMNS, MAX_MIB, MAX_ROWS, MAX_SECONDS, Limit, max_unpacked_bytes
from zoo_core.errors import DataError
from zoo_core.messages import join_names

PROGRAM = Path(__file__).with_name("columnar_child.py")
MAX_THREADS = 4  # of the child
MEMORY_FACTOR = 3  # of the decoder's memory to the size of its texts
SECOND_BYTES = 4 << 20  # of a file that is decoded in a second on the slowest machine
WALL_FACTOR = 4  # of wall time to processor time
STDERR_BYTES = 4096  # of what a child wrote at its end
Reply = tuple[Any, dict[str, str | None], list[pl.DataFrame]]  # its last message, types of columns, tables


class ChildEnded(Exception):
    """The child process ended without a reply, by itself or after its time."""

    def __init__(self, code: int, stderr: str, timed_out: bool) -> None:
        self.code, self.stderr = code, stderr
        self.timed_out = timed_out or code == -getattr(signal, "SIGXCPU", 0)


class ColumnarDecoder:
    """A child process that decodes one file after another; it is started when it is needed, and after each end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._stderr: IO[bytes] | None = None

    def decode(
        self,
        data: bytes,
        format_name: str,
        columns: Sequence[str] = (),
        choose: ChooseColumns = all_columns,
        *,
        part: str = "",
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        """The columns of a file as strings without nulls, and the types of those that are not text or numbers.

        With `columns`, only these are decoded, and only those of them that `choose` returns; the type of the others
        is "". `part` is the sheet of a spreadsheet. Raises PartError if it must be chosen, DataError if the file is
        damaged, exceeds a limit, or has not all of these columns.
        """
        max_bytes = max_unpacked_bytes(len(data))
        request = {
            "format": format_name.lower(),
            "max_rows": MAX_ROWS.value(),
            "max_columns": MAX_COLUMNS.value(),
            "max_bytes": max_bytes,
            "max_memory": MEMORY_FACTOR * max_bytes,
            "columns": list(columns),
            "part": part,
            "seconds": MAX_SECONDS.value() + len(data) // SECOND_BYTES,
        }
        with self._lock:
            try:
                reply, types, tables = self._exchange(request, data, choose)
            except ChildEnded as end:
                raise _explain_end(end, format_name, request) from None
        if reply["error"]:
            raise _explain_refusal(reply, format_name, request)
        missing = [name for name in columns if name not in types]
        if missing:
            raise DataError(f'missing column "{missing[0]}"', hint=f"the columns are {join_names(types)}")
        read = set(tables[0].columns if tables else ())
        unread = {name: types[name] or "" for name in columns or types if name not in read}
        if not tables:
            found = join_names(f'"{name}" has the unsupported type {dtype}' for name, dtype in unread.items() if dtype)
            raise DataError(f"no column of texts or numbers: {found or 'the file has no columns'}")
        return pl.concat(tables, rechunk=False), unread

    def close(self) -> None:
        """End the child process."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, self._stderr):
            with suppress(OSError):
                if stream is not None:
                    stream.close()

    def _exchange(self, request: dict[str, Any], data: bytes, choose: ChooseColumns) -> Reply:
        """Have a file decoded; a child that ended itself before, since it had nothing to do, is replaced."""
        try:
            return self._ask(request, data, choose)
        except ChildEnded as end:
            if end.timed_out or end.code not in (0, -getattr(signal, "SIGALRM", 0)):
                raise
        return self._ask(request, data, choose)

    def _ask(self, request: dict[str, Any], data: bytes, choose: ChooseColumns) -> Reply:
        process = self._started()
        types: dict[str, str | None] = {}
        tables: list[pl.DataFrame] = []
        timed_out = threading.Event()
        try:
            with _killed_after(process, WALL_FACTOR * request["seconds"], timed_out):
                send(process.stdin, json.dumps(request).encode())
                send(process.stdin, data)
                while True:
                    message = receive(process.stdout)
                    if not message.startswith(b"{"):
                        tables.append(pl.read_ipc_stream(message))
                        continue
                    reply = json.loads(message)
                    if "error" in reply:
                        return reply, types, tables
                    types = reply["types"]
                    named = request["columns"] or list(types)
                    readable = {name for name, dtype in types.items() if dtype is None}
                    readable |= {name for name in reply["lists"] if may_have_lists(choose, name)}
                    wanted = [name for name in choose(named) if name in readable]
                    send(process.stdin, json.dumps(wanted).encode())
        except (EOFError, OSError):
            code, stderr = process.wait(), self._last_words()
            self.close()
            raise ChildEnded(code, stderr, timed_out.is_set()) from None
        except BaseException:  # as by Ctrl-C: what the child would still send is not for the next request
            self.close()
            raise

    def _last_words(self) -> str:
        """What the child process wrote to its standard error."""
        assert self._stderr is not None
        self._stderr.seek(0)
        return self._stderr.read(STDERR_BYTES).decode(errors="replace")

    def _started(self) -> Any:
        """The running child process of this process."""
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        self.close()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        threads = str(min(MAX_THREADS, os.cpu_count() or 1))
        self._process = subprocess.Popen(
            python_command(str(PROGRAM)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=child_environment(POLARS_MAX_THREADS=threads, RUST_BACKTRACE="0"),
        )
        self._owner = os.getpid()
        return self._process


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: int, timed_out: threading.Event) -> Iterator[None]:
    """Kill a process that needs longer, and set the event; what waits for its output then sees the end of it."""

    def kill() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _explain_refusal(reply: dict[str, Any], format_name: str, request: dict[str, Any]) -> DataError:
    """The error of a file that the child does not decode."""
    error, got = reply["error"], reply.get("got", 0)
    if error == "part":
        return PartError(reply["detail"], reply["parts"], "sheet")
    if error == "unsupported":
        return DataError(f"unsupported {format_name} file: {reply['detail']}", hint="save it with columns of texts")
    if error == "damaged":
        return DataError(f"damaged {format_name} file: {reply['detail'] or 'unreadable'}")
    if error == "rows":
        message = f"this {format_name} file has {got:,} rows, more than {request['max_rows']:,}"
        return _limit_error(message, MAX_ROWS, got)
    if error == "columns":
        message = f"this {format_name} file has {got:,} columns, more than {request['max_columns']:,}"
        return _limit_error(message, MAX_COLUMNS, got)
    max_mib = request["max_bytes"] >> 20
    message = f"this {format_name} file takes more than {max_mib} MiB of memory"
    return _limit_error(message, MAX_MIB, max(got >> 20, 2 * max_mib))


def _explain_end(end: ChildEnded, format_name: str, request: dict[str, Any]) -> DataError:
    """The error of a file by which the child process ended."""
    if end.timed_out:
        message = f"damaged {format_name} file: decoding takes longer than {request['seconds']} s"
        return _limit_error(message, MAX_SECONDS, 10 * request["seconds"])
    if "memory allocation" in end.stderr or "MemoryError" in end.stderr:
        max_mib = request["max_bytes"] >> 20
        message = f"damaged {format_name} file, or one that takes more than {max_mib} MiB of memory"
        return _limit_error(message, MAX_MIB, 2 * max_mib)
    return DataError(f"damaged {format_name} file: its decoder ends with exit code {end.code}")


def _limit_error(message: str, limit: Limit, needed: int) -> DataError:
    return DataError(message, hint=limit.hint(needed))


DECODER = ColumnarDecoder()
atexit.register(DECODER.close)
