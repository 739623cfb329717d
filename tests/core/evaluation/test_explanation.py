"""Explanations: contributions sum to the score and equal what can be computed by hand."""

from __future__ import annotations

from itertools import permutations

import polars as pl
import pytest
import torch
from attrs import evolve

from zoo_core import open_run
from zoo_core.errors import NumericalError, RecipeError
from zoo_core.evaluation import explanation as module
from zoo_core.evaluation.shapley import shapley_values
from zoo_core.training.pipeline import train

TEXTS = ["good warm food", "bad cold rude staff", "the place", "kind bad", "never heard of good", ""]
RECIPES = {
    "perceptron": [],
    "two outputs": ["loss=cross-entropy"],
    "no probabilities": ["loss=mse"],
    "mlp": ["model=mlp", "model.hidden=[8]", "model.dropout=0.5"],
    "deep": ["model=mlp", "model.hidden=[8,4]", "model.activation=tanh", "loss=cross-entropy"],
    "probability": ["model.output=sigmoid", "loss=bce"],
    "ngrams": ["vectorizer=ngrams", "vectorizer.min_df=1", "vectorizer.words=[1,2]"],
}


@pytest.fixture(scope="module")
def run(small, reviews, tmp_path_factory):
    """`run(name)`: the run of a recipe, trained once."""
    done = {}

    def trained(name):
        if name not in done:
            recipe = small(*RECIPES[name])
            done[name] = train(recipe, reviews, run=tmp_path_factory.mktemp("explained") / "run")
        return done[name]

    return trained


def weights_of(run) -> dict[str, float]:
    """The weight of each word of a perceptron's vocabulary in the score of the second class."""
    return dict(zip(run.encoder.feature_names(), run.module.affine.linear.weight[:, 0].tolist(), strict=True))


def values_of(explanation) -> dict[str, float]:
    return {contribution.token: contribution.value for contribution in explanation.contributions}


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("text", TEXTS)
def test_contributions_sum_to_the_score_of_the_label(run, name, text):
    explained = run(name).explain(text)
    predicted = run(name).predict([text])
    assert explained.label == predicted.labels[0]
    assert explained.base + sum(part.value for part in explained.contributions) == pytest.approx(
        explained.score, abs=1e-5
    )
    nothing = run(name).explain("")
    assert nothing.score == nothing.base
    assert explained.base == nothing.base or explained.label != nothing.label
    sizes = [abs(part.value) for part in explained.contributions]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("text", TEXTS)
def test_a_word_adds_its_weight_in_a_perceptron(run, text):
    weights, bias = weights_of(run("perceptron")), float(run("perceptron").module.affine.linear.bias.detach())
    explained = run("perceptron").explain(text)
    sign = 1 if explained.label == "positive" else -1
    known = {word if word in weights else "<UNK>" for word in text.split()}
    assert values_of(explained) == pytest.approx({word: sign * weights[word] for word in known}, abs=1e-5)
    assert explained.base == pytest.approx(sign * bias)
    assert explained.score == pytest.approx(sign * (bias + sum(weights[word] for word in known)), abs=1e-5)


def test_a_word_adds_the_weight_of_the_label_with_two_outputs(run):
    own = run("two outputs")
    explained = own.explain("bad cold good")
    column = own.module.affine.linear.weight.detach()[:, own.head.classes.index(explained.label)]
    expected = {word: float(column[own.encoder.feature_names().index(word)]) for word in ("bad", "cold", "good")}
    assert values_of(explained) == pytest.approx(expected, abs=1e-5)


def test_a_weighted_feature_adds_its_weight_times_that_of_the_model(run):
    own = run("ngrams")
    explained = own.explain("good warm good")
    bag = own._encode(pl.Series(["good warm good"]))
    linear, sign = own.module.affine.linear, 1 if explained.label == "positive" else -1
    expected = sign * bag.weights * linear.weight[bag.ids, 0].detach()
    names = own.encoder.feature_names()
    named = {names[i]: value for i, value in zip(bag.ids.tolist(), expected.tolist(), strict=True)}
    assert values_of(explained) == pytest.approx(named, abs=1e-5)
    assert "good warm" in named


@pytest.mark.parametrize("text", TEXTS)
def test_the_score_of_a_sigmoid_is_the_probability_without_calibration(run, text):
    own = run("probability")
    explained = own.explain(text)
    scores = own.module.eval()(own._encode(pl.Series([text, ""])))
    probabilities = evolve(own.head, calibration=None).probabilities(scores)
    score, base = probabilities[:, own.head.classes.index(explained.label)].tolist()
    assert (explained.score, explained.base) == pytest.approx((score, base))
    assert explained.score >= 0.5


@pytest.mark.parametrize("name", ["mlp", "deep"])
def test_integrated_gradients_match_a_dense_float64_computation(run, name):
    own = run(name)
    text = "good warm cold food"
    explained = own.explain(text)
    bag = own._encode(pl.Series([text]))
    own.module.eval().double()
    vector = bag.to_dense().double()
    steps = 4000
    along = (vector * ((torch.arange(steps).double() + 0.5) / steps).unsqueeze(1)).requires_grad_()
    scores = own.head.class_scores(
        own.module.rest(along @ own.module.first.linear.weight + own.module.first.linear.bias)
    )
    scores[:, own.head.classes.index(explained.label)].sum().backward()
    expected = (vector[0] * along.grad.mean(dim=0))[bag.ids.long()].tolist()
    own.module.float()
    names = [own.encoder.feature_names()[i] for i in bag.ids.tolist()]
    assert values_of(explained) == pytest.approx(dict(zip(names, expected, strict=True)), abs=0.02 * explained.score)


@pytest.mark.parametrize("name", RECIPES)
def test_the_number_of_steps_hardly_matters(run, name, monkeypatch):
    before = run(name).explain("good warm bad food")
    monkeypatch.setattr(module, "INTEGRATION_STEPS", 16 * module.INTEGRATION_STEPS)
    largest = max(abs(part.value) for part in before.contributions)
    assert values_of(run(name).explain("good warm bad food")) == pytest.approx(values_of(before), abs=0.05 * largest)


def test_explaining_does_not_change_the_run(run, zoo):
    own = run("mlp")
    before = {name: tensor.clone() for name, tensor in own.module.state_dict().items()}
    assert own.explain("good cold") == own.explain("good cold") == open_run(own.folder, zoo=zoo).explain("good cold")
    assert all(torch.equal(before[name], tensor) for name, tensor in own.module.state_dict().items())
    opened = open_run(own.folder, zoo=zoo)
    opened.explain("good cold")
    assert all(parameter.grad is None for parameter in opened.module.parameters())


def test_top_features_of_a_perceptron_have_its_largest_weights(run):
    weights = weights_of(run("perceptron"))
    top = run("perceptron").top_features(3)
    assert list(top) == ["negative", "positive"]
    for label, sign in (("negative", -1), ("positive", 1)):
        best = sorted(weights, key=lambda word, sign=sign: -sign * weights[word])[:3]
        assert [word.token for word in top[label]] == best
        assert [word.value for word in top[label]] == pytest.approx([sign * weights[word] for word in best], abs=1e-5)
    every = run("perceptron").top_features(10**6)
    assert sum(len(words) for words in every.values()) == sum(weight != 0 for weight in weights.values())
    assert all(word.value > 0 for words in every.values() for word in words)


@pytest.mark.parametrize("name", ["perceptron", "mlp"])
def test_weights_whose_differences_overflow_give_no_top_features(run, zoo, name):
    huge = open_run(run(name).folder, zoo=zoo)
    with torch.no_grad():
        for parameter in huge.module.parameters():
            parameter.fill_(3e38)
    with pytest.raises(NumericalError, match="the scores of single features are not finite"):
        huge.top_features()


@pytest.mark.parametrize("name", RECIPES)
def test_top_features_are_the_words_of_the_class(run, name):
    own = run(name)
    expected = {"negative": {"bad", "cold", "rude"}, "positive": {"good", "warm", "kind"}}
    for label, words in own.top_features(8).items():
        singles = [word.token for word in words if " " not in word.token and not word.token.isdigit()]
        assert set(singles[:2]) <= expected[label]
        assert own.explain(singles[0]).label == label


def test_features_without_names_are_explained_by_words(small, reviews, tmp_path):
    recipe = small("vectorizer=hashed-ngrams", "vectorizer.size=256", "vectorizer.norm=none", "vectorizer.words=[1,1]")
    hashed = train(recipe, reviews, run=tmp_path / "run")
    explained = hashed.explain("bad bad food good")
    assert {part.token for part in explained.contributions} == {"bad", "food", "good"}
    assert explained.method == "Shapley sampling"
    alone = {word: hashed.explain(text, label=explained.label) for word, text in (("bad", "bad bad"), ("food", "food"))}
    for word, single in alone.items():  # the model is additive: a word adds what it adds alone
        assert values_of(explained)[word] == pytest.approx(single.score - single.base, abs=1e-4)
    with pytest.raises(RecipeError, match='features of "hashed-ngrams" cannot be read back as words'):
        hashed.top_features()


def test_explains_the_score_of_another_class(run):
    ours = run("two outputs").explain("good warm food")
    (other,) = {"negative", "positive"} - {ours.label}
    theirs = run("two outputs").explain("good warm food", label=other)
    assert (theirs.label, theirs.predicted) == (other, ours.label)
    assert theirs.score < ours.score
    assert theirs.base + sum(part.value for part in theirs.contributions) == pytest.approx(theirs.score, abs=1e-5)
    with pytest.raises(RecipeError, match=r'unknown class "Positive".*did you mean "positive"'):
        run("two outputs").explain("good", label="Positive")


@pytest.mark.parametrize(
    ("name", "method"), [("perceptron", "exact"), ("ngrams", "exact"), ("deep", "integrated gradients")]
)
def test_the_method_is_named(run, name, method):
    assert run(name).explain("good warm food").method == method


def test_shapley_values_match_the_mean_over_all_orders():
    worth = {(): 1.0, (0,): 3.0, (1,): 0.0, (2,): 1.0, (0, 1): 7.0, (0, 2): 2.0, (1, 2): 1.5, (0, 1, 2): 9.0}
    expected = [0.0, 0.0, 0.0]
    for order in permutations(range(3)):
        for at, player in enumerate(order):
            expected[player] += (worth[tuple(sorted(order[: at + 1]))] - worth[tuple(sorted(order[:at]))]) / 6

    def value(sets):
        return torch.tensor([worth[tuple(row.nonzero().flatten().tolist())] for row in sets])

    found = shapley_values(value, 3)
    assert float(found.sum()) == pytest.approx(8.0)
    assert found.tolist() == pytest.approx(expected, abs=0.6)  # sampled
    assert torch.equal(found, shapley_values(value, 3))
    assert shapley_values(lambda sets: torch.zeros(len(sets)), 0).tolist() == []


def test_a_model_of_means_is_explained_by_shapley_values(small, reviews, tmp_path):
    """The mean of features does not depend on the size of their weights, so it has no integrated gradients."""
    settings = ["vectorizer=ngrams", "vectorizer.min_df=1", "model=embedding-bag", "optimizer=sgd", "optimizer.lr=2.0"]
    made = train(small(*settings), reviews, run=tmp_path / "run")
    explained = made.explain("good warm bad food")
    assert explained.method == "Shapley sampling"
    assert explained.base + sum(part.value for part in explained.contributions) == pytest.approx(
        explained.score, abs=1e-5
    )
    values = values_of(made.explain("good bad", label="positive"))
    assert values["good"] > values["bad"]
