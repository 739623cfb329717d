"""Run folders: a run opens as it was saved, and is written atomically."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from zoo_core import open_run
from zoo_core.errors import InputOutputError, RecipeError, RunFolderError
from zoo_core.runs import store
from zoo_core.runs.folder import claim_run_folder
from zoo_core.training.pipeline import train

TEXTS = ["good warm food", "", "cold rude staff", "nothing known"]


def test_a_run_opens_as_it_was_saved(trained, folder, zoo):
    opened = open_run(folder, zoo=zoo)
    assert opened.plan == trained.plan
    assert opened.head == trained.head
    one, other = trained.predict(TEXTS), opened.predict(TEXTS)
    assert one.labels == other.labels
    assert torch.equal(one.values, other.values)
    assert opened.summary["metrics"] == trained.summary["metrics"]
    assert opened.evaluate() == {"rows": 18, **trained.summary["metrics"]["test"]}


def test_a_run_predicts_with_the_threads_of_its_recipe(trained, monkeypatch):
    """Threads of torch would wait for one another at every small step: twice the time, and another's cores."""
    seen = []
    monkeypatch.setattr(
        "zoo_core.runs.run.predict_scores", lambda *_: (seen.append(torch.get_num_threads()), torch.zeros(1, 2))[1]
    )
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        trained.predict(["good"])
        assert (seen, torch.get_num_threads()) == ([trained.plan.training.threads], 3)
    finally:
        torch.set_num_threads(before)


CONTENTS = {"head.json": b"{}", "model.safetensors": b"x", "recipe.toml": b""}
KILL = """
import os, sys, pathlib
from zoo_core.runs import store
from zoo_core.runs.folder import claim_run_folder
calls = 0
def dying(function):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), 9)
        return function(*args, **kwargs)
    return call
os.fsync = dying(os.fsync)
pathlib.Path.open = dying(pathlib.Path.open)
pathlib.Path.rename = dying(pathlib.Path.rename)
store.write_run(pathlib.Path(sys.argv[1]), CONTENTS)
"""
CHANGES = 2 * (len(CONTENTS) + 1) + 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("change", range(1, CHANGES + 2))
def test_a_kill_between_any_two_writes_leaves_an_unfinished_run(refused, tmp_path, change):
    target = tmp_path / "run"
    target.mkdir()
    code = KILL.replace("CONTENTS", repr(CONTENTS))
    done = subprocess.run([sys.executable, "-c", code, str(target), str(change)], timeout=60)
    killed = change <= CHANGES
    assert done.returncode == (-9 if killed else 0)
    assert store.is_finished(target) is not killed
    assert [path.name for path in target.iterdir()] == [] if killed else True
    if killed:
        refused("this run was not finished", folder=target)
        store.write_run(target, CONTENTS)
    assert {path.name for path in target.iterdir()} == {*CONTENTS, store.MANIFEST}


@pytest.mark.parametrize("change", range(len(CONTENTS) + 1))
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch, change, error):
    left = [change]

    def fsync(_handle):
        left[0] -= 1
        if left[0] < 0:
            raise error

    monkeypatch.setattr(os, "fsync", fsync)
    with (
        pytest.raises(InputOutputError if isinstance(error, OSError) else KeyboardInterrupt),
        claim_run_folder(tmp_path / "deep" / "run", "name") as folder,
    ):
        store.write_run(folder, CONTENTS)
    assert list(tmp_path.iterdir()) == []


def test_rejects_a_folder_that_is_not_empty(tmp_path, reviews, small):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    for wanted, said in ((tmp_path / "run", "is not empty"), (tmp_path / "run" / "mine.txt", "is a file")):
        with pytest.raises(RecipeError, match=said):
            train(small(), reviews, run=wanted)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["mine.txt"]


def test_the_faster_run_stays(tmp_path):
    with claim_run_folder(tmp_path / "run", "name") as folder:
        (folder / "other").write_text("quicker")
        with pytest.raises(RunFolderError, match="another run was written into this folder meanwhile"):
            store.write_run(folder, CONTENTS)
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "other"]


def test_chooses_the_next_free_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "my-recipe-2").mkdir(parents=True)
    names = []
    for _ in range(2):
        with claim_run_folder(None, "some/where/My Recipe.toml") as folder:
            names.append(str(folder))
            store.write_run(folder, CONTENTS)
    assert names == [str(Path("runs/my-recipe-1")), str(Path("runs/my-recipe-3"))]
