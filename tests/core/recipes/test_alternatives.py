"""Alternatives for a slot: the same result as checking each component."""

from __future__ import annotations

import pytest

from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.alternatives import enum_values, find_alternatives, iter_slots
from zoo_core.recipes.compatibility import check
from zoo_core.recipes.flat_keys import flatten_plan
from zoo_core.recipes.recipe import load_recipe

OF_CLASSES = ("loss", "model", "training")


def recipes_and_slots():
    """Every slot of each recipe, for two and for five classes.

    Quick are the slots in which no recipe before it has the same component and its layout; for five classes, those
    which the number of classes concerns."""
    zoo, seen, found = open_zoo(), set(), []
    for name in sorted(zoo.recipes):
        plan = load_recipe(name, zoo=zoo).plan()
        components = flatten_plan(plan, zoo.registry)
        for slot, _, _ in iter_slots(plan):
            key = slot, str(components[slot]), plan.vectorizer.layout, type(plan.task)
            for classes in (2, 5):
                is_slow = key in seen or (classes == 5 and slot.partition(".")[0] not in OF_CLASSES)
                found.append(pytest.param(name, slot, classes, marks=[pytest.mark.slow] * is_slow))
            seen.add(key)
    return found


def is_compatible(recipe, slot, name, classes):
    value = f'["{name}"]' if slot == "training.metrics" else name
    try:
        check(recipe.override(f"{slot}={value}"), num_classes=classes)
    except RecipeError:
        return False
    return True


@pytest.mark.parametrize(("name", "slot", "classes"), recipes_and_slots())
def test_candidates_fit_if_check_passes(zoo, name, slot, classes):
    recipe = load_recipe(name, zoo=zoo)
    found = find_alternatives(recipe, slot, num_classes=classes)
    kind = {key: kind for key, kind, _ in iter_slots(recipe.plan())}[slot]
    assert sorted(choice.name for choice in found.candidates) == zoo.registry.names(kind)
    for choice in found.candidates:
        if slot == "training.metrics" or found.common_problems:
            continue  # such a candidate is tried beside others, or every candidate conflicts
        assert (not choice.reasons) == is_compatible(recipe, slot, choice.name, classes) or choice.is_current, choice
    reasons = [bool(choice.reasons) for choice in found.candidates]
    assert reasons == sorted(reasons)  # compatible candidates come first


def test_reasons(zoo):
    recipe = load_recipe("fasttext", zoo=zoo)
    found = {choice.name: choice for choice in find_alternatives(recipe, "optimizer").candidates}
    assert found["sgd"].is_current and not found["sgd"].reasons
    assert found["adam"].reasons == (
        'model "embedding-bag" has sparse gradients, optimizer "adam" (as set) does not support them',
    )
    found = {
        choice.name: choice
        for choice in find_alternatives(load_recipe("yelp-mlp", zoo=zoo), "model.activation").candidates
    }
    assert found["softmax"].reasons == ('activation "softmax" does not fit this slot: expected acts = "elementwise"',)
    assert not found["relu"].reasons and found["relu"].is_current


def test_reason_names_an_inner_slot_that_would_resolve_it(zoo):
    recipe = load_recipe("yelp-mlp", zoo=zoo).override("loss=bce")
    found = {choice.name: choice for choice in find_alternatives(recipe, "model").candidates}
    assert found["perceptron"].reasons[0].endswith("; fits with model.output = sigmoid")
    assert "fits with" not in found["linear"].reasons[0]


def test_current_component_keeps_its_settings(zoo):
    recipe = load_recipe("yelp-perceptron", zoo=zoo).override("loss=bce", "model.output=sigmoid")
    assert not next(choice for choice in find_alternatives(recipe, "model").candidates if choice.is_current).reasons


def test_problems_of_all_candidates_are_separate(zoo):
    recipe = load_recipe("yelp-mlp", zoo=zoo).override("training.monitor=acuracy")
    found = find_alternatives(recipe, "optimizer")
    assert len(found.common_problems) == 1 and "acuracy" in found.common_problems[0]
    assert not any(choice.reasons for choice in found.candidates)


def test_number_of_classes(zoo):
    recipe = load_recipe("text-mlp", zoo=zoo)
    two, five = (
        {c.name for c in find_alternatives(recipe, "loss", num_classes=n).candidates if not c.reasons} for n in (2, 5)
    )
    assert two - five == {"bce-with-logits"}


@pytest.mark.parametrize(("slot", "hint"), [("los", '"loss"'), ("model.output", "model"), ("split", "splitter")])
def test_unknown_slot(zoo, slot, hint):
    with pytest.raises(RecipeError, match="unknown slot") as caught:
        find_alternatives(load_recipe("yelp-mlp", zoo=zoo), slot)
    assert hint in str(caught.value)


def test_enum_values(zoo):
    plan = load_recipe("yelp-mlp", zoo=zoo).plan()
    assert enum_values(plan, "training.device") == ["auto", "cpu", "cuda"]
    assert enum_values(plan, "vectorizer.punctuation") == ["true", "false"]
    assert enum_values(plan, "training.epochs") == enum_values(plan, "no.such.key") == enum_values(plan, "") == []
