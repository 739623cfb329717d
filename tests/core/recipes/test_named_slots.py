"""Slots of components by name: keys, layers, provenance, alternatives, files, locks and swaps."""

from __future__ import annotations

import json

import jsonschema
import pytest

from zoo_core import Named
from zoo_core.components.kinds import iter_settings, value_at
from zoo_core.config.assignment import join_key, split_key
from zoo_core.config.structure import build_component, unstructure
from zoo_core.config.toml import parse_toml
from zoo_core.errors import RecipeError
from zoo_core.experiments.swap_arguments import current_value, parse_swaps
from zoo_core.recipes.alternatives import enum_values, find_alternatives, iter_slots
from zoo_core.recipes.annotated_toml import annotated_toml
from zoo_core.recipes.assignments import find_assignments
from zoo_core.recipes.compatibility import find_candidates
from zoo_core.recipes.fingerprints import component_fingerprints
from zoo_core.recipes.flat_keys import diff_recipes, flatten_plan
from zoo_core.recipes.json_schema import recipe_schema
from zoo_core.recipes.overrides import Overrides
from zoo_core.recipes.provenance import trace_setting
from zoo_core.recipes.recipe import Recipe, load_recipe, plan_values, to_toml

ODD = 'a.b "c" = é:'
ODD_KEY = r'"a.b \"c\" = é:"'
PARTS = "vectorizer.parts"


@pytest.fixture(scope="module")
def recipe(zoo):
    odd = json.dumps(["text", ODD], ensure_ascii=False)
    return load_recipe("table-fast", zoo=zoo).override(f"task.text={odd}", "task.numbers=price")


def keys_of(recipe):
    return flatten_plan(recipe.plan(), recipe.zoo.registry)


def test_a_recipe_adds_names_and_leaves_others_out(recipe):
    changed = recipe.override(f"{PARTS}.{ODD_KEY}=tf-idf", f"{PARTS}.{ODD_KEY}.cutoff=3", f"{PARTS}.categories=none")
    parts = changed.plan().vectorizer.parts
    assert list(parts) == ["text", "categories", "numbers", ODD]
    assert parts[ODD].cutoff == 3
    assert parts["categories"] is None
    assert list(parts.given()) == ["text", "numbers", ODD]
    assert hash(parts) == hash(Named(dict(parts))), "immutable"


def test_keys_of_names_are_quoted_where_they_must_be(recipe):
    changed = recipe.override(f"{PARTS}.{ODD_KEY}=one-hot")
    assert keys_of(changed)[f"{PARTS}.{ODD_KEY}"] == "one-hot"
    assert keys_of(changed)[f"{PARTS}.{ODD_KEY}.cutoff"] == 25
    assert split_key(f"{PARTS}.{ODD_KEY}.cutoff") == ("vectorizer", "parts", ODD, "cutoff")
    assert join_key(split_key(f"{PARTS}.{ODD_KEY}")) == f"{PARTS}.{ODD_KEY}"
    assert split_key("a=b") == split_key('"a') == ()


@pytest.mark.parametrize("key", [f"{PARTS}.text.min_df", f"{PARTS}.{ODD_KEY}.cutoff", f"{PARTS}.text.weighting.alpha"])
def test_the_layer_of_a_setting_is_known(recipe, key):
    changed = recipe.with_assignments(f"{PARTS}.{ODD_KEY}=one-hot", f"{key}=3")
    last = trace_setting(changed, key)[-1]
    assert (last.layer, last.where) == ("command line", f"--set {key}=3")
    assert last.value == 3


def test_the_layer_of_a_name_is_known(recipe):
    origins = trace_setting(recipe.with_assignments(f"{PARTS}.numbers=none"), f"{PARTS}.numbers")
    assert [(origin.value, origin.default) for origin in origins] == [
        ("scaled-numbers", True),
        ("scaled-numbers", False),
        ("none", False),
    ]
    added = trace_setting(recipe.with_assignments(f"{PARTS}.{ODD_KEY}=none"), f"{PARTS}.{ODD_KEY}")
    assert [origin.value for origin in added] == ["none"]


@pytest.mark.parametrize("key", [ODD_KEY, f"'{ODD}'"])
def test_the_origin_of_a_table_with_a_quoted_name_is_its_plain_value(recipe, key):
    changed = recipe.override(f'{PARTS}.{ODD_KEY}={{ use = "tf-idf", cutoff = 3 }}')
    assert trace_setting(changed, f"{PARTS}.{key}")[-1].value == "tf-idf"
    assert trace_setting(changed, f"{PARTS}.{key}.cutoff")[-1].value == 3
    assert trace_setting(changed, f"{PARTS}.{key}.use")[-1].value == "tf-idf"


def test_every_name_is_a_slot(recipe):
    slots = {key: kind for key, kind, _ in iter_slots(recipe.override(f"{PARTS}.categories=none").plan())}
    assert slots[f"{PARTS}.categories"] == slots[f"{PARTS}.text"] == "vectorizer"
    assert slots[f"{PARTS}.text.weighting"] == "weighting"
    assert PARTS not in slots


def test_alternatives_of_a_name_that_is_left_out(recipe):
    found = find_alternatives(recipe.override(f"{PARTS}.categories=none"), f"{PARTS}.categories")
    fitting = {choice.name for choice in found.candidates if not choice.reasons}
    assert {"one-hot", "ngrams", "hashed-ngrams"} <= fitting
    assert not fitting & {"dense-columns", "union"}
    assert not any(choice.is_current for choice in found.candidates)
    assert find_candidates(recipe.plan(), ("vectorizer", "parts", "categories"), recipe.zoo.registry) == []
    assert enum_values(recipe.plan(), f"{PARTS}.numbers.scale") == ["standard", "minmax", "none"]
    assert enum_values(recipe.plan(), f"{PARTS}.absent.scale") == []


def test_candidates_of_a_name_leave_the_others_as_they_are(recipe):
    wrong = recipe.with_assignments(
        "task.categories=kind", f"{PARTS}.categories=scaled-numbers", f"{PARTS}.numbers=count"
    )
    plan, registry = wrong.plan(), recipe.zoo.registry
    assert find_candidates(plan, ("vectorizer", "parts", "numbers"), registry) == ["scaled-numbers"]
    assert {"count", "one-hot"} <= set(find_candidates(plan, ("vectorizer", "parts", "categories"), registry))


def test_written_and_read_again(recipe):
    changed = recipe.override(f"{PARTS}.{ODD_KEY}=tf-idf", f"{PARTS}.categories=none", f"{PARTS}.text.min_df=7")
    plan = changed.plan()
    for text in (to_toml(plan, recipe.zoo.registry), annotated_toml(changed)):
        assert Recipe("again", recipe.zoo, (recipe.zoo.defaults, parse_toml(text, "again.toml"))).plan() == plan
        schema = recipe_schema(recipe.zoo)
        jsonschema.validate(parse_toml(text, "again.toml").values, schema)
    assignments = find_assignments(recipe, plan)
    assert assignments == {f"{PARTS}.{ODD_KEY}": "tf-idf", f"{PARTS}.categories": "none", f"{PARTS}.text.min_df": "7"}
    assert {change.key: change.b for change in diff_recipes(recipe, changed)}[f"{PARTS}.categories"] == "none"


@pytest.mark.parametrize("value", [{"text": 3}, {"text": "relu"}, "ngrams", {"text": {"min_df": "x"}}])
def test_the_schema_rejects_what_is_no_component(recipe, value):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"vectorizer": {"use": "union", "parts": value}}, recipe_schema(recipe.zoo))


def test_what_a_stored_recipe_changes(recipe, zoo):
    changed = load_recipe("table-fast", zoo=zoo).override(f"{PARTS}.body=tf-idf", f"{PARTS}.text.min_df=9")
    changed = changed.override(f"{PARTS}.numbers=none", "task.text=body")
    stored = plan_values(changed.plan(), zoo.registry)
    assert Overrides(zoo).find("table-fast", stored) == {
        "task.text": "body",
        f"{PARTS}.numbers": "none",
        f"{PARTS}.text.min_df": 9,
        f"{PARTS}.body": "tf-idf",
    }


def test_a_lock_names_every_part(recipe):
    found = component_fingerprints(recipe.override(f"{PARTS}.categories=none").plan(), recipe.zoo.registry)
    assert found[f"{PARTS}.text"]["name"] == "ngrams"
    assert found[f"{PARTS}.text.weighting"]["name"] == "log-count-ratio"
    assert f"{PARTS}.categories" not in found


def test_a_swap_leaves_a_name_out(recipe):
    [axis] = parse_swaps(recipe, recipe.plan(), [f"{PARTS}.numbers=scaled-numbers,none"])
    assert (axis.key, axis.values) == (f"{PARTS}.numbers", ("scaled-numbers", "none"))
    [axis] = parse_swaps(recipe, recipe.plan(), [f"{PARTS}.{ODD_KEY}=one-hot,none"])
    assert axis.key == f"{PARTS}.{ODD_KEY}"
    assert current_value(recipe.plan(), f"{PARTS}.numbers") == "scaled-numbers"
    assert current_value(recipe.override(f"{PARTS}.numbers=none").plan(), f"{PARTS}.numbers") == "none"
    assert current_value(recipe.plan(), f"{PARTS}.{ODD_KEY}") == ""
    with pytest.raises(RecipeError, match='unknown vectorizer "onehot"'):
        parse_swaps(recipe, recipe.plan(), [f"{PARTS}.numbers=onehot"])


@pytest.mark.parametrize(
    ("assignments", "expected"),
    [
        ([f"{PARTS}=ngrams"], "must be a table of components of kind vectorizer, not the string"),
        ([f"{PARTS}.text=dense-columns"], 'does not fit this slot: expected layout = "bag"'),
        ([f"{PARTS}.numbers=none", f"{PARTS}.numbers.scale=none"], 'unknown setting "scale" (hint: "numbers" is left'),
        ([f"{PARTS}.text.mindf=3"], 'unknown setting "mindf" (hint: did you mean "min_df"?)'),
        ([f"{PARTS}.new.cutoff=3"], "missing the name of the vectorizer"),
        ([f"{PARTS}.text=3"], 'unknown vectorizer "3"'),
    ],
)
def test_wrong_parts_are_told_in_one_line(recipe, assignments, expected):
    with pytest.raises(RecipeError) as caught:
        recipe.with_assignments(*assignments).plan()
    [problem] = caught.value.problems
    assert expected in str(problem)
    assert problem.where.startswith("--set")


def test_too_many_names_are_rejected(zoo):
    with pytest.raises(RecipeError, match="at most 1,000 components, not 1,501"):
        parts = {f"c{number}": "ngrams" for number in range(1498)}
        build_component(zoo.registry, "vectorizer", {"use": "union", "parts": parts})


def test_settings_and_values_by_path(recipe):
    plan = recipe.plan()
    paths = [path for path, _, _ in iter_settings(plan.vectorizer)]
    assert paths == [("parts", "text"), ("parts", "categories"), ("parts", "numbers")]
    assert value_at(plan, ("vectorizer", "parts", "text", "min_df")) == 2
    with pytest.raises(KeyError):
        value_at(plan, ("vectorizer", "parts", "absent"))
    assert unstructure(plan.vectorizer.parts)["categories"]["use"] == "one-hot"
