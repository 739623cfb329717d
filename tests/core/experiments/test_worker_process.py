"""Worker processes: they end with their parent, hold a lock while they work, and send their warnings back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from tests.limits import POLL_SECONDS, limit
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.experiments import worker_process
from zoo_core.experiments.trials import WorkerJob
from zoo_core.experiments.worker_process import run_job_in_worker, wait_for_workers
from zoo_core.messages import warn

PARENT = """
import os, signal, subprocess, sys
worker = '''
import os, select, sys
from zoo_core.experiments.worker_process import end_with_parent
end_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
select.select([], [], [], float(sys.argv[2]))
print("not ended")
'''
subprocess.Popen([sys.executable, "-c", worker, str(os.getpid()), sys.argv[1]])
signal.pause()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_worker_ends_when_its_parent_is_killed():
    with subprocess.Popen([sys.executable, "-c", PARENT, str(limit())], stdout=subprocess.PIPE) as parent:
        assert int(parent.stdout.readline())
        parent.kill()
        assert parent.stdout.read() == b""  # the worker, which holds the pipe open, has ended


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the number of a dead parent")
def test_a_worker_whose_parent_is_dead_does_nothing(monkeypatch, tmp_path):
    ended = []
    monkeypatch.setattr(os, "_exit", lambda code: ended.append(code) or sys.exit(code))
    with pytest.raises(SystemExit):
        run_job_in_worker(job(tmp_path, parent=1))
    assert ended == [1]


def job(folder, *, parent=0):
    return WorkerJob(str(folder), None, "", None, (), parent=parent)


def test_a_job_holds_a_lock_and_sends_its_warnings_back(tmp_path, monkeypatch, caplog):
    def work(*_):
        assert len(worker_process.worker_locks(tmp_path)) == 1
        with pytest.raises(InputOutputError, match="still writing"):
            wait_for_workers(tmp_path, max_seconds=POLL_SECONDS)
        warn("look\n here")
        raise RecipeError("bad")

    monkeypatch.setattr("zoo_core.experiments.trials.run_job", work)
    outcome = run_job_in_worker(job(tmp_path))
    assert (str(outcome.error), outcome.warnings) == ("bad", ("look\\n here",))
    assert list(tmp_path.iterdir()) == [] and caplog.text == ""


def test_waits_for_a_worker_and_removes_the_locks_of_dead_ones(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(worker_process, "PATIENCE_SECONDS", 0.0)
    (tmp_path / "worker-0123456789abcdef.lock").touch()
    (tmp_path / "worker-mine.lock").touch()
    wait_for_workers(tmp_path)
    assert caplog.text == ""
    held, release = threading.Event(), threading.Event()

    def hold():
        with worker_process._worker_lock(tmp_path):
            held.set()
            release.wait(limit())

    monkeypatch.setattr(worker_process, "warn", lambda text: (warn(text), release.set()))
    threading.Thread(target=hold).start()
    held.wait(limit())
    wait_for_workers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["worker-mine.lock"]
    assert caplog.text.count("waiting for the worker processes") == 1
