"""Conflicts are found before training, and every component in a hint resolves its conflict."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest
from attrs import frozen

import zoo_calibration
import zoo_ngrams
import zoo_textbook
import zoo_yelp
from tests.limits import limit
from zoo_core import Metric, Model, Scheduler, hookimpl
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.compatibility import check, find_doubts
from zoo_core.recipes.recipe import load_recipe
from zoo_core.training.pipeline import train


@frozen
class Recurrent(Model):
    """Tokens in order, one by one."""

    name = "recurrent"
    accepts = ("sequence",)

    def build(self, *, num_features, num_outputs):
        raise AssertionError("nothing is built before the check")


@frozen
class Impatient(Scheduler):
    """A scheduler that needs a metric after every batch."""

    name = "impatient"
    interval = "batch"
    needs_metric = True

    def build(self, optimizer, *, epochs, steps_per_epoch):
        raise AssertionError("nothing is built before the check")


@frozen
class LossOfMine(Metric):
    """A metric with the name of the loss."""

    name = "loss"
    response = "labels"
    higher_is_better = False

    def build(self, head):
        raise AssertionError("nothing is built before the check")


@pytest.fixture(scope="module")
def wide():
    """The built-in plugins, and a few components that fit nowhere."""
    mine = ModuleType("mine")
    mine.zoo_models = hookimpl(lambda: [Recurrent])
    mine.zoo_schedulers = hookimpl(lambda: [Impatient])
    mine.zoo_metrics = hookimpl(lambda: [LossOfMine])
    return open_zoo(
        plugins={
            "calibration": zoo_calibration,
            "textbook": zoo_textbook,
            "ngrams": zoo_ngrams,
            "yelp": zoo_yelp,
            "mine": mine,
        }
    )


CONFLICTS = {  # settings, classes, the message, and the slots that would resolve it
    "bce without a sigmoid": (
        ["loss=bce"],
        2,
        'loss "bce" expects probabilities, model "perceptron" outputs logits with output = "identity"',
        ["loss", "model.output"],
    ),
    "bce on a tanh": (
        ["loss=bce", "model.output=tanh"],
        2,
        'loss "bce" expects probabilities, model "perceptron" outputs scores with output = "tanh"',
        ["loss", "model.output"],
    ),
    "bce on a softmax": (["loss=bce", "model.output=softmax"], 2, "outputs distribution", ["loss", "model.output"]),
    "softmax into cross-entropy": (
        ["loss=cross-entropy", "model.output=softmax"],
        5,
        'loss "cross-entropy" expects logits, model "perceptron" outputs distribution with output = "softmax"',
        ["loss", "model.output"],
    ),
    "sigmoid twice": (
        ["loss=bce-with-logits", "model.output=sigmoid"],
        2,
        'loss "bce-with-logits" expects logits, model "perceptron" outputs probabilities with output = "sigmoid"',
        ["loss", "model.output"],
    ),
    "a model without a slot for the output": (["loss=bce", "model=linear"], 2, "outputs logits", ["loss"]),
    "a sequence model on a bag": (
        ["model=recurrent"],
        2,
        'vectorizer "one-hot" has the layout bag, model "recurrent" accepts sequence',
        ["model"],
    ),
    "one output for five classes": (
        ["loss=bce-with-logits"],
        5,
        'loss "bce-with-logits" is for two classes, the data has 5',
        ["loss"],
    ),
    "a sparse gradient": (
        ["model=embedding-bag", "optimizer=adam"],
        2,
        'model "embedding-bag" has sparse gradients, optimizer "adam" (as set) does not support them',
        ["optimizer", "model"],
    ),
    "a sparse gradient and a decay of every weight": (
        ["model=embedding-bag", "optimizer=sgd", "optimizer.weight_decay=0.1"],
        2,
        'optimizer "sgd" (as set) does not support them',
        ["optimizer", "model"],
    ),
    "a sparse gradient clipped": (
        ["model=embedding-bag", "optimizer=sgd", "training.clip=1"],
        2,
        "training.clip and training.l1 need dense gradients",
        ["model"],
    ),
    "a metric of probabilities": (
        ["loss=mse", "training.metrics=['log-loss', 'f1']"],
        2,
        'metric "log-loss" needs probabilities, loss "mse" has none',
        ["loss"],
    ),
    "a metric for every batch": (
        ["scheduler=impatient"],
        2,
        "steps after every batch, but needs a metric",
        ["scheduler"],
    ),
    "unknown metric": (["training.monitor=acuracy"], 2, '"acuracy" is not one of loss, accuracy, f1', []),
    "a metric that is not computed": (["training.monitor=log-loss"], 2, '"log-loss" is not one of', []),
    "a metric twice": (["training.metrics=['f1', 'f1']"], 2, 'training.metrics has "f1" twice', []),
    "a metric called loss": (["training.metrics=['loss']"], 2, 'has a metric "loss"', []),
}


def named(hint: str) -> dict[str, list[str]]:
    """The components that a hint names for each slot."""
    slots = [text.split(" = ") for text in hint.removeprefix("use ").split("; or ")] if hint.startswith("use ") else []
    return {slot: names.split(", ") for slot, names in slots}


def fits(recipe, classes) -> bool:
    try:
        check(recipe, num_classes=classes)
    except RecipeError:
        return False
    return True


@pytest.mark.parametrize("case", CONFLICTS)
def test_hint_has_exactly_the_components_that_fit(small, wide, case):
    settings, classes, said, slots = CONFLICTS[case]
    recipe = small(*settings, zoo=wide)
    with pytest.raises(RecipeError) as caught:
        check(recipe, num_classes=classes)
    (problem,) = caught.value.problems
    assert said in problem.message
    hinted = named(problem.hint)
    assert list(hinted) == slots
    for slot, names in hinted.items():
        kind = {"model.output": "activation"}.get(slot, slot)
        others = small(*(text for text in settings if not text.startswith(f"{slot}.")), zoo=wide)
        fitting = [name for name in wide.registry.names(kind) if fits(others.override(f"{slot}={name}"), classes)]
        assert names == fitting
    if slots:
        assert problem.where.startswith(("--set ", "registry.toml:"))


def test_all_conflicts_are_reported_together(small, wide):
    recipe = small("model=recurrent", "loss=mse", "training.metrics=['log-loss']", "training.monitor=f1", zoo=wide)
    with pytest.raises(RecipeError) as caught:
        check(recipe)
    assert [problem.message.split(" ")[0] for problem in caught.value.problems] == [
        "vectorizer",
        "metric",
        "training.monitor",
    ]


@pytest.mark.parametrize("settings", [["loss=bce", "model.output=sigmoid"], ["loss=mse", "model.output=tanh"]])
def test_both_variants_of_the_textbook_fit(small, settings):
    assert check(small(*settings)).loss.name == settings[0].removeprefix("loss=")


def test_built_in_recipes_fit(zoo):
    assert {name for name, origin in zoo.origins.items() if origin == "shipped"} >= {"yelp-perceptron", "text-mlp"}
    assert len(zoo.recipes) > 5
    for name in zoo.recipes:
        check(load_recipe(name, zoo=zoo))


WEIGHTS, SAMPLER = "training.class_weights={ spam = 5 }", "sampler=balanced"
POSITIVE = "training.positive_weights=balanced"  # of several labels a text
RAISING = {
    SAMPLER: 'sampler "balanced"',
    WEIGHTS: "training.class_weights = numbers by class",
    POSITIVE: 'training.positive_weights = "balanced"',
}


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ((), []),
        (("calibrator=platt",), []),
        ((WEIGHTS, "calibrator=temperature"), []),
        ((WEIGHTS, "calibrator=none"), []),
        ((WEIGHTS, "calibrator=isotonic"), ["weights-undone"]),
        ((SAMPLER, "calibrator=platt"), ["weights-undone"]),
        ((SAMPLER, "training.class_weights=balanced"), ["balanced-twice"]),
        ((SAMPLER, WEIGHTS, "calibrator=platt"), ["balanced-twice", "weights-undone"]),
        ((POSITIVE, "calibrator=temperature"), []),
        ((POSITIVE, "calibrator=isotonic"), ["weights-undone"]),
    ],
)
def test_classes_that_are_raised_twice_or_in_vain(small, settings, codes):
    doubts = find_doubts(small(*settings).plan())
    assert [doubt.code for doubt in doubts] == codes
    for doubt in doubts:
        raising = next(shown for setting, shown in RAISING.items() if setting in settings)
        assert raising in doubt.message and doubt.hint.startswith("leave one of them out")


def test_number_of_classes_is_checked_before_training(small, tmp_path):
    path = tmp_path / "five.csv"
    path.write_text("rating,review\n" + "".join(f"{at % 5},word {at}\n" for at in range(60)))
    with pytest.raises(RecipeError, match=r"the data has 5 .*loss = cross-entropy, focal, hinge, huber, mse"):
        train(small(), path, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert train(small("loss=cross-entropy"), path, run=tmp_path / "run").head.classes == tuple("01234")


def test_check_does_not_load_torch():
    code = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from zoo_core import check, load_recipe\n"
        "from zoo_core.errors import RecipeError\n"
        "check(load_recipe('text-mlp'))\n"
        "try:\n    check(load_recipe('yelp-mlp').override('loss=bce'))\n"
        "except RecipeError:\n    print('torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=limit())
    assert done.stdout == "False\n"
