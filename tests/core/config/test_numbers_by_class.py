"""Settings by class: one type for every component, in files, on the command line and in Python, with their names."""

from __future__ import annotations

import copy
import json
from types import ModuleType
from typing import Literal

import jsonschema
import pytest
from attrs import frozen

import zoo_calibration
import zoo_core
import zoo_textbook
import zoo_yelp
from zoo_core import Activation, NumbersByClass, hookimpl, load_recipe, setting
from zoo_core.components.class_checks import class_problems
from zoo_core.components.validators import Bounds
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.experiments.variants import build_variants
from zoo_core.recipes.annotated_toml import annotated_toml
from zoo_core.recipes.assignments import find_assignments
from zoo_core.recipes.compatibility import check_plan
from zoo_core.recipes.flat_keys import diff_recipes, format_toml
from zoo_core.recipes.json_schema import recipe_schema
from zoo_core.recipes.provenance import trace_setting
from zoo_core.recipes.recipe import to_toml

KEY = "training.class_weights"
ODD_NAMES = {"very good": 2.0, "a.b": 0.5, 'say "no"': 3.0, "1": 4.0, "use": 5.0, "a=b": 6.0, "그래": 7.0, "it's": 8.0}


@frozen
class Priced(Activation):
    """An activation with prices, alone and beside other types.

    Source: the tests.
    """

    name = "priced"
    acts = "elementwise"
    prices: NumbersByClass = setting(NumbersByClass(), "the prices", Bounds(ge=0))
    scale: float | NumbersByClass = setting(1.0, "one scale, or one by class", Bounds(gt=0))
    mode: Literal["soft", "hard"] | NumbersByClass | None = setting(None, "the mode")

    def build(self):
        raise AssertionError


@pytest.fixture(scope="module")
def zoo():
    plugin = ModuleType("prices")
    plugin.zoo_activations = hookimpl(lambda: [Priced])
    return open_zoo(
        plugins={"textbook": zoo_textbook, "yelp": zoo_yelp, "calibration": zoo_calibration, "prices": plugin}
    )


def weights(*assignments, base=None):
    recipe = (base or load_recipe("text-mlp")).with_assignments(*assignments)
    return recipe.plan().training.class_weights


def problems(*assignments):
    with pytest.raises(RecipeError) as caught:
        weights(*assignments)
    return caught.value.problems


def test_odd_names_are_read_alike_from_files_options_and_python(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text(f"extends = 'text-mlp'\ntraining.class_weights = {format_toml(ODD_NAMES)}\n", "utf-8")
    recipe = load_recipe(file)
    assert recipe.plan().training.class_weights == ODD_NAMES
    one_by_one = [f"{KEY}.{json.dumps(name, ensure_ascii=False)}={number}" for name, number in ODD_NAMES.items()]
    assert weights(*one_by_one) == weights(f"{KEY}={format_toml(ODD_NAMES)}") == ODD_NAMES
    python = load_recipe("text-mlp").override(training={"class_weights": ODD_NAMES})
    assert python.plan().training.class_weights == ODD_NAMES
    again = tmp_path / "again.toml"
    again.write_text(to_toml(recipe.plan()), "utf-8")
    assert load_recipe(again).plan() == recipe.plan()
    assert [change.b for change in diff_recipes(load_recipe("text-mlp"), recipe)] == [ODD_NAMES]
    assert trace_setting(recipe, KEY)[-1].value == ODD_NAMES
    assert trace_setting(recipe, KEY)[-1].where == f"{file}:2"
    text = annotated_toml(recipe)  # which checks that it reads back as the same recipe
    assert '"a.b" = 0.5' in text and "numbers by class" in text


def test_the_last_value_counts_and_a_number_of_one_class_changes_it_alone(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text("extends = 'text-mlp'\n[training.class_weights]\nspam = 5\nham = 2\n", "utf-8")
    base = load_recipe(file)
    assert weights(f"{KEY}.spam=7", base=base) == {"spam": 7, "ham": 2}
    assert weights(f"{KEY}={{ egg = 3 }}", base=base) == {"egg": 3}
    assert weights(f"{KEY}=balanced", base=base) == "balanced"
    assert weights(f"{KEY}.spam=7", f"{KEY}=none", base=base) == "none"
    assert weights(f"{KEY}=none", f"{KEY}.spam=7", base=base) == {"spam": 7}
    assert weights(f"{KEY}.a=1", f"{KEY}.b=2", f"{KEY}.a=3") == {"a": 3, "b": 2}
    child = tmp_path / "child.toml"
    child.write_text("extends = 'r.toml'\ntraining = { class_weights = { egg = 3 } }\n", "utf-8")
    assert weights(base=load_recipe(child)) == {"egg": 3}
    assert find_assignments(base, load_recipe(child).plan()) == {KEY: "{egg = 3.0}"}
    variants = build_variants(base, [f"{KEY}=none,balanced,{{ spam = 3, ham = 4 }}"]).compatible
    assert [one.plan.training.class_weights for one in variants] == ["none", "balanced", {"spam": 3, "ham": 4}]


@pytest.mark.parametrize(
    ("value", "setting_", "message"),
    [
        ("spam=0", ".spam", "must be at least"),
        ("spam=-1", ".spam", "must be at least"),
        ("spam=nan", ".spam", "must be finite"),
        ("spam=inf", ".spam", "must be finite"),
        ("spam=1e400", ".spam", "must be finite"),
        ("spam=much", ".spam", "must be a number"),
        ("spam=true", ".spam", "must be a number"),
        ("spam=[1]", ".spam", "must be a number"),
        ("spam.more=1", ".spam", "must be a number, not a table"),
    ],
)
def test_an_invalid_number_is_reported_with_its_class(value, setting_, message):
    [problem] = problems(f"{KEY}.{value}")
    assert (problem.setting, problem.where) == (KEY + setting_, f"--set {KEY}.{value}")
    assert problem.message.startswith(message)


@pytest.mark.parametrize("value", ["spam", "5", "[1, 2]", "{}", "balancd", "true"])
def test_a_value_that_is_neither_a_word_nor_numbers_is_reported(value):
    [problem] = problems(f"{KEY}={value}")
    assert problem.setting == KEY
    assert "numbers" in problem.message or "write numbers by class as in { CLASS = 5 }" in problem.hint


@pytest.mark.parametrize("key", ['training.class_weights."a', "training.class_weights.=5", 'a."b\\q"=1', '""=1', "a"])
def test_a_key_that_is_not_one_is_a_usage_error(key):
    with pytest.raises(RecipeError, match="is not KEY=VALUE"):
        weights(key)


def test_unknown_classes_are_reported_with_the_nearest_name_and_their_place():
    recipe = load_recipe("text-mlp").with_assignments(f"{KEY}.spma=5", f"{KEY}.ham=2", f"{KEY}.egg=2")
    with pytest.raises(RecipeError) as caught:
        check_plan(recipe, recipe.plan(), classes=("ham", "spam"))
    first, second = caught.value.problems
    assert (first.message, first.where, first.hint) == (
        'unknown class "egg"',
        f"--set {KEY}.egg=2",
        "choose from ham, spam",
    )
    assert (second.message, second.where, second.hint) == (
        'unknown class "spma"',
        f"--set {KEY}.spma=5",
        'did you mean "spam"?',
    )


def test_any_component_may_have_settings_by_class(zoo):
    assert not class_problems(Priced)
    given = {"prices": {"b": 1, "a": 0.5}, "scale": {"a": 2}, "mode": {"a": 1}}
    recipe = load_recipe("yelp-mlp", zoo=zoo).override(model={"activation": {"use": "priced", **given}})
    plan = recipe.plan()
    made = plan.model.activation
    assert (made.prices, made.scale, made.mode) == ({"a": 0.5, "b": 1}, {"a": 2}, {"a": 1})
    assert made == Priced(prices={"b": 1.0, "a": 0.5}, scale={"a": 2.0}, mode={"a": 1.0})
    assert len({made, Priced(prices={"a": 0.5, "b": 1.0}, scale={"a": 2.0}, mode={"a": 1.0})}) == 1
    assert copy.deepcopy(made.prices) == made.prices
    changed = recipe.with_assignments("model.activation.prices.c=3", "model.activation.scale=4").plan().model.activation
    assert (changed.prices, changed.scale) == ({"a": 0.5, "b": 1, "c": 3}, 4)
    with pytest.raises(RecipeError, match=r'activation\.mode: unknown class "a"') as caught:
        check_plan(recipe, plan, classes=("b", "c"))
    assert [problem.setting.rpartition(".")[2] for problem in caught.value.problems] == ["prices", "scale", "mode"]
    with pytest.raises(RecipeError, match=r"prices\.b: must be at least 0"):
        recipe.override("model.activation.prices.b=-1")
    with pytest.raises(RecipeError, match="prices: must be numbers by class, not 3"):
        recipe.override("model.activation.prices=3")
    with pytest.raises(ValueError, match="must be at least 0"):
        Priced(prices={"a": -1})


def test_the_schema_knows_words_and_numbers():
    schema = recipe_schema(open_zoo())
    for value, is_valid in [("none", True), ({"spam": 5}, True), ({"spam": 0}, False), ({}, False), (3, False)]:
        recipe = {"training": {"class_weights": value}}
        errors = list(jsonschema.Draft7Validator(schema).iter_errors(recipe))
        assert (not errors) is is_valid, (value, errors)


def test_weights_change_the_training_and_a_typo_stops_it_before_it_begins(tmp_path):
    rows = [
        (f"the {'odd' if n % 10 == 0 else 'plain'} soup {n % 7}", "rare" if n % 20 == 0 else "common")
        for n in range(200)
    ]
    data = ([text for text, _ in rows], [label for _, label in rows])
    recipe = load_recipe("text-mlp").override("training.epochs=6", "vectorizer.cutoff=0", "optimizer.lr=0.03")
    found = {}
    for number, given in enumerate(("none", {"rare": 19}, {"rare": 19, "common": 1})):
        run = zoo_core.train(recipe.override({KEY: given}), data, run=tmp_path / str(number))
        found[number] = run.predict(["the odd soup 3"]).values[0]
    assert found[1].tolist() == found[2].tolist()
    assert found[1][1] > found[0][1] + 0.1
    with pytest.raises(RecipeError, match=r'training\.class_weights: unknown class "rar"') as caught:
        zoo_core.train(recipe.override({KEY: {"rar": 2}}), data, run=tmp_path / "wrong")
    assert caught.value.problems[0].hint == 'did you mean "rare"?'
    assert not (tmp_path / "wrong").exists()
