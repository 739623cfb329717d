"""The watcher of records: each new record is reported once, at the latest when the block ends."""

from __future__ import annotations

import threading

import pytest

from tests.limits import limit
from zoo_core.experiments.record_watcher import watch_records
from zoo_core.experiments.records import Trial, record_path, write_record

TRIALS = [Trial(f"{number:02d}-a", f"a, seed {number}", 0, number, 0, "") for number in range(3)]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "records").mkdir()
    return tmp_path


def write(folder, trial):
    record = {"trial": trial.name, "title": trial.title, "design": "", "variant": 0, "seed": trial.seed, "fold": 0}
    write_record(folder, {**record, "status": "failed", "reason": "it failed", "exit_code": 3})


def watched(folder):
    return {trial.name: (folder, trial) for trial in TRIALS}


def test_a_record_is_reported_while_others_are_pending(folder):
    reported, seen = [], threading.Event()

    def on_record(record):
        reported.append(record["seed"])
        seen.set()

    with watch_records(watched(folder), on_record, poll_seconds=0.001):
        write(folder, TRIALS[1])
        assert seen.wait(limit())
        assert reported == [1]
    assert reported == [1]


def test_the_last_records_are_reported_at_the_end(folder):
    reported = []
    with watch_records(watched(folder), lambda record: reported.append(record["seed"]), poll_seconds=60):
        write(folder, TRIALS[0])
        write(folder, TRIALS[2])
        assert reported == []
    assert reported == [0, 2]


def test_records_from_before_are_not_reported(folder):
    write(folder, TRIALS[0])
    reported = []
    with watch_records(watched(folder), reported.append, poll_seconds=60):
        pass
    assert reported == []


def test_an_invalid_record_is_not_reported(folder):
    reported = []
    with watch_records(watched(folder), reported.append, poll_seconds=60):
        record_path(folder, TRIALS[0].name).write_text("{", "utf-8")
    assert reported == []
