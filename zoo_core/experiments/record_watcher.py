"""A watcher for records that other processes write; it polls, since a dask worker may write over a network folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RunFolderError
from zoo_core.experiments.records import Trial, TrialRecord, read_record, record_path

POLL_SECONDS = 0.3


@contextmanager
def watch_records(
    trials: Mapping[str, tuple[Path, Trial]],
    on_record: Callable[[TrialRecord], None],
    *,
    poll_seconds: float = POLL_SECONDS,
) -> Iterator[None]:
    """Call `on_record` once with each record written inside the block; those found last are reported at its end.

    `trials` maps the name of a trial to the swap folder and the trial. A thread calls `on_record`, except at the end.
    """
    stopped = threading.Event()
    pending = dict(trials)
    times_before = {name: _modification_time(folder, trial) for name, (folder, trial) in trials.items()}

    def report_new() -> None:
        for name, (folder, trial) in list(pending.items()):
            with suppress(RunFolderError, InputOutputError):  # Windows opens no file that is being replaced
                is_new = _modification_time(folder, trial) != times_before[name]
                if is_new and (record := read_record(folder, trial)) is not None:
                    del pending[name]
                    on_record(record)

    def poll() -> None:
        while not stopped.wait(poll_seconds):
            report_new()

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
    report_new()


def _modification_time(folder: Path, trial: Trial) -> int:
    """The record's time in nanoseconds; 0 if there is no record."""
    try:
        return record_path(folder, trial.name).stat().st_mtime_ns
    except OSError:
        return 0
