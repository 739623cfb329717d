"""The hook with access to the model: averaging, freezing and pruning, recorded, resumed, and never silent."""

from __future__ import annotations

import json

import pytest
import torch

from tests.core.training.test_events import OURS, offering
from tests.core.training.test_run_events import copy_checkpoint, resume_copy
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import PluginError, RunFolderError
from zoo_core.runs.lockfile import read_lock, verify_lock
from zoo_core.training.events.model_changes import ModelChanges
from zoo_core.training.pipeline import train


def average(model, moment, epoch, memory):
    """The mean of the weights after each epoch: used for the validation and the best weights."""
    if moment == "epoch":
        for name, parameter in model.named_parameters():
            memory[f"own.{name}"] = parameter.clone()
            mean = memory.get(name, torch.zeros_like(parameter))
            memory[name] = mean + (parameter - mean) / epoch
            parameter.copy_(memory[name])
        return "averaged the weights"
    if moment == "evaluated":
        for name, parameter in model.named_parameters():
            parameter.copy_(memory[f"own.{name}"])
        return "went on with the last weights"
    return None


def freeze(model, moment, epoch):
    """Trains the biases alone in the first epoch."""
    if moment == "started" or (moment == "evaluated" and epoch == 1):
        for name, parameter in model.named_parameters():
            if not name.endswith("bias"):
                parameter.requires_grad_(moment == "evaluated")


def prune(model, moment):
    """Sets the smaller half of the weights to zero."""
    if moment == "finished":
        weight = max(model.parameters(), key=torch.numel)
        weight.masked_fill_(weight.abs() < weight.abs().median(), 0)


def zoo_with(hook):
    return open_zoo(plugins={**OURS, "mine": offering(zoo_update_model=hook)})


def test_averaged_weights_are_the_mean_over_epochs(reviews, small, tmp_path):
    steps, evaluated = [], []

    def watch(model, moment):
        if moment in ("epoch", "evaluated"):
            (steps if moment == "epoch" else evaluated).append([tensor.clone() for tensor in model.parameters()])

    plugins = {**OURS, "a-watch": offering(zoo_update_model=watch), "b-mine": offering(zoo_update_model=average)}
    run = train(small(zoo=open_zoo(plugins=plugins)), reviews, run=tmp_path / "run")
    means = [sum(tensors) / len(tensors) for tensors in zip(*steps[: run.summary["best_epoch"]], strict=True)]
    torch.testing.assert_close(list(run.module.parameters()), means)
    records = {record["moment"]: record for record in run.summary["model_changes"]}
    assert records["epoch"]["change"] == "averaged the weights"
    assert (records["epoch"]["times"], records["epoch"]["last_epoch"]) == (3, 3)
    assert records["epoch"]["plugin"] == "b-mine"
    assert json.loads((tmp_path / "run" / "result.json").read_text())["model_changes"] == run.summary["model_changes"]


def test_a_frozen_parameter_stays(reviews, small, tmp_path):
    weights = []

    def keep(model, moment):
        if moment in ("started", "epoch"):
            weights.append(max(model.parameters(), key=torch.numel).clone())

    plugins = {**OURS, "keep": offering(zoo_update_model=keep), "mine": offering(zoo_update_model=freeze)}
    recipe = small("optimizer.weight_decay=0", zoo=open_zoo(plugins=plugins))
    run = train(recipe, reviews, run=tmp_path / "run")
    assert torch.equal(weights[0], weights[1])
    assert [record["change"] for record in run.summary["model_changes"]] == ["froze or released 1 tensor"] * 2


def test_pruned_weights_are_evaluated_and_written(reviews, small, tmp_path):
    run = train(small(zoo=zoo_with(prune)), reviews, run=tmp_path / "run")
    weight = max(run.module.parameters(), key=torch.numel)
    assert (weight == 0).float().mean() >= 0.45
    assert run.evaluate()["accuracy"] == run.summary["metrics"]["test"]["accuracy"]
    [record] = run.summary["model_changes"]
    assert (record["change"], record["moment"]) == ("changed 1 tensor", "finished")


@pytest.mark.parametrize("hook", [average, freeze, prune])
def test_a_resumed_run_has_the_bytes_of_an_uninterrupted_one(reviews, small, tmp_path, hook):
    zoo = zoo_with(hook)
    zoo.plugins.add_listener("copy", offering(zoo_batch_finished=copy_checkpoint(tmp_path / "run")))
    run = train(small("training.checkpoint=0", zoo=zoo), reviews, run=tmp_path / "run")
    weights = (tmp_path / "run" / "model.safetensors").read_bytes()
    resumed = resume_copy(tmp_path / "run", zoo_with(hook))
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == weights
    assert resumed.summary["model_changes"] == run.summary["model_changes"]


def test_it_is_not_resumed_without_the_plugin(reviews, small, tmp_path):
    zoo = zoo_with(average)
    zoo.plugins.add_listener("copy", offering(zoo_batch_finished=copy_checkpoint(tmp_path / "run")))
    train(small("training.checkpoint=0", zoo=zoo), reviews, run=tmp_path / "run")
    with pytest.raises(RunFolderError, match="other plugins change the model"):
        resume_copy(tmp_path / "run", open_zoo(plugins=OURS))


def write_data(model, moment):
    if moment == "finished":
        for parameter in model.parameters():
            parameter.data.mul_(2)


def assign_data(model, moment):
    if moment == "finished":
        for parameter in model.parameters():
            parameter.data = parameter.data * 2


@pytest.mark.parametrize("hook", [write_data, assign_data])
def test_changes_that_autograd_does_not_see_are_recorded(reviews, small, tmp_path, hook):
    run = train(small("training.epochs=1", zoo=zoo_with(hook)), reviews, run=tmp_path / "run")
    assert [record["change"] for record in run.summary["model_changes"]] == ["changed 2 tensors"]


def test_the_mode_of_training_is_restored(reviews, small, tmp_path):
    modes = []

    def evaluate(model, moment):
        modes.append((moment, model.training))
        model.train(not model.training)

    train(small("training.epochs=1", zoo=zoo_with(evaluate)), reviews, run=tmp_path / "run")
    assert len(modes) > 3
    assert {training for moment, training in modes if moment == "batch"} == {True}


def test_it_is_not_resumed_with_another_plugin(reviews, small, tmp_path):
    zoo = zoo_with(average)
    zoo.plugins.add_listener("copy", offering(zoo_batch_finished=copy_checkpoint(tmp_path / "run")))
    train(small("training.checkpoint=0", zoo=zoo), reviews, run=tmp_path / "run")
    with pytest.raises(RunFolderError, match="other plugins change the model"):
        resume_copy(tmp_path / "run", open_zoo(plugins={**OURS, "another": offering(zoo_update_model=prune)}))


def replace(model, moment):
    if moment == "epoch":
        path, parameter = next(model.named_parameters())
        holder, _, name = path.rpartition(".")
        setattr(model.get_submodule(holder), name, torch.nn.Parameter(parameter.clone()))


def freeze_all(model):
    model.requires_grad_(False)


def remember_sparse(memory):
    memory["mask"] = torch.eye(2).to_sparse()


def remember_meta(memory):
    memory["mask"] = torch.zeros(2, device="meta")


def remember_complex(memory):
    memory["mask"] = torch.zeros(2, dtype=torch.complex128)


def resize(model, moment):
    model.register_buffer("extra", torch.zeros(1))


def remember(memory):
    memory["count"] = 1


def fail(moment):
    raise ValueError("no model")


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (resize, "changed the names, shapes or types of the model's tensors"),
        (replace, 'replaced the parameter "'),
        (freeze_all, "froze every parameter, so that nothing is left to train"),
        (remember_sparse, 'stored a sparse tensor in memory, as "mask"'),
        (remember_meta, 'stored a tensor without values in memory, as "mask"'),
        (remember_complex, 'stored a tensor of torch.complex128 in memory, as "mask"'),
        (remember, "stored something else than tensors by name in memory"),
        (fail, "raised ValueError: no model"),
        (lambda: 7, "returned int, expected a description or None"),
    ],
)
def test_an_error_ends_the_run_and_names_the_plugin(reviews, small, tmp_path, hook, said):
    with pytest.raises(PluginError) as caught:
        train(small(zoo=zoo_with(hook)), reviews, run=tmp_path / "run")
    assert str(caught.value).startswith(f'plugin "mine" (mine): zoo_update_model {said}')
    assert not (tmp_path / "run").exists()


def draw():
    torch.rand(3)


def test_a_plugin_that_does_nothing_changes_no_byte(reviews, small, tmp_path):
    train(small(zoo=zoo_with(draw)), reviews, run=tmp_path / "run")
    quiet = train(small(), reviews, run=tmp_path / "quiet")
    assert quiet.summary["model_changes"] == []
    for name in ("model.safetensors", "metrics.jsonl"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "quiet" / name).read_bytes()


def test_a_locked_run_requires_the_plugin_that_changed_the_model(reviews, small, tmp_path):
    train(small(zoo=zoo_with(prune)), reviews, run=tmp_path / "run")
    lock = read_lock(tmp_path / "run")
    verify_lock(lock, zoo_with(prune))
    with pytest.raises(
        PluginError, match='plugin "mine", which changed the model: trained with mine, which is missing'
    ):
        verify_lock(lock, open_zoo(plugins=OURS))


def test_without_plugins_a_resumed_model_keeps_what_it_froze_itself():
    module = torch.nn.Linear(2, 1)
    module.weight.requires_grad_(False)
    ModelChanges(open_zoo(plugins=OURS).plugins, 1).begin(module, {})
    assert [parameter.requires_grad for parameter in module.parameters()] == [False, True]
