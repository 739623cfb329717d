"""What a recipe says of several labels a text that its components or settings do not support."""

import pytest

from zoo_core import fit
from zoo_core.errors import RecipeError
from zoo_core.recipes import compatibility

REFUSED = {
    "loss=cross-entropy": (
        'task "tags" reads multi-label targets, loss "cross-entropy" supports single-label ones',
        "use loss = bce-with-logits, focal; or task = ",
    ),
    "sampler=balanced": (
        'task "tags" reads multi-label targets, sampler "balanced" supports single-label ones',
        "use sampler = sequential, shuffled; or task = ",
    ),
    'training.metrics=["f1","matthews"]': ('metric "matthews" supports single-label ones', ""),
    "training.class_weights=balanced": (
        "training.class_weights weighs rows of exclusive classes",
        "--set training.positive_weights=balanced",
    ),
}


@pytest.mark.parametrize("change", REFUSED)
def test_refused(tag_recipe, change):
    message, hint = REFUSED[change]
    with pytest.raises(RecipeError) as caught:
        tag_recipe(change).plan() and compatibility.check(tag_recipe(change))
    [problem] = caught.value.problems
    assert message in problem.message
    assert hint in problem.hint


def test_one_label_a_text_takes_no_positive_weights(tag_recipe):
    recipe = tag_recipe("training.positive_weights=balanced", task="text-classification", loss="cross-entropy")
    with pytest.raises(RecipeError, match="positive_weights is for multi-label targets"):
        compatibility.check(recipe)


def test_unknown_class_in_positive_weights(prepare_tags, tmp_path):
    recipe, prepared = prepare_tags("training.positive_weights={rde=5}")
    with pytest.raises(RecipeError, match='unknown class "rde"') as caught:
        fit(recipe, prepared, run=tmp_path / "run")
    assert caught.value.problems[0].hint == 'did you mean "red"?'


@pytest.mark.parametrize("weights", ["balanced", "{red=5}"])
def test_positive_weights_raise_the_labels(prepare_tags, tmp_path, weights):
    changes = ([f"training.positive_weights={weights}"], [])
    weighted, unweighted = (
        fit(*prepare_tags("calibrator=none", *change), run=tmp_path / str(len(change))) for change in changes
    )
    means = [run.head.probabilities(run.stored_validation.scores).mean(dim=0) for run in (weighted, unweighted)]
    rare, red = 3, 2
    assert means[0][rare if weights == "balanced" else red] > means[1][rare if weights == "balanced" else red]
