"""Worker processes: jobs run in parallel with joblib, on this machine or wherever its dask backend reaches.

Joblib pickles jobs between processes that it started; no pickle is ever read from a file.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core.child_process import safe_import_path
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.experiments.worker_process import (
    end_with_parent,
    load_dependencies,
    run_job_in_worker,
    wait_for_workers,
)
from zoo_core.messages import warn

if TYPE_CHECKING:
    from zoo_core.experiments.records import TrialRecord
    from zoo_core.experiments.trials import WorkerJob

INTERRUPT_SECONDS = 10.0  # for workers to end; those on another machine may not
_pool = threading.Lock()  # joblib has one pool of processes in a program, and their environment is ours


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
    try:
        with _pool, _backend(backend, jobs, threads) as parallel, watch_records(trials, on_record):
            outcomes = joblib.Parallel(batch_size=1, pre_dispatch="all", **parallel)(
                joblib.delayed(run_job_in_worker)(job) for job in worker_jobs
            )
    except BaseException:
        _remove_unfinished(worker_jobs)
        raise
    for warning in dict.fromkeys(warning for outcome in outcomes for warning in outcome.warnings):
        warn(warning)
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error


def _remove_unfinished(worker_jobs: Sequence[WorkerJob]) -> None:
    """Remove what workers that were ended left of their trials."""
    from zoo_core.experiments.trials import remove_unfinished

    folder = Path(worker_jobs[0].folder)
    with suppress(InputOutputError):
        wait_for_workers(folder, max_seconds=INTERRUPT_SECONDS)
        for job in worker_jobs:
            for trial in job.trials:
                remove_unfinished(folder, trial)


@contextmanager
def warm_pool(jobs: int, backend: str, threads: int) -> Iterator[Callable[[], None]]:
    """Start worker processes in the background and load their dependencies; the yielded call waits for them."""
    if jobs == 1 or backend != "loky":
        yield lambda: None
        return
    import joblib

    _start_tracker()

    def warm_up() -> None:
        # a worker that was ended before its first trial: the trials report it
        with suppress(Exception), _pool, _backend(backend, jobs, threads) as parallel:
            joblib.Parallel(batch_size=1, pre_dispatch="all", **parallel)(
                joblib.delayed(load_dependencies)() for _ in range(jobs)
            )

    thread = threading.Thread(target=warm_up, daemon=True)
    thread.start()
    try:
        yield thread.join
    finally:
        thread.join()


def _start_tracker() -> None:
    """Start the process that removes what workers leave, so that it survives a closed terminal and can do so."""
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is None or threading.current_thread() is not threading.main_thread():
        return
    from joblib.externals.loky.backend import resource_tracker

    before = signal.signal(hang_up, signal.SIG_IGN)  # which a new process inherits
    try:
        with safe_import_path():
            resource_tracker.ensure_running()
    finally:
        signal.signal(hang_up, before)


@contextmanager
def _backend(name: str, jobs: int, threads: int) -> Iterator[dict[str, Any]]:
    import joblib

    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = str(max(1, usable_cores() // jobs))
    try:
        if name == "loky":
            watch = {"initializer": end_with_parent, "initargs": (os.getpid(),)}
            with safe_import_path(), joblib.parallel_config("loky", inner_max_num_threads=threads, **watch):
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
