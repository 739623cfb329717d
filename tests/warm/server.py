"""A process that has imported the libraries of `zoo` and started no pool of threads; forks of it run `zoo`.

A fork differs from `python -m zoo_cli` in the time of its start, in what it inherits, hash seed and locale, and in that
it does not wait for the disk.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import marshal
import os
import runpy
import select
import signal
import socket
import sys
import threading
from pathlib import Path

from disk import fsync_at_once  # beside this script

MODULES = ("polars", "torch", "safetensors.torch", "scipy.stats", "rich.table", "tomlkit", "click")
STREAMS = (("stdin", "r", "strict"), ("stdout", "w", "strict"), ("stderr", "w", "backslashreplace"))
THREADS = ("jemalloc", "polars-ooc")  # of polars, which needs none of them after a fork
REPLACED: list[object] = []  # the streams of this process, whose descriptors now belong to the fork's


def serve(address: str) -> None:
    """Fork for each connection until standard input is closed; return in a fork that is to run `zoo`."""
    for module in MODULES:
        importlib.import_module(module)
    others = [task for task in Path("/proc/self/task").iterdir() if task.name != str(os.getpid())]
    threads = [(task / "comm").read_text().strip() for task in others]
    assert all(name.startswith(THREADS) for name in threads), f"a fork copies no thread: {threads}"
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    os.write(1, b"\n")
    while True:
        ready, _, _ = select.select([0, listener], [], [])
        if 0 in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if not os.fork():
            listener.close()
            _answer(connection)
            return
        connection.close()
        while os.waitpid(-1, os.WNOHANG)[0] if _has_children() else False:
            pass


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _answer(connection: socket.socket) -> None:
    """Start the process that a launcher asks for, and report its number and its end; return in that process."""
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    size, request = int.from_bytes(head), b""
    while len(request) < size:
        request += connection.recv(size - len(request))
    child = os.fork()
    if not child:
        connection.close()
        _become(streams, *marshal.loads(request))
        return
    for number in streams:  # a reader of a pipe waits until nobody holds its other end
        os.close(number)
    for number in range(3):
        os.close(number)
    try:
        connection.sendall(child.to_bytes(4, signed=True))
        ready, _, _ = select.select([connection, os.pidfd_open(child)], [], [])
        if connection in ready:  # the launcher was killed
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        connection.sendall(code.to_bytes(4, signed=True))
    finally:
        os._exit(0)


def _become(streams: list[int], arguments: list[bytes], variables: dict[bytes, bytes], folder: bytes, numbers) -> None:
    """Take over the streams, the variables, the folder and the import path of the launcher."""
    spare = [os.dup2(number, 10 + number, inheritable=False) for number in streams]
    for number in (0, 1, 2, *streams):
        if number not in spare:
            os.close(number)
    for here, number in zip(spare, numbers, strict=True):
        os.dup2(here, number)
        os.close(here)
    own = set(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    os.environ.clear()
    os.environb.update(variables)
    os.chdir(folder)
    added = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    first = [] if os.environ.get("PYTHONSAFEPATH") else [str(Path.cwd())]
    sys.path[:] = [*first, *added, *(entry for entry in sys.path[1:] if entry not in own)]
    sys.argv[:] = ["zoo_cli", *map(os.fsdecode, arguments)]
    importlib.invalidate_caches()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, (name, mode, errors) in enumerate(STREAMS):
        stream = _open(number, mode, errors) if number in numbers else None
        REPLACED.extend((getattr(sys, name), getattr(sys, f"__{name}__")))
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _open(number: int, mode: str, errors: str) -> io.TextIOWrapper:
    """A standard stream as the interpreter opens it."""
    encoding, _, other = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    is_line_buffered = number == 2 or os.isatty(number)
    stream = open(number, f"{mode}b", closefd=False)  # noqa: SIM115
    errors = errors if number == 2 else other or errors
    return io.TextIOWrapper(stream, encoding, errors, newline="\n", line_buffering=is_line_buffered)


if __name__ == "__main__":
    os.fsync = fsync_at_once()
    serve(sys.argv[1])
    try:
        runpy.run_module("zoo_cli", run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = int(error.code or 0)
    threading._shutdown()  # ends the pools of threads and of processes
    atexit._run_exitfuncs()
    try:
        sys.stdout and sys.stdout.flush()
    except OSError:
        code = 120
    os._exit(code)  # the end of the interpreter would touch, and so copy, each page of the warm process
