"""Variants of a swap: slots and values, compatible ones and those that are skipped."""

from __future__ import annotations

import pytest

from zoo_core.errors import RecipeError
from zoo_core.experiments.swap_arguments import find_slots, split_list, split_recipes
from zoo_core.experiments.variants import build_variants
from zoo_core.recipes.recipe import load_recipe


@pytest.fixture
def mlp(small):
    return small(name="yelp-mlp")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("relu,tanh", ["relu", "tanh"]),
        ("relu , tanh", ["relu", "tanh"]),
        ('{use="prelu", init=0.1},relu', ['{use="prelu", init=0.1}', "relu"]),
        ("[100],[50, 50]", ["[100]", "[50, 50]"]),
        ("'a,b',c", ["'a,b'", "c"]),
    ],
)
def test_splits_values_at_commas_outside_brackets(text, values):
    assert split_list(text) == values


def test_finds_slots_inside_components(mlp):
    found = find_slots(mlp.plan())
    assert found["model.activation"] == "activation" and found["optimizer"] == "optimizer"
    assert "training.metrics" not in found


def test_the_first_combination_is_the_baseline(mlp):
    found = build_variants(mlp, ["model.activation=tanh,relu", "optimizer.lr=0.1,0.01"])
    names = [variant.name for variant in found.compatible]
    assert names == [f"activation={part}, lr={rate}" for part in ("tanh", "relu") for rate in ("0.1", "0.01")]
    plan = found.compatible[1].plan
    assert (plan.model.activation.name, plan.optimizer.lr) == ("tanh", 0.01)


def test_settings_are_applied_after_the_component_they_belong_to(mlp):
    found = build_variants(mlp, ["optimizer.lr=0.5,0.25", "optimizer=sgd,adagrad"])
    assert [variant.plan.optimizer.lr for variant in found.compatible] == [0.5, 0.5, 0.25, 0.25]


def test_the_component_of_the_recipe_is_the_recipe(mlp):
    recipe = mlp.override("vectorizer.cutoff=1", "model.dropout=0.25", "optimizer.lr=0.5")
    base = recipe.plan()
    for swap in (
        "vectorizer=one-hot,tf-idf",
        "model=mlp,perceptron",
        "model={use='mlp'},perceptron",
        "model.activation=relu,tanh",
        "optimizer=textzoo/textbook:adam,sgd",
    ):
        own = mlp if "perceptron" in swap else recipe  # explicit settings of mlp apply to nothing in a perceptron
        found = build_variants(own, [swap]).compatible
        assert found[0].plan == own.plan(), swap
        assert len(found) == 2, swap
    rates = [variant.plan.optimizer.lr for variant in build_variants(recipe, ["optimizer=sgd,adam"]).compatible]
    assert rates == [0.5, 0.5]
    assert base == recipe.plan()


def test_an_explicit_setting_that_a_variant_does_not_have_skips_it(mlp):
    found = build_variants(mlp.override("optimizer.beta1=0.5"), ["optimizer=adam,sgd"])
    assert [variant.name for variant in found.compatible] == ["adam"]
    assert 'unknown setting "beta1"' in found.skipped["sgd"]


def test_a_single_value_is_compared_with_the_recipe(mlp):
    found = build_variants(mlp, ["model.activation=tanh"])
    assert [variant.name for variant in found.compatible] == ["relu", "tanh"]
    assert [variant.name for variant in build_variants(mlp, ["model.hidden=[8]"]).compatible] == ["[100]", "[8]"]


def test_without_a_slot_the_recipe_is_the_only_variant(mlp):
    assert [variant.name for variant in build_variants(mlp, []).compatible] == ["baseline"]


def test_incompatible_variants_are_skipped_with_the_reason(mlp):
    found = build_variants(mlp, ["loss=bce-with-logits,bce,cross-entropy"])
    assert [variant.name for variant in found.compatible] == ["bce-with-logits", "cross-entropy"]
    assert "expects probabilities" in found.skipped["bce"]
    assert "elementwise" in build_variants(mlp, ["model.activation=relu,softmax,tanh"]).skipped["softmax"]


@pytest.mark.parametrize("value", ["-1", "x", "true"])
def test_wrong_value_stops_a_swap(mlp, value):
    with pytest.raises(RecipeError, match=r"optimizer.lr=.*: optimizer.lr: must be"):
        build_variants(mlp, [f"optimizer.lr=0.1,{value},1"])


@pytest.mark.parametrize(
    ("swap", "message"),
    [
        ("activation=relu,tanh", 'did you mean "model.activation"?'),
        ("modle=mlp,linear", "the slots are task, vectorizer, vectorizer.tokenizer, model, model.activation, loss"),
        ("optimizer.rate=1,2", 'unknown slot "optimizer.rate"'),
        ("optimizer.lrr=1,2", 'did you mean "optimizer.lr"?'),
        ("model.activation=relu,tahn", 'did you mean "tanh"?'),
        ("model.activation", "expected SLOT=a,b,c"),
        ("model.activation=relu,,tanh", "expected SLOT=a,b,c"),
        ("split.train=0.6,0.7", "cannot be swapped"),
        ("training.metrics=[],[]", "cannot be swapped"),
        ("model.activation=relu,relu", "are the same recipe"),
        ("optimizer.lr=1,1", "are the same recipe"),
    ],
)
def test_rejects_invalid_swaps(mlp, swap, message):
    with pytest.raises(RecipeError) as caught:
        build_variants(mlp, [swap])
    assert message in str(caught.value)


def test_rejects_an_incompatible_baseline_and_any_incompatible_variant_if_strict(mlp):
    with pytest.raises(RecipeError, match="expects probabilities"):
        build_variants(mlp, ["loss=bce,bce-with-logits"])
    with pytest.raises(RecipeError, match="expects probabilities"):
        build_variants(mlp, ["loss=bce-with-logits,bce"], strict=True)
    with pytest.raises(RecipeError, match="swapped twice"):
        build_variants(mlp, ["loss=mse,hinge", "loss=mse,hinge"])
    assert (
        "two classes"
        in build_variants(mlp, ["loss=cross-entropy,bce-with-logits"], num_classes=3).skipped["bce-with-logits"]
    )


def test_messages_name_a_swap_as_it_was_written(mlp):
    swap = "model=mlp,perceptron"
    _, perceptron = build_variants(mlp, [swap]).compatible
    (dropped,) = perceptron.recipe.dropped_settings()
    assert str(dropped).startswith(f"{swap} replaces a component and drops its settings: model.hidden")
    with pytest.raises(RecipeError, match=r"^optimizer.lr=-1,1: optimizer.lr: must be above 0"):
        build_variants(mlp, ["optimizer.lr=-1,1"])


def test_a_component_is_swapped_before_its_settings(mlp):
    found = build_variants(mlp, ["optimizer.lr=0.5,0.25", "optimizer=sgd"]).compatible
    assert [variant.plan.optimizer.lr for variant in found] == [0.5, 0.5, 0.25, 0.25]


def test_recipes_are_variants_with_the_split_of_the_first(mlp):
    perceptron = load_recipe("yelp-perceptron", zoo=mlp.zoo).override("split.seed=7")
    found = build_variants([mlp, perceptron], [])
    assert [variant.name for variant in found.compatible] == ["yelp-mlp", "yelp-perceptron"]
    first, second = found.compatible
    assert second.plan.split == first.plan.split and second.plan.model.name == "perceptron"
    assert first.own_plan is None and second.own_plan.split.seed == 7


def test_each_recipe_is_combined_with_each_value(mlp):
    perceptron = load_recipe("yelp-perceptron", zoo=mlp.zoo)
    found = build_variants([mlp, perceptron], ["optimizer.lr=0.5,0.25"])
    names = [variant.name for variant in found.compatible]
    assert names == [f"{name}, lr={lr}" for name in ("yelp-mlp", "yelp-perceptron") for lr in ("0.5", "0.25")]
    found = build_variants([mlp, perceptron], ["model.activation=tanh"])
    assert [variant.name for variant in found.compatible] == [
        *("yelp-mlp, activation=relu", "yelp-mlp, activation=tanh", "yelp-perceptron"),
    ]
    assert list(found.skipped) == ["yelp-perceptron, activation=tanh"]


def test_names_in_a_list_of_recipes():
    assert split_recipes("a,b", {"a,b"}.__contains__) == ["a,b"]
    assert split_recipes("a, my/b.toml", {"a"}.__contains__) == ["a", "my/b.toml"]
    with pytest.raises(RecipeError, match="expected RECIPE,RECIPE"):
        split_recipes("a,,b", {"a"}.__contains__)


def test_recipes_of_one_name_are_told_apart_by_what_differs(small):
    recipes = [small(), small().override({"optimizer.lr": 0.5}), small().override({"optimizer": "sgd"}), small()]
    names = [variant.name for variant in build_variants(recipes, []).compatible]
    name = recipes[0].name
    assert names[:2] == [name, f"{name}, lr=0.5"]
    assert len(names) == 3 and names[2].startswith(f'{name}, optimizer="sgd"')
