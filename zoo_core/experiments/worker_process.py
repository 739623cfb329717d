"""What runs in a worker process of a swap: its jobs, a lock while it works, and a watch on its parent process."""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core.errors import InputOutputError, ZooError
from zoo_core.filesystem.locks import SAFE_FLAGS, release_lock, try_lock
from zoo_core.messages import LOGGER, warn

if TYPE_CHECKING:
    from zoo_core.experiments.trials import WorkerJob

WARM_UP_SECONDS = 0.1  # longer than a call takes to start, so that each process takes one
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 1.0  # before a wait is reported
MAX_WAIT_SECONDS = 60.0
LOCK_NAME = re.compile(r"worker-[0-9a-f]{16}\.lock")
WINDOWS_SYNCHRONIZE, WINDOWS_INFINITE = 0x0010_0000, 0xFFFF_FFFF


@frozen
class JobOutcome:
    """How a job ended: the error that stopped it, if any, and its warnings."""

    error: ZooError | None
    warnings: tuple[str, ...]


def end_with_parent(parent: int) -> None:
    """End this process at once when the process that started it has died; Ctrl-C is left to the parent.

    A process that was killed cannot end its workers.
    """
    with suppress(ValueError):  # a thread of dask's cannot set signal handlers
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    _exit_without(parent)

    def watch() -> None:
        _wait_for_end(parent)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _exit_without(parent: int) -> None:
    """End this process if its parent died before it could be watched. Windows keeps the number of a dead parent."""
    if os.getppid() != parent:
        os._exit(1)


def _wait_for_end(parent: int) -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.WaitForSingleObject(kernel.OpenProcess(WINDOWS_SYNCHRONIZE, False, parent), WINDOWS_INFINITE)
        return
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)


def load_dependencies() -> None:
    """Import what training needs, then wait, so that every process takes one such call."""
    import zoo_core.experiments.trials  # noqa: F401

    time.sleep(WARM_UP_SECONDS)


def run_job_in_worker(job: WorkerJob) -> JobOutcome:
    """Run a job in a worker process."""
    from zoo_core.config.zoo import open_zoo
    from zoo_core.experiments.trials import run_job

    with _collected_warnings() as warnings:
        try:
            with _worker_lock(Path(job.folder)):
                if job.parent:
                    _exit_without(job.parent)  # the next command may have looked for locks before this one was held
                zoo = open_zoo(disabled=job.disabled, files=job.files, warns=False)  # the parent warned
                run_job(job, zoo, lambda _record: None)
        except ZooError as error:
            return JobOutcome(error, tuple(warnings))
    return JobOutcome(None, tuple(warnings))


@contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    """Collect the warnings of the library, for the parent process to show."""
    warnings: list[str] = []
    handler, logger = logging.Handler(), logging.getLogger(LOGGER)
    handler.emit = lambda record: warnings.append(record.getMessage())  # type: ignore[method-assign]
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield warnings
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates


@contextmanager
def _worker_lock(folder: Path) -> Iterator[None]:
    """Hold a lock file in the folder of a swap, by which the next command sees that a worker still writes there."""
    path = folder / f"worker-{os.urandom(8).hex()}.lock"
    try:
        handle = os.open(path, SAFE_FLAGS | os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except OSError as error:
        raise InputOutputError(f"cannot write {path}: {error.strerror}") from None
    try_lock(handle)
    try:
        yield
    finally:
        release_lock(handle, path)


def wait_for_workers(folder: Path, *, max_seconds: float = MAX_WAIT_SECONDS) -> None:
    """Wait until no worker process writes into the folder of a swap, and remove the lock files of those that died.

    Raises InputOutputError after `max_seconds`.
    """
    started, is_reported = time.monotonic(), False
    while not all(_remove_if_free(path) for path in worker_locks(folder)):
        waited = time.monotonic() - started
        if waited > max_seconds:
            hint = "wait until they have ended, or end them"
            raise InputOutputError(f"worker processes of an earlier swap are still writing {folder}", hint=hint)
        if waited > PATIENCE_SECONDS and not is_reported:
            warn(f"waiting for the worker processes of an earlier swap in {folder}")
            is_reported = True
        time.sleep(POLL_SECONDS)


def worker_locks(folder: Path) -> list[Path]:
    """The lock files of worker processes in the folder of a swap."""
    return [path for path in folder.iterdir() if LOCK_NAME.fullmatch(path.name)]


def _remove_if_free(path: Path) -> bool:
    """Remove a lock file unless a process holds its lock; returns whether it is gone."""
    try:
        handle = os.open(path, SAFE_FLAGS | os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if not try_lock(handle):
        os.close(handle)
        return False
    release_lock(handle, path)
    return True
