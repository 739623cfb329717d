"""The loop: the numbers of a plain torch loop, the best weights kept, and every way it may end."""

from __future__ import annotations

import math
from types import ModuleType

import pytest
import torch
from attrs import evolve
from torch import nn

from zoo_core import hookimpl, open_zoo
from zoo_core.errors import NumericalError, Terminated
from zoo_core.evaluation import evaluator
from zoo_core.evaluation.evaluator import Evaluator, head_for
from zoo_core.recipes.plan import Training
from zoo_core.seeds import seeded
from zoo_core.training.early_stopping import copy_weights
from zoo_core.training.loop import TrainingContext, train_loop
from zoo_core.training.pipeline import fit, prepare, train
from zoo_core.training.rows.epochs import EpochBatches


@pytest.fixture(scope="module")
def prepared(reviews, small):
    return prepare(small(), reviews)


def build_module(prepared, plan) -> nn.Module:
    """The untrained module, as `zoo_core.training.training_run` makes it."""
    outputs = plan.loss.outputs(len(prepared.classes))
    with seeded(plan.training.seed, "init", "model"):
        return plan.model.build(num_features=prepared.encoder.num_features, num_outputs=outputs)


class Listening:
    """Events of a loop, handed to a function as hook and arguments."""

    def __init__(self, notify):
        self.notify = notify

    def batch_finished(self, optimizer, loss, **event):
        self.notify("zoo_batch_finished", **event)

    def epoch_finished(self, optimizer, epoch, metrics, best):
        self.notify("zoo_epoch_finished", epoch=epoch, metrics=metrics, best=best)


def run_loop(prepared, plan, *, module=None, evaluator=None, notify=lambda _hook, **_arguments: None):
    """The result of the loop alone, and the module it trained."""
    module = module or build_module(prepared, plan)
    head = head_for(plan.loss, prepared.classes)
    evaluator = evaluator or Evaluator(head, plan.loss.build(class_weights=None), plan.training.metrics)
    splits = prepared.splits
    train = EpochBatches(open_zoo().registry, plan, splits["train"])
    context = TrainingContext(plan, train, splits["val"], evaluator, evaluator.loss, Listening(notify))
    return train_loop(module, context), module


def same_weights(one, other) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def train_plainly(prepared, plan, optimizer, *, l1=0.0, clip=0.0):
    """The textbook's loop written out: dense vectors, `nn.Linear`, `BCEWithLogitsLoss`."""
    train = prepared.splits["train"]
    epochs = EpochBatches(open_zoo().registry, plan, train)
    dense, targets = train.features.to_dense(), train.targets.float()
    linear = build_module(prepared, plan).affine.linear.to_linear()
    optimizer = optimizer(linear.parameters())
    loss_function = nn.BCEWithLogitsLoss()
    losses = []
    for epoch in range(1, plan.training.epochs + 1):
        running = []
        for batch in epochs.of_epoch(epoch):
            optimizer.zero_grad()
            loss = loss_function(linear(dense[batch.rows]).squeeze(1), targets[batch.rows])
            running.append(loss.item())
            (loss + l1 * linear.weight.abs().sum()).backward()
            if clip:
                nn.utils.clip_grad_norm_(linear.parameters(), clip)
            optimizer.step()
        losses.append(sum(running) / len(running))
    return linear, losses


LOOPS = {  # settings of the recipe, of the loop, and torch's optimizer
    "adam": ({}, {}, lambda p: torch.optim.Adam(p, lr=0.1)),
    "L1": ({}, {"l1": 0.01}, lambda p: torch.optim.Adam(p, lr=0.1)),
    "clip": ({}, {"clip": 0.1}, lambda p: torch.optim.Adam(p, lr=0.1)),
    "both": ({}, {"l1": 0.01, "clip": 0.1}, lambda p: torch.optim.Adam(p, lr=0.1)),
    "decay": ({"optimizer.weight_decay": 0.1}, {}, lambda p: torch.optim.Adam(p, lr=0.1, weight_decay=0.1)),
    "sgd": (
        {"optimizer": "sgd", "optimizer.lr": 0.5, "optimizer.momentum": 0.9},
        {},
        lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9),
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_the_numbers_of_a_plain_loop(prepared, small, name):
    settings, loop, optimizer = LOOPS[name]
    settings = {**settings, **{f"training.{key}": value for key, value in loop.items()}}
    recipe = small("scheduler=none", "training.patience=0", *(f"{key}={value}" for key, value in settings.items()))
    outcome, module = run_loop(prepared, recipe.plan())
    linear, losses = train_plainly(prepared, recipe.plan(), optimizer, **loop)
    torch.testing.assert_close(module.affine.linear.weight.T, linear.weight)
    torch.testing.assert_close(module.affine.linear.bias, linear.bias)
    assert [figures["train_loss"] for figures in outcome.history] == pytest.approx(losses, rel=1e-5)


class Scripted:
    """An evaluator whose validation metrics are given."""

    def __init__(self, figures):
        self.left = list(figures)
        self.loss = lambda scores, targets: (scores.squeeze(1) - targets).square().mean()

    def evaluate(self, module, split):
        figure = self.left.pop(0)
        return {"loss": figure, "accuracy": figure}


@pytest.mark.parametrize(
    ("figures", "patience", "monitor", "epochs", "best"),
    [
        ([3, 2, 1, 2, 2, 2, 2], 2, "loss", 5, 3),
        ([1, 1, 1, 1, 1, 1, 1], 3, "loss", 4, 1),
        ([3, 4, 2, 3, 1, 2, 3], 2, "loss", 7, 5),
        ([1, 2, 3, 4, 5, 6, 7], 0, "loss", 7, 1),
        ([1, 2, 3, 2, 3, 3, 9], 2, "accuracy", 5, 3),
        ([7, 6, 5, 4, 3, 2, 1], 1, "loss", 7, 7),
    ],
)
def test_early_stopping_keeps_the_best_weights(prepared, small, figures, patience, monitor, epochs, best):
    plan = small(f"training.patience={patience}", f"training.monitor={monitor}", "training.epochs=7").plan()
    kept, told = [], []

    def notify(hook, **arguments):
        if hook == "zoo_epoch_finished":
            kept.append(copy_weights(module))
            told.append(arguments["best"])

    module = build_module(prepared, plan)
    outcome, _ = run_loop(prepared, plan, module=module, evaluator=Scripted(figures), notify=notify)
    assert (len(outcome.history), outcome.best_epoch) == (epochs, best)
    assert same_weights(outcome.weights, kept[best - 1])
    assert best == epochs or not same_weights(outcome.weights, kept[-1])
    assert max(at for at, new in enumerate(told, start=1) if new) == best


class Stepped:
    """A scheduler, and the optimizer of its schedule, that only count."""

    def __init__(self, steps, *, needs_metric=False):
        self.interval, self.needs_metric, self.calls = steps, needs_metric, []

    def build(self, optimizer, *, epochs, steps_per_epoch):
        self.planned = (epochs, steps_per_epoch)
        return self

    def step(self, *figure):
        self.calls.append(figure)


def test_schedulers_step_as_they_declare(prepared, small):
    plan = small("training.monitor=accuracy").plan()
    schedulers = [Stepped("never"), Stepped("batch"), Stepped("epoch"), Stepped("epoch", needs_metric=True)]
    for scheduler in schedulers:
        evaluator = Scripted([0.5, 0.75, 0.25])
        run_loop(prepared, evolve(plan, scheduler=scheduler), evaluator=evaluator)
        assert scheduler.planned == (3, 6)
    expected = [[], [()] * 18, [()] * 3, [(-0.5,), (-0.75,), (-0.25,)]]
    assert [scheduler.calls for scheduler in schedulers] == expected


class Poisoned(nn.Module):
    """A model whose scores are not numbers from the n-th batch of training on, or in evaluation."""

    def __init__(self, own, *, at=math.inf, value=torch.nan, evaluation=False):
        super().__init__()
        self.own, self.at, self.value, self.evaluation, self.calls = own, at, value, evaluation, 0

    def forward(self, features):
        self.calls += self.training
        bad = self.calls >= self.at if self.training else self.evaluation
        return self.own(features) * (self.value if bad else 1)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_reports_epoch_and_step_of_a_loss_that_is_not_finite(prepared, small, value):
    plan = small().plan()
    with pytest.raises(NumericalError, match=r"the loss became (nan|inf) in epoch 2, step 3 .*optimizer\.lr") as caught:
        run_loop(prepared, plan, module=Poisoned(build_module(prepared, plan), at=9, value=value))
    assert caught.value.exit_code == 6
    with pytest.raises(NumericalError, match=r"on the validation split, loss became (nan|inf) in epoch 1"):
        run_loop(prepared, plan, module=Poisoned(build_module(prepared, plan), value=value, evaluation=True))


def test_a_run_that_diverged_leaves_nothing(small, reviews, tmp_path):
    with pytest.raises(NumericalError, match="in epoch"):
        train(small("loss=mse", "optimizer=sgd", "optimizer.lr=1e30"), reviews, run=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("stop", "epochs"), [(1, 0), (3, 2)])
@pytest.mark.parametrize(("signal", "error"), [("SIGINT", KeyboardInterrupt), ("SIGTERM", Terminated)])
def test_an_interrupt_keeps_the_best(prepared, small, stop, epochs, signal, error):
    plan = small("training.patience=0").plan()
    kept = []

    def notify(hook, **arguments):
        kept.append(copy_weights(module)) if hook == "zoo_epoch_finished" else None
        if hook == "zoo_batch_finished" and (arguments["epoch"], arguments["step"]) == (stop, 2):
            raise error

    module = build_module(prepared, plan)
    outcome, _ = run_loop(prepared, plan, module=module, evaluator=Scripted([1, 2, 3]), notify=notify)
    assert (len(outcome.history), outcome.best_epoch) == (epochs, min(epochs, 1))
    assert outcome.interrupted == signal
    assert same_weights(outcome.weights, kept[0] if kept else copy_weights(module))


def test_the_test_split_is_scored_once_at_the_end(prepared, small, tmp_path, monkeypatch):
    scored = []

    def score(module, features):
        name = next(name for name, own in prepared.splits.items() if torch.equal(own.features.ids, features.ids))
        scored.append((name, copy_weights(module)))
        return plain(module, features)

    plain = evaluator.predict_scores
    monkeypatch.setattr(evaluator, "predict_scores", score)
    run = fit(small(), prepared, run=tmp_path / "run")
    assert [name for name, _ in scored] == ["val"] * (run.summary["epochs"] + 1) + ["test"]
    assert same_weights(scored[-1][1], copy_weights(run.module))


@pytest.mark.parametrize(("steps", "epochs"), [(0, 9), (1, 2), (10, 2), (11, 3), (16, 4), (45, 9), (46, 9)])
def test_a_small_training_split_gets_more_epochs(steps, epochs):
    assert Training(epochs=9, steps=steps, metrics=()).epochs_of(5) == epochs


def test_the_number_of_epochs_is_a_limit_of_steps():
    assert Training(epochs=1, steps=100, metrics=()).epochs_of(5) == 1


def test_listeners_are_told_how_many_epochs_there_will_be(reviews, small, tmp_path):
    told = []

    def hear(settings):
        told.append(settings["training"]["epochs"])

    listener = ModuleType("listener")
    listener.__dict__["zoo_run_started"] = hookimpl(hear)
    zoo = open_zoo()
    zoo.plugins.add_listener("listener", listener)
    recipe = small("training.epochs=50", "training.steps=20", "training.patience=0", zoo=zoo)
    run = train(recipe, reviews, run=tmp_path / "run")
    steps = -(-run.summary["rows"]["train"] // run.plan.training.batch_size)
    assert [run.summary["epochs"]] == told == [-(-20 // steps)]
    assert run.plan.training.epochs == 50
