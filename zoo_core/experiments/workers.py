"""Cells done by several processes at once, through joblib: on this machine, or wherever its dask backend reaches.

Joblib's own pickles pass between processes that it started, and are never a file of ours.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core.config.zoo import open_zoo
from zoo_core.errors import InputOutputError, RecipeError, RunFolderError, ZooError
from zoo_core.messages import LOGGER

if TYPE_CHECKING:
    from zoo_core.experiments.trials import Trial, TrialRecord, WorkerJob

POLL_SECONDS = 0.3  # seconds between looks at what has been recorded


def usable_cores() -> int:
    """The cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_per_process(wanted: int, jobs: int) -> int:
    """Threads for each of so many processes: as many as are wanted, unless that oversubscribes the cores."""
    return max(1, min(wanted, usable_cores() // jobs)) if jobs > 1 else wanted


def run_jobs(
    worker_jobs: Sequence[WorkerJob], jobs: int, backend: str, threads: int, on_record: Callable[[TrialRecord], None]
) -> None:
    """Do every work, `jobs` at a time; `told` hears of each cell that gets a record meanwhile."""
    import joblib

    wanted = {cell.name: (Path(work.folder), cell) for work in worker_jobs for cell in work.trials}
    with _backend(backend, jobs, threads) as parallel, _watched(wanted, on_record):
        answers = joblib.Parallel(batch_size=1, pre_dispatch="all", **parallel)(
            joblib.delayed(run_job_in_worker)(work) for work in worker_jobs
        )
    for error in answers:
        if error is not None:
            raise error


@contextmanager
def warm_pool(jobs: int, backend: str, threads: int) -> Iterator[Callable[[], None]]:
    """Processes started, and what they need loaded in them, beside what is done inside; the call waits for them."""
    if jobs == 1 or backend != "loky":
        yield lambda: None
        return
    import joblib

    def warm() -> None:
        with _backend(backend, jobs, threads) as parallel:
            joblib.Parallel(batch_size=1, pre_dispatch="all", **parallel)(
                joblib.delayed(load_dependencies)() for _ in range(jobs)
            )

    thread = threading.Thread(target=warm, daemon=True)
    thread.start()
    try:
        yield thread.join
    finally:
        thread.join()


def load_dependencies() -> None:
    """Load what a training needs; a moment longer than it takes to start, so that each process takes one such call."""
    import zoo_core.experiments.trials  # noqa: F401

    time.sleep(0.1)


def _print_warnings() -> None:
    """Print warnings of the library to standard error, all that a worker process has to show them."""
    logger = logging.getLogger(LOGGER)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("zoo: warning: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False


def run_job_in_worker(work: WorkerJob) -> ZooError | None:
    """Do a work in a process of its own; the error that stopped it, None for none."""
    from zoo_core.experiments.trials import run_job

    _print_warnings()
    with suppress(ValueError):  # a thread of dask's has no signals
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this process ends it
    try:
        run_job(work, open_zoo(disabled=work.disabled, files=work.files), lambda _record: None)
    except ZooError as error:
        return error
    return None


@contextmanager
def _backend(name: str, jobs: int, threads: int) -> Iterator[dict[str, Any]]:
    import joblib

    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = str(max(1, usable_cores() // jobs))
    try:
        if name == "loky":
            with joblib.parallel_config(backend="loky", inner_max_num_threads=threads):
                yield {"n_jobs": jobs}
            return
        with _dask(jobs), joblib.parallel_config(backend="dask"):
            yield {"n_jobs": -1}
    finally:
        os.environ.pop("POLARS_MAX_THREADS", None)
        if before is not None:
            os.environ["POLARS_MAX_THREADS"] = before


@contextmanager
def _dask(jobs: int) -> Iterator[None]:
    """A client of the cluster that dask is configured for (DASK_SCHEDULER_ADDRESS), or of one on this machine."""
    require_dask()
    import dask
    from distributed import Client, LocalCluster

    if dask.config.get("scheduler-address", None):
        with Client():
            yield
        return
    plain = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with LocalCluster(n_workers=jobs, processes=True, **plain) as cluster, Client(cluster):
        yield


def require_dask() -> None:
    """RecipeError where dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise RecipeError("--backend dask needs dask", hint="pip install 'textzoo[dask]'") from None


@contextmanager
def _watched(wanted: dict[str, tuple[Path, Trial]], told: Callable[[TrialRecord], None]) -> Iterator[None]:
    """While inside, look for records of these cells that are new, and tell of each once."""
    from zoo_core.experiments.trials import read_record

    over = threading.Event()
    left, before = dict(wanted), {name: _stamp(folder, cell) for name, (folder, cell) in wanted.items()}

    def look() -> None:
        for name, (folder, cell) in list(left.items()):
            with suppress(RunFolderError, InputOutputError):  # Windows opens no file that is being replaced
                if _stamp(folder, cell) != before[name] and (record := read_record(folder, cell)) is not None:
                    del left[name]
                    told(record)

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    look()


def _stamp(folder: Path, cell: Trial) -> int:
    try:
        return (folder / "records" / f"{cell.name}.json").stat().st_mtime_ns
    except OSError:
        return 0
