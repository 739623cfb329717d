"""What listeners are told: which run it is, its place in a swap, rates and losses, and how it ended."""

from __future__ import annotations

import shutil

import pytest

from tests.core.training.test_events import OURS, interrupt_in_epoch_2, offering
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import NumericalError
from zoo_core.experiments.swapping.swap import swap
from zoo_core.runs.store import staging_folder
from zoo_core.training.pipeline import train
from zoo_core.training.resume import resume


def copy_checkpoint(run):
    """A listener that copies the unfinished run at the start of epoch 3."""

    def copy(epoch, step):
        if (epoch, step) == (3, 1):
            shutil.copytree(staging_folder(run), run.parent / "copy")

    return copy


def resume_copy(run, zoo):
    """Resume the copy of an unfinished run, in place of the finished one."""
    shutil.rmtree(run)
    shutil.rmtree(staging_folder(run), ignore_errors=True)
    shutil.copytree(run.parent / "copy", staging_folder(run))
    return resume(run, zoo=zoo)


@pytest.fixture
def told():
    """The ends and beginnings of runs, and a zoo with the listener that collects them."""
    events = []
    hooks = {
        "zoo_run_started": lambda run_id, folder, recipe, data, trial: events.append(
            ("started", run_id, folder, recipe, data, trial)
        ),
        "zoo_run_interrupted": lambda run_id, signal, epochs: events.append(("interrupted", run_id, signal, epochs)),
        "zoo_run_failed": lambda run_id, error, exit_code: events.append(("failed", run_id, error, exit_code)),
        "zoo_run_finished": lambda run_id, summary: events.append(("finished", run_id, summary["run"])),
    }
    return events, open_zoo(plugins={**OURS, "told": offering(**hooks)})


def test_a_listener_is_told_which_run_it_is(told, reviews, small, tmp_path):
    events, zoo = told
    run = train(small(zoo=zoo), reviews, run=tmp_path / "run")
    train(small(zoo=zoo), reviews, run=tmp_path / "other")
    (_, run_id, folder, recipe, data, trial), (_, end_id, written), (_, other_id, *_), _ = events
    assert (folder, recipe, trial) == (str(tmp_path / "run"), run.summary["recipe"], {})
    assert data == run.summary["data"]
    assert (end_id, written) == (run_id, run.summary["run"])
    assert other_id != run_id


def test_a_run_that_fails_says_why(told, reviews, small, tmp_path):
    events, zoo = told
    with pytest.raises(NumericalError) as caught:
        train(small("loss=mse", "optimizer=sgd", "optimizer.lr=1e30", zoo=zoo), reviews, run=tmp_path / "run")
    started, failed = events
    assert failed == ("failed", started[1], str(caught.value), 6)


def test_an_interrupt_is_told_before_the_run_is_written(told, reviews, small, tmp_path):
    events, zoo = told
    zoo.plugins.add_listener("stop", offering(zoo_batch_finished=interrupt_in_epoch_2))
    train(small(zoo=zoo), reviews, run=tmp_path / "run")
    assert [event[0] for event in events] == ["started", "interrupted", "finished"]
    assert events[1][2:] == ("SIGINT", 1)


def test_an_interrupt_outside_of_the_loop_is_the_end(told, reviews, small, tmp_path, monkeypatch):
    events, zoo = told

    def stop(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("zoo_core.training.training_run._score_best", stop)
    with pytest.raises(KeyboardInterrupt):
        train(small(zoo=zoo), reviews, run=tmp_path / "run")
    assert [event[0] for event in events] == ["started", "interrupted"]


def test_a_resumed_run_has_the_same_id(told, reviews, small, tmp_path):
    events, zoo = told
    zoo.plugins.add_listener("copy", offering(zoo_batch_finished=copy_checkpoint(tmp_path / "run")))
    train(small("training.checkpoint=0", zoo=zoo), reviews, run=tmp_path / "run")
    resume_copy(tmp_path / "run", zoo)
    assert [event[0] for event in events] == ["started", "finished"] * 2
    assert len({event[1] for event in events}) == 1


def test_a_batch_has_its_loss_and_its_rate(reviews, small, tmp_path):
    batches, rates = [], []
    listener = offering(
        zoo_batch_finished=lambda loss, learning_rate: batches.append((loss, learning_rate)),
        zoo_epoch_finished=lambda metrics, learning_rate: rates.append((metrics["train_loss"], learning_rate)),
    )
    zoo = open_zoo(plugins={**OURS, "mine": listener})
    train(small("optimizer.lr=0.25", "training.epochs=1", zoo=zoo), reviews, run=tmp_path / "run")
    losses = [loss for loss, _ in batches]
    assert {rate for _, rate in batches} == {0.25}
    assert rates[0] == (pytest.approx(sum(losses) / len(losses)), 0.25)


def test_a_trial_says_its_place_in_a_swap(told, reviews, small, tmp_path):
    events, zoo = told
    swap(small("training.epochs=1", zoo=zoo), "optimizer=adam,sgd", data=reviews, seeds=2, run=tmp_path / "swap")
    trials = [event[5] for event in events if event[0] == "started"]
    assert len(trials) == 4
    assert {trial["swap"] for trial in trials} == {str(tmp_path / "swap")}
    assert {trial["variant"] for trial in trials} == {"adam", "sgd"}
    assert len({(trial["variant"], trial["seed"]) for trial in trials}) == 4
    assert {trial["fold"] for trial in trials} == {trials[0]["fold"]}
