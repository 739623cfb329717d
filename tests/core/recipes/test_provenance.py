"""The origins of a value, and the differences of two recipes."""

from __future__ import annotations

import tomllib
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.errors import RecipeError
from zoo_core.recipes.flat_keys import diff_recipes, flatten_plan, format_toml
from zoo_core.recipes.provenance import trace_setting
from zoo_core.recipes.recipe import default_recipe, load_recipe, to_toml

MINE = """\
extends = "yelp-mlp"

[model]
activation = "prelu"

[optimizer]
lr = 0.01
"""


@pytest.fixture
def mine(zoo, tmp_path):
    (tmp_path / "mine.toml").write_text(MINE)
    return load_recipe(tmp_path / "mine.toml", zoo=zoo)


def origins(recipe, key):
    """Layer, place and value of each; of a file only its name."""
    return [
        (one.layer.rpartition("/")[2], one.where.rpartition("/")[2], one.value) for one in trace_setting(recipe, key)
    ]


def line(zoo, recipe, key):
    """Where the shipped recipe says so."""
    return zoo.recipes[recipe].locations[tuple(key.split("."))]


def test_default_registry_file_and_command_line(zoo, mine):
    recipe = mine.override('model.activation={use="prelu", init=0.1}')
    assert origins(recipe, "model.activation") == [
        ("default", 'model "mlp"', "relu"),
        ("yelp-mlp", line(zoo, "yelp-mlp", "model.activation"), "relu"),
        ("mine.toml", "mine.toml:4", "prelu"),
        ("command line", '--set model.activation={use="prelu", init=0.1}', "prelu"),
    ]
    assert origins(recipe, "model.activation.init") == [
        ("default", 'activation "prelu"', 0.25),
        ("command line", '--set model.activation={use="prelu", init=0.1}', 0.1),
    ]


def test_slot_starts_with_the_default_component(zoo, mine):
    assert origins(mine, "model") == [
        ("[defaults]", zoo.defaults.locations[("model",)], "perceptron"),
        ("yelp-perceptron", line(zoo, "yelp-perceptron", "model.use"), "perceptron"),
        ("yelp-mlp", line(zoo, "yelp-mlp", "model.use"), "mlp"),
    ]
    assert origins(mine, "model.use") == origins(mine, "model")


def test_replaced_component_gets_its_defaults(zoo, mine):
    found = trace_setting(mine.override("optimizer=sgd"), "optimizer.lr")
    assert [(one.value, one.default) for one in found] == [(0.001, True), (0.001, False), (0.01, False), (0.1, True)]
    assert found[-1].where == "--set optimizer=sgd"


def test_the_same_component_keeps_its_settings(zoo, mine):
    assert origins(mine.override("model=mlp"), "model.dropout") == [
        ("default", 'model "mlp"', 0.0),
        ("yelp-mlp", line(zoo, "yelp-mlp", "model.dropout"), 0.5),
    ]
    assert origins(mine.override("model=mlp"), "model")[-1] == ("command line", "--set model=mlp", "mlp")
    found = origins(mine.override("optimizer.lr=0.5", "optimizer=sgd"), "optimizer.lr")
    assert found[-1] == ("command line", "--set optimizer.lr=0.5", 0.5)


def test_unset_value_is_a_default(mine):
    assert origins(mine, "optimizer.beta1") == [("default", 'optimizer "adam"', 0.9)]
    assert origins(mine, "training.l1") == [("default", "", 0.0)]


def test_invalid_layer_below_a_valid_one(mine):
    found = origins(mine.override("optimizer.lr=-1", "optimizer.lr=0.5"), "optimizer.lr")
    assert found[-2:] == [
        ("command line", "--set optimizer.lr=-1", -1),
        ("command line", "--set optimizer.lr=0.5", 0.5),
    ]


def test_option_is_shown_as_written(zoo):
    recipe = default_recipe(zoo).with_components({"model": "mlp"}).override("model.hidden=[3]")
    assert origins(recipe, "model")[-1] == ("command line", "--model mlp", "mlp")
    assert origins(recipe, "model.hidden")[-1] == ("command line", "--set model.hidden=[3]", [3])


ALL = pytest.mark.slow


@pytest.mark.parametrize(
    "names",
    [("yelp-perceptron", "text-fast", "text-cnn", "tags-cnn", "table-fast"), pytest.param((), marks=ALL, id="all")],
)
def test_last_origin_is_the_value_of_every_key(zoo, names):
    assert len(zoo.recipes) > 5
    for name in names or zoo.recipes:
        recipe = load_recipe(name, zoo=zoo)
        for key, value in flatten_plan(recipe.plan(), zoo.registry).items():
            found = trace_setting(recipe, key)
            assert found[-1].value == value, (name, key)
            assert all(one.where or one.layer == "default" for one in found), (name, key)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("model.actvation", 'did you mean "model.activation"?'),
        ("training", "its keys are training.epochs"),
        ("", "choose from"),
        ("model.activation.slope", "did you mean"),
    ],
)
def test_unknown_key(mine, key, hint):
    with pytest.raises(RecipeError, match="unknown key") as caught:
        trace_setting(mine, key)
    assert hint in str(caught.value)


def test_differences_of_two_recipes(zoo, mine):
    one = load_recipe("yelp-mlp", zoo=zoo)
    assert diff_recipes(one, one) == []
    found = {each.key: (each.a, each.b) for each in diff_recipes(one, mine)}
    assert found == {
        "model.activation": ("relu", "prelu"),
        "model.activation.init": (None, 0.25),
        "optimizer.lr": (0.001, 0.01),
    }
    metrics = one.override('training.metrics=["f1", { use = "f1", average = "macro" }]')
    (only,) = diff_recipes(one, metrics)
    assert only.b == ["f1", {"use": "f1", "average": "macro"}]


@pytest.mark.parametrize("pairs_of", [pairwise, pytest.param(lambda names: product(names, names), marks=ALL, id="all")])
def test_applying_differences_makes_recipes_equal(zoo, pairs_of):
    """Of each recipe and the next one; in `.ci/run` of each pair."""
    names = sorted(zoo.recipes)
    assert len(names) > 5
    for a, b in pairs_of(names):
        one, other = load_recipe(a, zoo=zoo), load_recipe(b, zoo=zoo)
        differ = {each.key for each in diff_recipes(one, other)}
        anew = tuple(f"{key}." for key in differ)  # another component starts with its own defaults
        wanted = flatten_plan(other.plan(), zoo.registry).items()
        changes = [f"{key}={format_toml(value)}" for key, value in wanted if key in differ or key.startswith(anew)]
        assert to_toml(one.override(*changes).plan()) == to_toml(other.plan()), (a, b)


plain = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text())


@given(st.one_of(plain, st.lists(plain, max_size=3), st.dictionaries(st.text(), plain, max_size=3)))
def test_format_toml_is_one_line(value):
    written = format_toml(value)
    assert "\n" not in written
    assert tomllib.loads(f"x = {written}")["x"] == value
