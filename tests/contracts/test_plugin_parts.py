"""The checks of recipes, commands and listeners: each finds its faults, and correct ones pass."""

from __future__ import annotations

import random
import types
from inspect import signature
from pathlib import Path

import pytest
import torch

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl, hookspecs
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.hookspecs import EVENT_HOOKS
from zoo_core.plugins.plugin_source import PluginSource, installed_plugins
from zoo_core.recipes.plan import SLOTS
from zoo_core.testing import parts
from zoo_core.testing.collection import cases
from zoo_core.testing.plugin_parts.events import events_of_runs
from zoo_core.training.pipeline import train

RECIPE = '[recipes.mine]\nabout = "an example"\nextends = "yelp-perceptron"\n'
COMMAND = '''
import click

@click.command()
@click.option("--count", default=1, help="how many")
@click.argument("word")
def command(count, word):
    """Say a word."""
'''


def plugin(**hooks):
    """A plugin with these hooks."""
    made = types.ModuleType("mine")
    for name, hook in hooks.items():
        setattr(made, name, hookimpl(hook))
    return made


def outcomes(kind, **hooks):
    """The outcome of every check of a plugin with these hooks, by id."""
    installed = {source.plugin: source.load() for source in installed_plugins()}
    zoo = open_zoo(plugins={**installed, "mine": plugin(**hooks)})
    return {case.check.id: case.outcome() for case in cases("mine", kind=kind, zoo=zoo)}


def failures(kind, **hooks):
    return {id: outcome.reason for id, outcome in outcomes(kind, **hooks).items() if outcome.state == "failed"}


def test_a_plugin_of_recipes_only_passes():
    assert failures("recipe", zoo_recipes=lambda: RECIPE) == {}


@pytest.mark.parametrize(
    ("id", "recipe", "told"),
    [
        ("recipe-is-valid", RECIPE + 'model = "nothing-of-that-name"\n', 'unknown model "nothing-of-that-name"'),
        ("recipe-is-valid", RECIPE + "optimizer = { use = 'sgd', lr = -1.0 }\n", "must be above 0"),
        ("recipe-is-valid", RECIPE + "loss = 'bce-with-logits'\nmodel.output = 'sigmoid'\n", "expects"),
        ("recipe-is-valid", '[recipes.mine]\nabout = "x"\nextends = "nothing"\n', "nothing"),
        ("recipe-is-described", RECIPE.replace('about = "an example"\n', ""), "it has no description"),
    ],
)
def test_a_faulty_recipe_is_found(id, recipe, told):
    found = failures("recipe", zoo_recipes=lambda: recipe)
    assert list(found) == [id]
    assert told in found[id]


class Listener:
    """A listener that keeps the metrics of each run."""

    def __init__(self):
        self.losses = {}

    def started(self, run_id, folder, trial):
        self.losses[run_id] = []

    def epoch(self, run_id, metrics):
        self.losses[run_id].append(metrics["val_loss"])

    def failed(self, run_id, error):
        del self.losses[run_id]


def average(model, memory, moment):
    """The mean of the weights over the batches."""
    if moment == "batch":
        for name, parameter in model.named_parameters():
            memory[name] = (memory.get(name, parameter) + parameter) / 2
    return "averaged" if moment == "finished" else None


def test_a_plugin_of_listeners_only_passes():
    listener = Listener()
    hooks = {
        "zoo_run_started": lambda run_id, folder, trial: listener.started(run_id, folder, trial),
        "zoo_epoch_finished": lambda run_id, metrics: listener.epoch(run_id, metrics),
        "zoo_run_failed": lambda run_id, error: listener.failed(run_id, error),
    }
    assert failures("listener", **hooks, zoo_update_model=average) == {}


def prune(model):
    model[0].weight = torch.nn.Parameter(model[0].weight[:2])


def replace(model):
    model[0].weight = torch.nn.Parameter(model[0].weight * 2)


def freeze_all(model):
    model.requires_grad_(False)


def divide(model, moment):
    if moment == "epoch":
        model[0].weight.div_(0).mul_(0)


@pytest.mark.parametrize(
    ("id", "hooks", "told"),
    [
        ("accepts-every-event", {"zoo_run_failed": lambda error: 1 / 0}, "ZeroDivisionError"),
        ("accepts-every-event", {"zoo_epoch_finished": lambda metrics: metrics["loss"]}, "KeyError"),
        ("accepts-every-event", {"zoo_run_started": lambda folder: list(Path(folder).iterdir())}, "FileNotFoundError"),
        ("accepts-every-event", {"zoo_batch_finished": lambda step, loss: loss}, "zoo_batch_finished(run_id='run-1'"),
        ("leaves-global-generators-alone", {"zoo_run_started": lambda: random.seed(1)}, "Python's random"),
        ("leaves-global-generators-alone", {"zoo_batch_finished": lambda: print(torch.rand(1))}, "torch"),
        ("changes-weights-only", {"zoo_update_model": prune}, "it changed the names, shapes or types"),
        ("changes-weights-only", {"zoo_update_model": divide}, 'at "epoch" it makes weights that are not finite'),
        ("changes-weights-only", {"zoo_update_model": replace}, 'it replaced the parameter "0.weight"'),
        ("changes-weights-only", {"zoo_update_model": freeze_all}, 'at "started" it froze every parameter'),
        (
            "changes-weights-only",
            {"zoo_update_model": lambda memory: memory.update(mask=torch.eye(2).to_sparse())},
            'stored a sparse tensor in memory, as "mask"',
        ),
        ("changes-weights-only", {"zoo_update_model": lambda moment: 3}, "it returns int, not words"),
        (
            "changes-weights-only",
            {"zoo_update_model": lambda memory: memory.update(a=1)},
            "something else than tensors",
        ),
    ],
)
def test_a_faulty_listener_is_found(id, hooks, told):
    found = failures("listener", **hooks)
    assert list(found) == [id]
    assert told in found[id]


def test_the_events_have_every_documented_argument():
    events = list(events_of_runs(Path()))
    assert {hook for hook, _ in events} == set(hookspecs.EVENT_HOOKS)
    for hook, event in events:
        assert list(event) == list(signature(getattr(hookspecs, hook)).parameters), hook


@pytest.fixture
def command(tmp_path, monkeypatch):
    """`command(source)`: the outcome of every check of a distribution with the command `extra` only, by id."""

    def made(source, reserved=()):
        info = tmp_path / "textzoo_extra-1.0.dist-info"
        info.mkdir()
        module = f"extra_{tmp_path.name}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source, "utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: textzoo-extra\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[textzoo.commands]\nextra = {module}:command\n")
        monkeypatch.syspath_prepend(tmp_path)
        found = cases("textzoo-extra", reserved=reserved)
        assert {case.kind for case in found} == {"command"}
        outcomes = {case.check.id: case.outcome() for case in found}
        return {id: outcome.reason for id, outcome in outcomes.items() if outcome.state == "failed"}

    return made


def test_a_plugin_of_commands_only_passes(command):
    assert command(COMMAND) == {}


@pytest.mark.parametrize(
    ("source", "ids", "told"),
    [
        (COMMAND.replace(', help="how many"', ""), ["command-has-help"], "the option --count has no help"),
        (COMMAND.replace('    """Say a word."""', "    pass"), ["command-has-help"], "it has no help"),
        ("def command(): pass", ["command-has-help", "command-loads"], "is function, not a click command"),
        ("import torch\n" + COMMAND, ["command-loads-no-torch"], "imports torch"),
    ],
)
def test_a_faulty_command_is_found(command, source, ids, told):
    found = command(source)
    assert sorted(found) == ids
    assert told in found[ids[0]]


def test_a_name_of_a_command_of_textzoo_is_found(command):
    assert list(command(COMMAND, reserved=["train", "extra"])) == ["command-name-is-free"]


def test_a_plugin_without_anything_to_check_says_what_it_has():
    zoo = open_zoo(plugins={"mine": plugin(zoo_models=lambda: [])})
    with pytest.raises(RecipeError, match=r'plugin "mine" .* has nothing to check: it implements zoo_models') as caught:
        cases("mine", zoo=zoo)
    assert "return components" in caught.value.problems[0].hint


def test_a_plugin_of_commands_only_is_named_as_others_are(monkeypatch):
    owner = PluginSource("report", "textzoo-mine", "1", lambda: None)
    monkeypatch.setattr(parts.metadata, "entry_points", lambda group: [types.SimpleNamespace(name="report")])
    monkeypatch.setattr(parts, "source_of", lambda point: owner)
    zoo = open_zoo(plugins={})
    for name in ("mine", "textzoo-mine", ""):
        assert [part.name for part in parts.parts_of(zoo, name)] == ["report"]
    assert parts.parts_of(zoo, "other") == []


def structure_of(value: object) -> object:
    """The keys of nested dictionaries, and the types of the rest; what has other keys in each run has none."""
    if not isinstance(value, dict):
        return type(value).__name__
    return {key: "dict" if key in VARYING else structure_of(item) for key, item in value.items()}


VARYING = {*SLOTS, "metrics", "dropped", "leaked", "cut", "rare", "seconds"}


def test_the_events_of_the_kit_are_those_of_a_run(tmp_path, small, reviews):
    heard: dict[str, dict[str, object]] = {}

    def listening(hook):
        def listen(**event):
            heard.setdefault(hook, event)

        listen.__signature__ = signature(getattr(hookspecs, hook))
        return listen

    listener = plugin(**{hook: listening(hook) for hook in EVENT_HOOKS})
    zoo = open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, "mine": listener}
    )
    train(small(zoo=zoo), reviews, run=tmp_path / "run")
    kit = dict(reversed([(hook, event) for hook, event in events_of_runs(tmp_path) if event["run_id"] == "run-1"]))
    assert set(heard) == set(kit)
    for hook, event in heard.items():
        assert structure_of(kit[hook]) == structure_of(event), hook
    assert set(heard["zoo_run_finished"]["summary"]["seconds"]) <= set(kit["zoo_run_finished"]["summary"]["seconds"])
