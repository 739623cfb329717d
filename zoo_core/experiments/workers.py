"""Worker processes: jobs run in parallel with joblib, on this machine or wherever its dask backend reaches.

Joblib pickles jobs between processes that it started; no pickle is ever read from a file.
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

from zoo_core.child_process import safe_import_path
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError, ZooError
from zoo_core.messages import LOGGER

if TYPE_CHECKING:
    from zoo_core.experiments.records import TrialRecord
    from zoo_core.experiments.trials import WorkerJob

WARM_UP_SECONDS = 0.1  # longer than a call takes to start, so that each process takes one


def usable_cores() -> int:
    """Count the cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_per_process(requested: int, jobs: int) -> int:
    """Threads for each of `jobs` processes: as many as requested, unless that oversubscribes the cores."""
    return max(1, min(requested, usable_cores() // jobs)) if jobs > 1 else requested


def run_jobs(
    worker_jobs: Sequence[WorkerJob],
    jobs: int,
    backend: str,
    threads: int,
    on_record: Callable[[TrialRecord], None],
) -> None:
    """Run every worker job, `jobs` at a time. Calls `on_record` with each new record."""
    import joblib

    from zoo_core.experiments.record_watcher import watch_records

    trials = {trial.name: (Path(job.folder), trial) for job in worker_jobs for trial in job.trials}
    with _backend(backend, jobs, threads) as parallel, watch_records(trials, on_record):
        errors = joblib.Parallel(batch_size=1, pre_dispatch="all", **parallel)(
            joblib.delayed(run_job_in_worker)(job) for job in worker_jobs
        )
    for error in errors:
        if error is not None:
            raise error


@contextmanager
def warm_pool(jobs: int, backend: str, threads: int) -> Iterator[Callable[[], None]]:
    """Start worker processes in the background and load their dependencies; the yielded call waits for them."""
    if jobs == 1 or backend != "loky":
        yield lambda: None
        return
    import joblib

    def warm_up() -> None:
        with _backend(backend, jobs, threads) as parallel:
            joblib.Parallel(batch_size=1, pre_dispatch="all", **parallel)(
                joblib.delayed(load_dependencies)() for _ in range(jobs)
            )

    thread = threading.Thread(target=warm_up, daemon=True)
    thread.start()
    try:
        yield thread.join
    finally:
        thread.join()


def load_dependencies() -> None:
    """Import what training needs, then wait, so that every process takes one such call."""
    import zoo_core.experiments.trials  # noqa: F401

    time.sleep(WARM_UP_SECONDS)


def _print_warnings() -> None:
    """Print warnings of the library to standard error: a worker process has nothing else to show them."""
    logger = logging.getLogger(LOGGER)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("zoo: warning: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False


def run_job_in_worker(job: WorkerJob) -> ZooError | None:
    """Run a job in a worker process. Returns the error that stopped it, None if nothing did."""
    from zoo_core.experiments.trials import run_job

    _print_warnings()
    with suppress(ValueError):  # a thread of dask's cannot set signal handlers
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends its workers
    try:
        run_job(job, open_zoo(disabled=job.disabled, files=job.files), lambda _record: None)
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
            with safe_import_path(), joblib.parallel_config(backend="loky", inner_max_num_threads=threads):
                yield {"n_jobs": jobs}
            return
        with safe_import_path(), _dask_client(jobs), joblib.parallel_config(backend="dask"):
            yield {"n_jobs": -1}
    finally:
        os.environ.pop("POLARS_MAX_THREADS", None)
        if before is not None:
            os.environ["POLARS_MAX_THREADS"] = before


@contextmanager
def _dask_client(jobs: int) -> Iterator[None]:
    """Connect to the configured dask cluster (DASK_SCHEDULER_ADDRESS), or start one on this machine."""
    require_dask()
    import dask
    from distributed import Client, LocalCluster

    if dask.config.get("scheduler-address", None):
        with Client():
            yield
        return
    options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with LocalCluster(n_workers=jobs, processes=True, **options) as cluster, Client(cluster):
        yield


def require_dask() -> None:
    """Raise RecipeError if dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise RecipeError("--backend dask requires dask", hint="pip install 'textzoo[dask]'") from None
