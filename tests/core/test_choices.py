"""What a swap compares: slots and values, those that fit and those that do not."""

from __future__ import annotations

import pytest

from zoo_core.errors import RecipeError
from zoo_core.experiments.variants import build_variants, find_slots, split_list


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
def test_values_are_cut_at_the_commas_outside_of_brackets(text, values):
    assert split_list(text) == values


def test_the_slots_of_a_recipe_are_those_of_its_parts_too(mlp):
    found = find_slots(mlp.plan())
    assert found["model.activation"] == "activation" and found["optimizer"] == "optimizer"
    assert "training.metrics" not in found


def test_the_product_of_all_slots_the_first_of_each_being_the_baseline(mlp):
    found = build_variants(mlp, ["model.activation=tanh,relu", "optimizer.lr=0.1,0.01"])
    names = [choice.name for choice in found.compatible]
    assert names == [f"activation={part}, lr={rate}" for part in ("tanh", "relu") for rate in ("0.1", "0.01")]
    plan = found.compatible[1].recipe.plan()
    assert (plan.model.activation.name, plan.optimizer.lr) == ("tanh", 0.01)


def test_a_setting_of_the_part_put_in_stays_whatever_the_order(mlp):
    found = build_variants(mlp, ["optimizer.lr=0.5,0.25", "optimizer=sgd,adagrad"])
    assert [one.recipe.plan().optimizer.lr for one in found.compatible] == [0.5, 0.5, 0.25, 0.25]


def test_one_value_is_compared_with_what_the_recipe_has(mlp):
    found = build_variants(mlp, ["model.activation=tanh"])
    assert [choice.name for choice in found.compatible] == ["relu", "tanh"]
    assert [choice.name for choice in build_variants(mlp, ["model.hidden=[8]"]).compatible] == ["[100]", "[8]"]


def test_without_a_slot_it_is_the_recipe_alone(mlp):
    assert [choice.name for choice in build_variants(mlp, []).compatible] == ["as it is"]


def test_what_does_not_fit_is_left_out_with_the_reason(mlp):
    found = build_variants(mlp, ["loss=bce-with-logits,bce,cross-entropy"])
    assert [choice.name for choice in found.compatible] == ["bce-with-logits", "cross-entropy"]
    assert "wants probabilities" in found.skipped["bce"]
    assert "elementwise" in build_variants(mlp, ["model.activation=relu,softmax,tanh"]).skipped["softmax"]
    assert "above 0" in build_variants(mlp, ["optimizer.lr=0.1,-1,1"]).skipped["-1"]


@pytest.mark.parametrize(
    ("swap", "said"),
    [
        ("activation=relu,tanh", 'did you mean "model.activation"?'),
        ("modle=mlp,linear", "the slots are task, vectorizer, model, model.activation, loss"),
        ("optimizer.rate=1,2", 'there is no slot "optimizer.rate"'),
        ("optimizer.lrr=1,2", 'did you mean "optimizer.lr"?'),
        ("model.activation=relu,tahn", 'did you mean "tanh"?'),
        ("model.activation", "is no SLOT=a,b,c"),
        ("model.activation=relu,,tanh", "is no SLOT=a,b,c"),
        ("split.train=0.6,0.7", "cannot be swapped"),
        ("training.metrics=[],[]", "cannot be swapped"),
        ("model.activation=relu,relu", "are the same recipe"),
    ],
)
def test_what_is_refused(mlp, swap, said):
    with pytest.raises(RecipeError) as caught:
        build_variants(mlp, [swap])
    assert said in str(caught.value)


def test_a_baseline_that_does_not_fit_is_refused_and_anything_that_does_not_where_strict(mlp):
    with pytest.raises(RecipeError, match="wants probabilities"):
        build_variants(mlp, ["loss=bce,bce-with-logits"])
    with pytest.raises(RecipeError, match="wants probabilities"):
        build_variants(mlp, ["loss=bce-with-logits,bce"], strict=True)
    with pytest.raises(RecipeError, match="swapped twice"):
        build_variants(mlp, ["loss=mse,hinge", "loss=mse,hinge"])
    assert (
        "two classes"
        in build_variants(mlp, ["loss=cross-entropy,bce-with-logits"], num_classes=3).skipped["bce-with-logits"]
    )
