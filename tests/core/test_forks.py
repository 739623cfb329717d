"""Forked processes: what would wait for threads that a fork does not copy is refused at once."""

from __future__ import annotations

import os
import signal

import polars as pl
import pytest
import torch

from tests.limits import limit
from zoo_core import forks, open_run, train
from zoo_core.data.files.reading import read_table
from zoo_core.errors import ZooError
from zoo_core.parallel import map_chunks
from zoo_core.torch_threads import torch_threads

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def refusal_in_fork(work):
    """The error of a call in a forked process, which ends at the limit of a test if it hangs."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(int(limit()))
        try:
            work()
            os.write(send, b"done")
        except ZooError as error:
            os.write(send, str(error).encode())
        finally:
            os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as stream:
        answer = stream.read().decode()
    os.waitpid(child, 0)
    return answer


def test_a_fork_after_polars_was_used_is_refused(trained, small, reviews, tmp_path, registry):
    pl.Series(range(9)).sort()
    trained.predict(["good"])
    works = {
        "predict": lambda: trained.predict(["good"]),
        "batches": lambda: list(trained.predict_batches([pl.Series(["good"])])),
        "evaluate": lambda: trained.evaluate(),
        "explain": lambda: trained.explain("good"),
        "open": lambda: open_run(trained.folder),
        "train": lambda: train(small(), reviews, run=tmp_path / "run"),
        "read": lambda: read_table(str(reviews), registry),
        "map": lambda: list(map_chunks(pl.Series([1]), len)),
    }
    for name, work in works.items():
        answer = refusal_in_fork(work)
        assert answer.startswith("this process was forked after polars had started its threads"), name
        assert 'multiprocessing.get_context("spawn")' in answer
    assert not (tmp_path / "run").exists() and trained.predict(["good"]).labels


def test_several_torch_threads_are_refused_after_a_fork(monkeypatch):
    monkeypatch.setattr(forks, "_has_polars_threads", lambda: False)

    def use(number):
        with torch_threads(number):
            (torch.ones(300, 300) @ torch.ones(300, 300)).sum()

    with torch_threads(2):
        torch.ones(300, 300) @ torch.ones(300, 300)
    assert "after torch had started" in refusal_in_fork(lambda: use(2))
    assert refusal_in_fork(lambda: use(1)) == "done"


def test_the_threads_of_polars_are_found_by_their_names():
    pl.DataFrame({"a": range(1000)}).sort("a")
    assert forks._has_polars_threads()
