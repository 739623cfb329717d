"""Events of a run: a listener gets all of them and changes nothing."""

from __future__ import annotations

from types import ModuleType

import pytest

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import NumericalError
from zoo_core.hookspecs import EVENT_HOOKS
from zoo_core.training.pipeline import train

OURS = {"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp}


def offering(**hooks) -> ModuleType:
    """A plugin of these hooks, handed over as an object."""
    made = ModuleType("offering")
    made.__dict__.update({name: hookimpl(function) for name, function in hooks.items()})
    return made


def interrupt_in_epoch_2(epoch):
    if epoch == 2:
        raise KeyboardInterrupt


@pytest.mark.parametrize("hook", EVENT_HOOKS)
def test_a_listener_that_raises_is_disabled_and_the_run_continues(reviews, small, tmp_path, caplog, hook):
    calls = []

    def deaf():
        calls.append(hook)
        raise ValueError("deaf")

    heard = dict.fromkeys(EVENT_HOOKS, 0)

    def counting(name):
        def count():
            heard[name] += 1

        return count

    listener = offering(**{name: counting(name) for name in EVENT_HOOKS})
    zoo = open_zoo(plugins={**OURS, "deaf": offering(**{hook: deaf}), "listener": listener})
    if hook == "zoo_run_failed":
        with pytest.raises(NumericalError):
            train(small("loss=mse", "optimizer=sgd", "optimizer.lr=1e30", zoo=zoo), reviews, run=tmp_path / "run")
        assert calls == [hook]
        assert heard[hook] == 1
        return
    if hook == "zoo_run_interrupted":
        zoo.plugins.add_listener("stop", offering(zoo_batch_finished=interrupt_in_epoch_2))
        assert train(small(zoo=zoo), reviews, run=tmp_path / "run").summary["epochs"] == 1
        assert calls == [hook]
        assert (heard[hook], heard["zoo_run_finished"]) == (1, 1)
        return
    run = train(small(zoo=zoo), reviews, run=tmp_path / "run")
    quiet = train(small(), reviews, run=tmp_path / "quiet")
    assert run.summary["metrics"] == quiet.summary["metrics"]
    assert calls == [hook]
    (warning,) = [record for record in caplog.records if record.name == "textzoo"]
    assert warning.levelname == "WARNING"
    assert warning.getMessage().startswith('plugin "deaf" (deaf) was disabled')
    epochs = run.summary["epochs"]
    steps = -(-run.summary["rows"]["train"] // 16)
    assert tuple(heard[name] for name in EVENT_HOOKS) == (1, epochs * steps, epochs, 0, 0, 1)


def test_an_interrupt_is_not_attributed_to_the_plugin(reviews, small, tmp_path):
    zoo = open_zoo(plugins={**OURS, "stop": offering(zoo_batch_finished=interrupt_in_epoch_2)})
    run = train(small(zoo=zoo), reviews, run=tmp_path / "run")
    assert zoo.plugins.unavailable == []
    assert (run.summary["interrupted"], run.summary["epochs"], run.summary["best_epoch"]) == ("SIGINT", 1, 1)


def test_events_have_their_arguments(reviews, small, tmp_path):
    told = []
    listener = offering(
        zoo_run_started=lambda settings, rows, num_features: told.append((settings, rows, num_features)),
        zoo_epoch_finished=lambda epoch, metrics, best: told.append((epoch, metrics, best)),
        zoo_run_finished=lambda summary: told.append(summary),
    )
    run = train(small(zoo=open_zoo(plugins={**OURS, "mine": listener})), reviews, run=tmp_path / "run")
    (plan, rows, num_features), *epochs, summary = told
    assert (plan["model"]["use"], rows, num_features) == ("perceptron", run.summary["rows"], run.summary["features"])
    assert [epoch for epoch, _, _ in epochs] == [1, 2, 3]
    assert all(figures.keys() == {"train_loss", "val_loss", "val_accuracy", "val_f1"} for _, figures, _ in epochs)
    assert max(epoch for epoch, _, best in epochs if best) == summary["best_epoch"]
    assert summary == run.summary


def test_a_listener_cannot_change_the_arguments_of_others(reviews, small, tmp_path):
    heard = []
    vandal = offering(
        zoo_epoch_finished=lambda metrics: metrics.clear(), zoo_run_finished=lambda summary: summary.clear()
    )
    later = offering(zoo_epoch_finished=lambda metrics: heard.append(metrics))
    zoo = open_zoo(plugins={**OURS, "a-vandal": vandal, "later": later})
    run = train(small(zoo=zoo), reviews, run=tmp_path / "run")
    assert all(heard)
    assert run.summary["metrics"]
