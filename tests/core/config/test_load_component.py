"""Components built in one line of Python: settings, slots, messages, pickles and copies."""

from __future__ import annotations

import pickle
from copy import copy, deepcopy

import numpy as np
import pytest
import torch
from attrs import frozen

from zoo_core import Activation, Head, load_component, load_recipe, open_zoo
from zoo_core.components.kinds import KINDS, kind_of
from zoo_core.config.zoo import default_zoo
from zoo_core.errors import PluginError, RecipeError, ZooError


@frozen
class Unregistered(Activation):
    """An activation of no plugin."""

    name = "unregistered"
    acts = "elementwise"

    def build(self):
        return torch.nn.ReLU()


def pickled(value):
    """The value, pickled and read again."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301


EVERY = [(entry.kind, entry.name) for entry in open_zoo().registry.entries]
ARGUMENTS = {
    "model": {"num_features": 4, "num_outputs": 2},
    "optimizer": {"parameters": [torch.nn.Parameter(torch.zeros(2))]},
    "metric": {"head": Head.of_classes(["no", "yes"])},
}


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_component_is_one_line(kind, name):
    component = load_component(kind, name)
    assert kind_of(type(component)).name == kind
    assert pickled(component) == component
    assert copy(component) is deepcopy(component) is component
    if kind in ("activation", "loss", *ARGUMENTS):
        assert component.build(**ARGUMENTS.get(kind, {})) is not None


@pytest.mark.parametrize("activation", ["elu", {"use": "elu"}, load_component("activation", "elu")])
def test_a_slot_takes_a_name_a_dictionary_or_a_component(activation):
    model = load_component("model", "mlp", hidden=[3, 4], activation=activation)
    assert (model.hidden, model.activation.name) == ((3, 4), "elu")
    assert model.build(num_features=2, num_outputs=1)(torch.ones(5, 2)).shape == (5, 1)


@pytest.mark.parametrize(
    ("kind", "name", "settings", "expected"),
    [
        ("activaton", "relu", {}, 'did you mean "activation"'),
        ("activation", "rlu", {}, 'did you mean "relu"'),
        ("activation", 3, {}, "must be a string"),
        ("activation", "prelu", {"inti": 1}, 'did you mean "init"'),
        ("activation", "prelu", {"init": "x"}, "init: must be a number"),
        ("activation", "prelu", {"use": "relu"}, 'unknown setting "use"'),
        ("model", "mlp", {"activation": load_component("loss", "mse")}, "must be a component of kind activation"),
        ("model", "mlp", {"activation": "softmax"}, "does not fit this slot"),
        ("model", "mlp", {"activation": {"use": "elu", "alpha": None}}, "activation.alpha"),
    ],
)
def test_what_is_wrong_is_told_at_once(kind, name, settings, expected):
    with pytest.raises(RecipeError, match=expected):
        load_component(kind, name, **settings)


def test_the_default_zoo_is_opened_once_for_a_folder(tmp_path, monkeypatch):
    first = default_zoo()
    assert default_zoo() is first
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("raise SystemExit('code of the working folder')")
    (tmp_path / "textzoo.toml").write_text('[plugins]\nfiles = ["evil.py"]\n')
    assert load_component("activation", "relu").name == "relu"
    assert default_zoo() is not first


def test_what_cannot_be_pickled_says_so():
    with pytest.raises(RecipeError, match="Unregistered is not registered"):
        pickle.dumps(Unregistered())
    with pytest.raises(PluginError, match="plugin objects"):
        pickle.dumps(open_zoo(plugins={}))
    assert deepcopy(Unregistered()) == Unregistered()


def test_recipes_plans_and_zoos_are_pickled_by_name(zoo):
    recipe = load_recipe("yelp-mlp", zoo=zoo).override({"optimizer.lr": 0.25})
    for one in (pickled(recipe), deepcopy(recipe)):
        assert one == recipe
        assert one.plan() == recipe.plan()
    assert pickled(recipe.plan()) == recipe.plan()
    assert pickled(open_zoo()).registry.entries == default_zoo().registry.entries
    assert len(pickle.dumps(recipe)) < 10_000


def test_a_head_of_class_names():
    metric = load_component("metric", "f1").build(Head.of_classes(["no", "yes"]))
    metric.update(torch.tensor([1, 0, 1]), torch.tensor([1, 1, 1]))
    assert metric.compute() == pytest.approx(0.8)
    for wrong in ("no", ["yes"], ["yes", "yes"]):
        with pytest.raises(ZooError, match="classes must be"):
            Head.of_classes(wrong)


def test_every_kind_is_tried():
    assert {kind for kind, _ in EVERY} == {kind.name for kind in KINDS}


def test_settings_may_be_numbers_of_numpy():
    assert load_component("optimizer", "adam", lr=np.float64(0.5)) == load_component("optimizer", "adam", lr=0.5)
    assert load_component("model", "mlp", hidden=np.array([3, 4])).hidden == (3, 4)
    assert load_component("vectorizer", "one-hot", cutoff=np.int32(3)).cutoff == 3
