"""Run folders: a run opens as it was saved, and is written atomically."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from zoo_core import open_run
from zoo_core.errors import InputOutputError, RecipeError, RunFolderError
from zoo_core.runs import store
from zoo_core.runs.folder import claim_run_folder
from zoo_core.runs.staging import resume_hint, staging_area
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
        "zoo_core.runs.views.prediction.predict_scores",
        lambda *_: (seen.append(torch.get_num_threads()), torch.zeros(1, 2))[1],
    )
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        trained.predict(["good"])
        assert (seen, torch.get_num_threads()) == ([trained.plan.training.threads], 3)
    finally:
        torch.set_num_threads(before)


CONTENTS = dict.fromkeys(store.REQUIRED_FILES, b"x")
CHANGES = 2 * len(CONTENTS) + 11


def write_and_die(folder: Path, change: int) -> int:
    """Write a run in another process, which is killed before its n-th change of the disk; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    calls = iter(range(1, 999))

    def dying(function):
        def call(*args, **kwargs):
            if next(calls) == change:
                os.kill(os.getpid(), 9)
            return function(*args, **kwargs)

        return call

    with claim_run_folder(folder, "name") as folder:
        for name in ("fsync", "rename", "replace", "unlink", "rmdir", "mkdir"):
            setattr(os, name, dying(getattr(os, name)))
        store.write_run(folder, CONTENTS)
    os._exit(0)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("place", ["beside", "inside"])
@pytest.mark.parametrize("change", range(1, CHANGES + 3))
def test_a_kill_between_any_two_changes_leaves_a_run_that_is_finished_later(tmp_path, change, place):
    target = tmp_path / "run"
    if place == "inside":
        (target / store.INSIDE).mkdir(parents=True)
    code = write_and_die(target, change)
    assert code == (-9 if change <= CHANGES else 0)
    if not store.is_finished(target):
        with pytest.raises(RunFolderError, match="this run was not finished"):
            store.read_run(target)
    if store.staging_folder(target).exists():
        was_complete = store.is_finished(target) or store.has_staged_run(target)
        assert was_complete or store.is_empty(target)
        with staging_area(target, resume=True):
            assert store.finish_run(target) or store.is_finished(target) or not was_complete
            if not was_complete:
                store.write_run(target, CONTENTS)
    assert {path.name: path.read_bytes() for path in target.iterdir() if path.name != store.MANIFEST} == CONTENTS
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("nth", range(1, 2 * len(CONTENTS) + 4))
def test_a_run_that_cannot_be_moved_is_finished_later(tmp_path, monkeypatch, nth):
    """An error at any rename or fsync after the run is written; of a training that has no checkpoint."""
    calls = iter(range(1, 99))

    def failing(function):
        def call(*args, **kwargs):
            if next(calls) == nth:
                raise OSError(5, "Input/output error")
            return function(*args, **kwargs)

        return call

    target = tmp_path / "run"
    with pytest.raises(InputOutputError) as caught, claim_run_folder(target, "name"), monkeypatch.context() as patch:
        for name in ("rename", "replace", "fsync"):
            patch.setattr(os, name, failing(getattr(os, name)))
        store.write_run(target, CONTENTS)
        raise InputOutputError("late")
    if store.is_finished(target):
        return
    if store.has_staged_run(target):
        assert caught.value.__notes__ == [f"the unfinished training is kept: {resume_hint(target)}"]
        with staging_area(target, resume=True):
            assert store.finish_run(target)
        assert store.is_finished(target)
    else:
        assert list(tmp_path.iterdir()) == []


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
