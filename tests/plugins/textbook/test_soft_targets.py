"""Soft targets: a probability for each class instead of a label, from the file to the weights."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import polars as pl
import pytest
import torch
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

import zoo_calibration
import zoo_ngrams
import zoo_textbook
from tests.rows import shuffled
from zoo_core import Loss, hookimpl
from zoo_core.components.head import Head
from zoo_core.components.table import Table
from zoo_core.config.zoo import open_zoo
from zoo_core.data.columns import require_rows
from zoo_core.errors import DataError, RecipeError
from zoo_core.evaluation.evaluator import Evaluator, head_for, predict_scores
from zoo_core.features.bag import Bag
from zoo_core.features.batches import EncodedSplit
from zoo_core.recipes.recipe import load_recipe
from zoo_core.training.loop import TrainingContext, train_loop
from zoo_core.training.pipeline import prepare, train
from zoo_core.training.rows.class_weights import count_classes, loss_weights
from zoo_core.training.rows.epochs import EpochBatches
from zoo_textbook.losses import CrossEntropy
from zoo_textbook.tasks.text_classification import TextClassification

NAMES = ("p_bad", "p_dull", "p_good")
SHARES = st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3).filter(sum), min_size=1, max_size=8)
SMALL = ("training.epochs=4", "training.batch_size=16", "optimizer.lr=0.05", "vectorizer.cutoff=0")
SOFT = ('task.probabilities=["p_bad", "p_dull", "p_good"]',)


def read(columns, *, names=NAMES, **more):
    frame = pl.DataFrame({"text": [f"t{i}" for i in range(len(next(iter(columns.values()))))], **columns})
    return TextClassification(probabilities=names, **more).read(Table(frame, "file.csv"))


def columns(rows):
    return {name: [str(row[i]) for row in rows] for i, name in enumerate(NAMES)}


@given(SHARES)
def test_reads_probabilities_and_the_most_probable_class(rows):
    shares = np.array(rows) / np.array(rows).sum(axis=1, keepdims=True)
    found = read(columns(shares.tolist()))
    assert found.probabilities.columns == ["bad", "dull", "good"]
    assert np.array_equal(found.probabilities.to_numpy(), shares.astype(np.float32))
    likeliest = shares.astype(np.float32).argmax(axis=1)
    assert found.labels.to_list() == [("bad", "dull", "good")[i] for i in likeliest]


def test_sorts_classes_and_keeps_names_without_a_common_prefix():
    found = read({"10": ["0.2"], "9": ["0.8"]}, names=("10", "9"))
    assert found.probabilities.columns == ["9", "10"] and found.labels.to_list() == ["9"]
    assert read({"p_a": ["1"], "b": ["0"]}, names=("p_a", "b")).probabilities.columns == ["b", "p_a"]


def test_drops_and_counts_rows_without_probabilities():
    found = read(columns([["", " ", ""], ["1", "0", "0"]]))
    assert (found.texts.to_list(), found.dropped, found.probabilities.height) == (["t1"], {"no probability": 1}, 1)
    with pytest.raises(DataError, match=r"all rows were dropped \(no probability: 1\)$"):
        require_rows(read(columns([["", "", ""]])), "in.csv", "label")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["0.5", "0.6", "-0.1"], "negative probability: got 0.5, 0.6, -0.1"),
        (["0.5", "0.4", "0.2"], "sum to 1.1, expected 1: got 0.5, 0.4, 0.2"),
        (["0.33", "0.33", "0.33"], "as 0.3333, if they were rounded"),
        (["0", "0", "0"], "sum to 0"),
        (["0.5", "", "0.5"], '"" in column "p_dull" is not a finite number'),
        (["0.5", "nan", "0.5"], '"nan" in column "p_dull"'),
    ],
)
def test_rejects_rows_that_are_not_probabilities(row, message):
    with pytest.raises(DataError) as error:
        read(columns([["0.3333", "0.3333", "0.3333"], row]))
    assert str(error.value).startswith("file.csv, row 2: ") and message in str(error.value)


@pytest.mark.parametrize("names", [("p_a",), ("p_a", "p_a")])
def test_rejects_invalid_columns_of_probabilities(names):
    assert {problem.setting for problem in TextClassification(probabilities=names).check()} == {"probabilities"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same rows with labels and with shares of 0 and 1; and with shares that say less."""
    random = np.random.default_rng(5)
    folder, words = tmp_path_factory.mktemp("soft"), ("awful cold rude", "plain usual gray", "great warm kind")
    lines = {"hard": ["text,label,split"], "hot": ["text,p_bad,p_dull,p_good,split"]}
    lines["soft"] = [*lines["hot"]]
    for row in range(150):
        kind = row % 3
        text = " ".join(random.choice(words[kind].split(), 2)) + f" day {row % 11}"
        split = ("train", "train", "train", "val", "test")[row // 3 % 5]
        shares = random.dirichlet(np.eye(3)[kind] * 4 + 0.5)
        lines["hard"].append(f"{text},{('bad', 'dull', 'good')[kind]},{split}")
        lines["hot"].append(f"{text},{','.join(str(int(at == kind)) for at in range(3))},{split}")
        lines["soft"].append(f"{text},{','.join(map(repr, shares.tolist()))},{split}")
    for name, rows in lines.items():
        (folder / f"{name}.csv").write_text("\n".join([*rows, ""]))
    return folder


@pytest.fixture(scope="module")
def recipe(zoo):
    return lambda *changes: load_recipe("text-mlp", zoo=zoo).override(*SMALL, *changes)


@pytest.mark.parametrize("loss", ["cross-entropy", "focal", "mse", "hinge", "huber"])
def test_probabilities_of_0_and_1_give_the_weights_of_labels(recipe, files, tmp_path, loss):
    """Close, not equal to the bit: the terms of a row are summed, where a label picks one."""
    hard = train(recipe(f"loss={loss}"), files / "hard.csv", run=tmp_path / "a")
    hot = train(recipe(f"loss={loss}", *SOFT), files / "hot.csv", run=tmp_path / "b")
    assert hot.head.calibration is None  # which would make soft labels more extreme
    assert evolve(hard.head, calibration=None) == hot.head
    for name, value in hard.module.state_dict().items():
        torch.testing.assert_close(hot.module.state_dict()[name], value, rtol=1e-4, atol=1e-5)
    for split in ("val", "test"):
        assert hot.summary["metrics"][split] == pytest.approx(hard.summary["metrics"][split], abs=1e-4)


def test_two_classes_and_one_output(recipe, tmp_path):
    rows = [("bad", 1, 0), ("good", 0, 1)] * 40
    for name, lines in (
        ("hard", ["text,label", *(f"{word} {i},{word}" for i, (word, _, _) in enumerate(rows))]),
        ("hot", ["text,p_bad,p_good", *(f"{word} {i},{no},{yes}" for i, (word, no, yes) in enumerate(rows))]),
    ):
        (tmp_path / f"{name}.csv").write_text("\n".join([*lines, ""]))
    hard = train(recipe("loss=bce-with-logits"), tmp_path / "hard.csv", run=tmp_path / "a")
    soft = 'task.probabilities=["p_bad", "p_good"]'
    hot = train(recipe("loss=bce-with-logits", soft), tmp_path / "hot.csv", run=tmp_path / "b")
    for name, value in hard.module.state_dict().items():
        assert torch.equal(hot.module.state_dict()[name], value)


def test_trains_as_torch_on_probabilities(zoo, recipe, files):
    """The loop against torch's own cross-entropy and SGD, step by step, on the dense features."""
    soft_recipe = recipe(
        *SOFT, "model=perceptron", "optimizer=sgd", "optimizer.lr=0.5", "scheduler=none", "training.epochs=2"
    )
    prepared = prepare(soft_recipe, files / "soft.csv")
    train_split, plan = prepared.splits["train"], prepared.plan
    assert train_split.targets.shape == (90, 3) and train_split.targets.dtype == torch.float32
    module = plan.model.build(num_features=prepared.encoder.num_features, num_outputs=3)
    weight = module.affine.linear.weight.detach().clone().requires_grad_()
    bias = module.affine.linear.bias.detach().clone().requires_grad_()
    head = head_for(plan.loss, prepared.classes)
    evaluator = Evaluator(head, plan.loss.build(class_weights=None), plan.training.metrics)
    train_loop(
        module,
        TrainingContext(
            plan, EpochBatches(zoo.registry, plan, train_split), prepared.splits["val"], evaluator, evaluator.loss
        ),
    )
    dense = train_split.features.to_dense()
    for epoch in (1, 2):
        for batch in shuffled(train_split, batch_size=16, epoch=epoch, seed=plan.training.seed):
            loss = functional.cross_entropy(dense[batch.rows] @ weight + bias, train_split.targets[batch.rows])
            gradients = torch.autograd.grad(loss, (weight, bias))
            with torch.no_grad():
                for value, gradient in zip((weight, bias), gradients, strict=True):
                    value -= 0.5 * gradient
    torch.testing.assert_close(module.affine.linear.weight, weight, rtol=1e-4, atol=1e-6)
    val = prepared.splits["val"]
    figures = evaluator.evaluate(module, val)
    scores = predict_scores(module, val.features)
    assert figures["loss"] == pytest.approx(float(functional.cross_entropy(scores, val.targets)), rel=1e-6)
    right = (scores.argmax(dim=1) == val.targets.argmax(dim=1)).float().mean()
    assert figures["accuracy"] == pytest.approx(float(right))


def test_a_run_is_evaluated_again_with_the_same_result(recipe, files, tmp_path):
    run = train(recipe(*SOFT), files / "soft.csv", run=tmp_path / "r")
    for split in ("val", "test"):
        again = run.evaluate(split=split)
        assert {key: value for key, value in again.items() if key != "rows"} == pytest.approx(
            run.summary["metrics"][split], rel=1e-6
        )
    scores, truth = run.scores_and_targets()
    assert truth.dtype == torch.int64 and truth.shape == (30,) and scores.shape == (30, 3)
    labeled = run.override("task.probabilities=[]").evaluate(files / "hard.csv", split="test")
    assert labeled["accuracy"] > 0.8
    strange = run.override('task.probabilities=["p_bad", "split"]')
    with pytest.raises(DataError, match='in column "split" is not a finite number'):
        strange.evaluate(files / "soft.csv")


def test_rejects_a_class_that_is_not_in_the_training_data(recipe, files, tmp_path):
    run = train(recipe(*SOFT, "training.epochs=1"), files / "soft.csv", run=tmp_path / "r")
    path = tmp_path / "more.csv"
    path.write_text("text,p_bad,p_fine\nx,0.5,0.5\n")
    with pytest.raises(DataError, match='the class "fine" was not seen in training'):
        run.override('task.probabilities=["p_bad", "p_fine"]').evaluate(path)


def test_splits_are_stratified_by_the_most_probable_class(recipe, tmp_path):
    path = tmp_path / "soft.csv"
    rows = ["0.6,0.4,0"] * 100 + ["0.2,0.2,0.6"] * 20
    path.write_text("\n".join(["text,p_bad,p_dull,p_good", *(f"word {i},{row}" for i, row in enumerate(rows)), ""]))
    prepared = prepare(recipe(*SOFT), path)
    found = {
        name: split.targets.argmax(dim=1).bincount(minlength=3).tolist() for name, split in prepared.splits.items()
    }
    assert found == {"train": [70, 0, 14], "val": [15, 0, 3], "test": [15, 0, 3]}


def test_balanced_class_weights_use_probabilities(recipe, files):
    plan = recipe(*SOFT, "training.class_weights=balanced").plan()

    def weights(targets):
        return loss_weights(plan, Head(("a", "b", "c"), 3, "softmax", class_counts=count_classes(targets, 3)))

    shares = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    assert weights(shares).tolist() == pytest.approx([2 / (3 * 1.5), 2 / (3 * 0.5), 0])
    hard = torch.tensor([0, 0, 1, 2])
    assert torch.equal(weights(functional.one_hot(hard).float()), weights(hard))


@frozen
class LabelsAlone(Loss):
    """Cross-entropy that looks a label up."""

    name = "labels-alone"
    expects = "logits"
    link = "softmax"
    supports_soft_targets = False

    def build(self, *, class_weights):
        raise AssertionError("nothing is built before everything fits")


def test_rejects_a_loss_without_soft_targets_before_training(files):
    mine = ModuleType("mine")
    mine.zoo_losses = hookimpl(lambda: [LabelsAlone])
    zoo = open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "ngrams": zoo_ngrams, "mine": mine}
    )
    soft_recipe = load_recipe("text-mlp", zoo=zoo).override("loss=labels-alone")
    with pytest.raises(RecipeError) as error:
        prepare(soft_recipe.override(*SOFT), files / "missing.csv")
    assert error.value.exit_code == 2
    assert 'loss "labels-alone" only supports labels' in str(error.value)
    assert "use loss = bce-with-logits, cross-entropy, focal, hinge, huber, mse" in str(error.value)
    with pytest.raises(DataError, match="no such file"):
        prepare(soft_recipe, files / "missing.csv")


def test_smoothing_of_probabilities_equals_torch():
    random = torch.Generator().manual_seed(3)
    scores, shares = torch.randn(5, 3, generator=random), torch.rand(5, 3, generator=random).softmax(dim=1)
    found = CrossEntropy(smoothing=0.1).build(class_weights=None)(scores, shares)
    torch.testing.assert_close(found, functional.cross_entropy(scores, shares, label_smoothing=0.1))


def test_batches_have_the_rows_of_their_probabilities():
    bag = Bag(torch.arange(6, dtype=torch.int32), torch.arange(7), None, 6)
    shares = torch.rand(6, 3)
    for batch in shuffled(EncodedSplit(bag, shares), batch_size=4, epoch=1, seed=2):
        assert torch.equal(batch.targets, shares[batch.rows])
