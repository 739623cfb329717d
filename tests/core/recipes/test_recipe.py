"""Recipes: layers and overriding, the location of every problem, and the round trip through a file."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
import torch
from attrs import evolve

from zoo_core import load_component
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.plan import SLOTS
from zoo_core.recipes.recipe import Recipe, default_recipe, load_recipe, to_toml


@pytest.fixture
def write(tmp_path):
    """`write(name, text)`: write the file of a recipe."""

    def written(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    return written


def problems(recipe: Recipe) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        recipe.plan()
    return [str(problem) for problem in caught.value.problems]


def test_recipe_of_the_textbook(zoo):
    plan = load_recipe("yelp-perceptron", zoo=zoo).plan()
    names = [getattr(plan, slot).name for slot in SLOTS]
    others = ["stratified", "shuffled", "none", "temperature"]
    assert names == ["yelp", "one-hot", "perceptron", "bce-with-logits", "adam", "reduce-on-plateau", *others]
    assert (plan.vectorizer.cutoff, plan.optimizer.lr, plan.scheduler.factor, plan.scheduler.patience) == (
        25,
        0.001,
        0.5,
        1,
    )
    loop = plan.training
    assert (loop.epochs, loop.batch_size, loop.patience, loop.seed) == (100, 128, 5, 1337)


def test_defaults_fill_missing_slots(zoo, write):
    plan = load_recipe(write("empty.toml", "about = 'nothing'\n"), zoo=zoo).plan()
    assert {slot: getattr(plan, slot).name for slot in SLOTS} == zoo.defaults.values


# What the file says of the model, what is set, and the plan's activation, hidden sizes and dropout.
MLP = "[model]\nuse = 'mlp'\nhidden = [7]\nactivation = { use = 'prelu', init = 0.5 }\n"
RULES = {
    "nothing": ([], "prelu", 0.5, (7,)),
    "a setting": (["model.hidden=[3, 4]"], "prelu", 0.5, (3, 4)),
    "a table without use merges": (["model={hidden=[3]}"], "prelu", 0.5, (3,)),
    "the same component keeps its settings": (["model=mlp"], "prelu", 0.5, (7,)),
    "also by its full name": (["model=textzoo/textbook:mlp"], "prelu", 0.5, (7,)),
    "also as a table": (["model={use='mlp', hidden=[3]}"], "prelu", 0.5, (3,)),
    "also by use": (["model.use=mlp"], "prelu", 0.5, (7,)),
    "also after another one": (["model=perceptron", "model=mlp"], "prelu", 0.5, (7,)),
    "also inside": (["model.activation=prelu"], "prelu", 0.5, (7,)),
    "another one inside": (["model.activation=tanh"], "tanh", None, (7,)),
    "a setting of a slot inside": (["model.activation.init=0.125"], "prelu", 0.125, (7,)),
    "a component, then its setting": (["model.activation=prelu", "model.activation.init=1"], "prelu", 1.0, (7,)),
    "a setting, then its component": (["model.activation.init=1", "model.activation=prelu"], "prelu", 1.0, (7,)),
    "a setting, then all above": (["model.hidden=[2]", "model.activation=relu", "model=mlp"], "relu", None, (2,)),
    "the last one counts": (["model.hidden=[1]", "model.hidden=[2]"], "prelu", 0.5, (2,)),
    "in a table as well": (["model.hidden=[1]", "model={use='mlp', hidden=[2]}"], "prelu", 0.5, (2,)),
    "an empty table": (["model.hidden=[1]", "model={}"], "prelu", 0.5, (1,)),
    "spaces": ([" model . hidden = [2] "], "prelu", 0.5, (2,)),
}


@pytest.mark.parametrize("rule", RULES)
def test_overriding(zoo, write, rule):
    settings, activation, init, hidden = RULES[rule]
    model = load_recipe(write("r.toml", MLP), zoo=zoo).override(*settings).plan().model
    assert (model.activation.name, getattr(model.activation, "init", None)) == (activation, init)
    assert model.hidden == hidden


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["model.activation.init=1", "model.activation=relu"], "model.activation.init: unknown setting"),
        (["model.activation=relu", "model=perceptron"], "model.activation: unknown setting"),
        (["optimizer.momentum=0.5", "optimizer=adam"], "optimizer.momentum: unknown setting"),
        (["model=perceptron", "model={dropout=0.5}"], "model.dropout: unknown setting"),
        (["optimizer=5", "optimizer.lr=3"], 'unknown optimizer "5"'),
        (["training=5", "training.epochs=3"], "training.use: unknown setting"),
        (["training.epochs={}"], "training.epochs: must be a whole number, not a table"),
        (["task.text.x=1", "task.text=a"], "task.text: must be a string, not a table"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_setting_that_applies_to_nothing_is_rejected_in_any_order(zoo, write, settings, message, order):
    found = problems(load_recipe(write("r.toml", MLP), zoo=zoo).with_assignments(*settings[::order]))
    assert message in found[0], found


def dropped(recipe: Recipe) -> list[str]:
    return [key for one in recipe.dropped_settings() for key in one.keys]


def test_dropped_settings_are_told(zoo, write):
    recipe = load_recipe(write("r.toml", f"{MLP}[optimizer]\nlr = 0.5\nbeta1 = 0.8\n"), zoo=zoo)
    assert dropped(recipe) == []
    assert dropped(recipe.override("model=mlp", "optimizer=adam", "model.activation=prelu")) == []
    assert dropped(recipe.override("optimizer=sgd")) == ["optimizer.lr", "optimizer.beta1"]
    assert dropped(recipe.override("optimizer.lr=0.25", "optimizer=sgd")) == ["optimizer.beta1"]
    assert dropped(recipe.override("model.activation=relu")) == ["model.activation.init"]
    assert dropped(recipe.override("model=perceptron")) == ["model.hidden", "model.activation", "model.activation.init"]
    (one,) = recipe.override("optimizer=sgd").dropped_settings()
    assert (one.layer, one.where) == ("command line", "--set optimizer=sgd")
    macro = recipe.override('training.metrics=["accuracy", { use = "f1", average = "macro" }]')
    assert dropped(macro) == []
    above = write("above.toml", "extends = 'r.toml'\n[training]\nmetrics = [{ use = 'f1', average = 'macro' }]\n")
    assert dropped(load_recipe(above, zoo=zoo).override('training.metrics=["f1"]')) == ["training.metrics.f1.average"]


def test_extends_keeps_the_settings_of_the_same_component(zoo, write):
    write("r.toml", MLP)
    same = write("same.toml", "extends = 'r.toml'\n[model]\nuse = 'mlp'\ndropout = 0.25\n")
    model = load_recipe(same, zoo=zoo).plan().model
    assert (model.hidden, model.dropout, model.activation.init) == ((7,), 0.25, 0.5)
    other = load_recipe(write("other.toml", "extends = 'r.toml'\n[model]\nuse = 'perceptron'\n"), zoo=zoo)
    assert other.plan().model.name == "perceptron"
    assert {one.layer.rpartition("/")[2] for one in other.dropped_settings()} == {"other.toml"}


def test_override_does_not_change_the_recipe(zoo):
    recipe = load_recipe("yelp-perceptron", zoo=zoo)
    before = recipe.plan()
    assert recipe.override("optimizer.lr=0.5").plan() != before
    assert recipe.plan() == before


@pytest.mark.parametrize("text", ["lr", "=1", "a..b=1", "", ".".join("a" * 17) + "=1", "extends=text-mlp", "about.x=1"])
def test_rejects_invalid_assignments(zoo, text):
    with pytest.raises(RecipeError) as caught:
        load_recipe("yelp-mlp", zoo=zoo).override(text)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("value", "said"), [("[" * 1000, "levels deep"), ("a." * 20_000 + "b", "levels deep")])
def test_depth_of_a_setting_is_limited(zoo, value, said):
    with pytest.raises(RecipeError, match=said) as caught:
        load_recipe("yelp-mlp", zoo=zoo).override(f"model={value}")
    assert str(caught.value).startswith("--set model=") and len(str(caught.value)) < 300


def test_scalars_become_strings_for_string_settings(zoo):
    recipe = load_recipe("text-mlp", zoo=zoo).override("task.text=42", "task.label=true", "training.monitor=loss")
    assert (recipe.plan().task.text, recipe.plan().task.label) == ("42", "true")


def test_extends_adds_a_lower_layer(zoo, write):
    below = write("below.toml", "extends = 'yelp-mlp'\n[optimizer]\nlr = 0.5\n[training]\nepochs = 2\n")
    top = write("top.toml", f"extends = '{below}'\n")
    plan = load_recipe(top, zoo=zoo).override("training.epochs=9").plan()
    assert (plan.model.name, plan.optimizer.lr, plan.training.epochs, plan.vectorizer.cutoff) == ("mlp", 0.5, 9, 25)


def test_circular_extends(zoo, write):
    one, two = write("one.toml", ""), write("two.toml", "")
    write("one.toml", f"about = 'x'\nextends = '{two}'\n")
    write("two.toml", f"extends = '{one}'\n")
    with pytest.raises(RecipeError, match="circular extends") as caught:
        load_recipe(one, zoo=zoo)
    assert str(caught.value).startswith(f"{two}:1: ")
    write("one.toml", f"extends = '{one}'\n")
    with pytest.raises(RecipeError, match="circular extends"):
        load_recipe(one, zoo=zoo)


def test_circular_extends_over_relative_paths(zoo, write, tmp_path):
    write("one.toml", "extends = 'deep/two.toml'\n")
    write("deep/two.toml", "extends = '../three.toml'\n")
    write("three.toml", "extends = './deep/../deep/two.toml'\n")
    with pytest.raises(RecipeError, match="circular extends") as caught:
        load_recipe(tmp_path / "one.toml", zoo=zoo)
    shown = str(caught.value).partition("extends: ")[2].replace(f"{tmp_path}/", "")
    assert shown.replace("\\", "/") == "deep/two.toml → deep/../three.toml → deep/two.toml"


def test_recipe_from_command_line_options(zoo):
    recipe = (
        default_recipe(zoo)
        .with_components({"model": "mlp", "loss": "{ use = 'cross-entropy' }"})
        .override("model.hidden=[3]")
    )
    assert (recipe.plan().model.hidden, recipe.name) == ((3,), "assembled")
    assert problems(default_recipe(zoo).with_components({"model": "mpl"}))[0].startswith(
        '--model mpl: model: unknown model "mpl"'
    )


def test_about_must_be_a_string(zoo, write):
    assert "about: must be a string" in problems(load_recipe(write("r.toml", "about = 3\n"), zoo=zoo))[0]


def test_misspelled_use_of_a_metric(zoo, write):
    text = "[training]\nmetrics = [{ ues = 'f1' }, { average = 'macro' }]\n"
    told = problems(load_recipe(write("r.toml", text), zoo=zoo))
    assert 'training.metrics.0.ues: unknown setting "ues" (hint: did you mean "use"?)' in told[0]
    assert "training.metrics.1: missing the name of the metric" in told[2]


@pytest.mark.parametrize(
    ("text", "said"), [("extends = 'yelp-mpl'", 'did you mean "yelp-mlp"'), ("extends = 3", "name")]
)
def test_extends_an_unknown_recipe(zoo, write, text, said):
    path = write("r.toml", f"\n{text}\n")
    with pytest.raises(RecipeError, match=said) as caught:
        load_recipe(path, zoo=zoo)
    assert str(caught.value).startswith(f"{path}:2: ")


@pytest.mark.parametrize("name", ["yelp-perceptrom", "no.toml", "no/such", ""])
def test_unknown_recipe(zoo, name):
    with pytest.raises(RecipeError):
        load_recipe(name, zoo=zoo).plan()


BAD = """\
epohcs = 3
[training]
epochs = true
sede = 1
[optimizer]
use = "adam"
lr = "0.1"
eps = -1.0

[model]
use = "mlp"
hidden = [
  10,
  0,
]
activation = { use = "prelu", slope = 0.1 }
[vectorizer]
use = "one-hto"
[split]
train = 0.9
"""
SAID = [
    (1, 'epohcs: unknown slot or table "epohcs" (hint: did you mean "training.epochs"?)'),
    (3, "training.epochs: must be a whole number, not true"),
    (4, 'training.sede: unknown setting "sede" (hint: did you mean "seed"?)'),
    (7, 'optimizer.lr: must be a number, not the string "0.1"'),
    (8, "optimizer.eps: must be above 0, not -1.0"),
    (12, "model.hidden: must be at least 1, not 0"),
    (16, 'model.activation.slope: unknown setting "slope"'),
    (18, 'vectorizer: unknown vectorizer "one-hto" (hint: did you mean "one-hot"?)'),
    (19, "split: shares must sum to 1, not 1.2"),
]


def test_all_problems_have_their_lines(zoo, write):
    path = write("r.toml", BAD)
    found = problems(load_recipe(path, zoo=zoo))
    assert len(found) == len(SAID)
    for line, said in SAID:
        assert any(text.startswith(f"{path}:{line}: {said}") for text in found), said


def test_location_is_that_of_the_highest_layer(zoo, write):
    path = write("r.toml", "extends = 'yelp-mlp'\n[optimizer]\nlr = -1\n")
    recipe = load_recipe(path, zoo=zoo)
    assert problems(recipe)[0].startswith(f"{path}:3: optimizer.lr")
    assert problems(recipe.with_assignments("optimizer.lr=-2"))[0].startswith("--set optimizer.lr=-2: optimizer.lr")
    below = write("below.toml", f"extends = '{path}'\n[training]\nepochs = 1\n")
    assert problems(load_recipe(below, zoo=zoo))[0].startswith(f"{path}:3: optimizer.lr")
    (found,) = problems(load_recipe("yelp-mlp", zoo=zoo).with_assignments("model.hiden=[3]"))
    assert found.startswith('--set model.hiden=[3]: model.hiden: unknown setting "hiden" (hint: did you mean "hid')


SHIPPED = sorted(open_zoo().recipes)


@pytest.mark.parametrize("name", SHIPPED)
def test_round_trip_through_toml(zoo, write, name):
    plan = load_recipe(name, zoo=zoo).override("split.train=0.5", "split.val=0.25", "split.test=0.25").plan()
    text = to_toml(plan)
    assert load_recipe(write("r.toml", text), zoo=zoo).plan() == plan
    assert to_toml(Recipe("r", zoo, (parse_toml(text, "r"),)).plan()) == text
    assert "extends" not in text


def test_round_trip_of_escaped_text(zoo, write):
    odd = 'a "b" \\ \t #é\x7f'
    plan = Recipe("r", zoo, (zoo.defaults, parse_toml("", "r"))).override("task.text=x").plan()
    plan = evolve(plan, task=evolve(plan.task, text=odd))
    assert load_recipe(write("r.toml", to_toml(plan)), zoo=zoo).plan() == plan


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        (("optimizer.lr=0.5", "training.epochs=2"), {}),
        (({"optimizer.lr": 0.5, "training.epochs": 2},), {}),
        (("training.epochs=2", {"optimizer.lr": 0.5}), {}),
        (({"optimizer.lr": np.float32(0.5), "training.epochs": np.int64(2)},), {}),
        (({"optimizer.lr": torch.tensor(0.5), "training.epochs": np.array([2])[0]},), {}),
        ((), {"optimizer": {"lr": 0.5}, "training": {"epochs": 2}}),
        (({"optimizer": load_component("optimizer", "adam", lr=0.5)},), {"training": {"epochs": 2}}),
    ],
)
def test_settings_are_overridden_by_strings_dictionaries_and_keywords(zoo, changes, values):
    plan = load_recipe("yelp-perceptron", zoo=zoo).override(*changes, **values).plan()
    assert (plan.optimizer.lr, plan.training.epochs) == (0.5, 2)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("optimizer.lr=x", "--set optimizer.lr=x: optimizer.lr: must be a number"),
        ({"optimizer.l": 0.1}, 'did you mean "lr"'),
        ({"optimizer.momentum": 0.1}, "eps, eps_by_rows, lr, weight_decay, or take another optimizer: rmsprop, sgd)"),
        ({"model.hidden": [3]}, "choose from output, or take another model: "),
        ({"optimizr.lr": 0.1}, 'did you mean "optimizer"'),
        ({"optimizer.lr": "0.1"}, 'optimizer.lr: must be a number, not the string "0.1"'),
        ({"loss": load_component("activation", "relu")}, "must be a component of kind loss, not the activation relu"),
        ({"extends": "yelp-mlp"}, "only be set in the file"),
        ({"": 1}, "not a dotted key"),
        ({1: 1}, "not a dotted key"),
        (("optimizer.lr", 0.1), "must be a string or a dictionary, not tuple"),
    ],
)
def test_an_override_refuses_at_once_what_is_wrong(zoo, change, expected):
    with pytest.raises(RecipeError, match=re.escape(expected)):
        load_recipe("yelp-perceptron", zoo=zoo).override(change)


def test_an_override_does_not_tell_of_what_it_did_not_change(zoo, write):
    recipe = load_recipe(write("r.toml", "extends = 'yelp-mlp'\n[optimizer]\nlr = -1\n"), zoo=zoo)
    assert recipe.override({"training.epochs": 3}).override({"optimizer.lr": 1.0}).plan().training.epochs == 3
    assert str(recipe).startswith("# ")


def test_a_printed_recipe_is_the_recipe(zoo, write):
    recipe = load_recipe("yelp-mlp", zoo=zoo).override({"task.text": "<b>"})
    assert load_recipe(write("printed.toml", str(recipe)), zoo=zoo).plan() == recipe.plan()
    assert "&lt;b&gt;" in recipe._repr_html_() and "<b>" not in recipe._repr_html_()


def test_an_error_of_a_recipe_is_pickled_with_its_place(zoo):
    with pytest.raises(RecipeError) as error:
        load_recipe("yelp-perceptron", zoo=zoo).override({"optimizer.l": 0.1})
    assert pickle.loads(pickle.dumps(error.value)).problems == error.value.problems  # noqa: S301
