"""Explanations of sequences: contributions of tokens that sum to the score, from the vectors of the embedding."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import Tensor, nn

from zoo_core import open_run
from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import predict_scores
from zoo_core.evaluation.explanation import explain
from zoo_core.evaluation.sequence_explanation import scaled_vectors, sequence_attribution_task
from zoo_core.features.layouts import Sequence
from zoo_core.training.pipeline import train

HEAD = Head(("no", "yes"), 1, "sigmoid")
NAMES = ["<PAD>", "<UNK>", "good", "bad", "food"]


class Sums(nn.Module):
    """The sum of vectors, of which the score is a power; at least four places wide, as a convolution pads."""

    def __init__(self, power: int = 1) -> None:
        super().__init__()
        self.embedding, self.power = nn.Embedding(5, 1, padding_idx=0), power
        with torch.no_grad():
            self.embedding.weight.copy_(torch.tensor([0.0, 0.5, 2.0, -1.0, 0.25])[:, None])

    def forward(self, features: Sequence) -> Tensor:
        return self.embedding(features.padded(to=4)[0]).sum(dim=1) ** self.power + 1


def sequence(*windows: list[int]) -> Sequence:
    ids = torch.tensor([id for window in windows for id in window], dtype=torch.int32)
    offsets = torch.tensor([0, *map(len, windows)]).cumsum(0)
    return Sequence(ids, offsets, 5, torch.tensor([0, len(windows)]) if len(windows) > 1 else None)


def explained(module: nn.Module, features: Sequence):
    task = sequence_attribution_task(module, module.embedding, features, HEAD, 1, NAMES)
    found = explain(task, "yes", "yes")
    return found, {one.token: pytest.approx(one.value, abs=1e-6) for one in found.contributions}


def test_a_sum_of_vectors_is_exact_and_repeated_words_are_summed():
    found, values = explained(Sums(), sequence([2, 4, 3, 2, 1]))
    assert (found.method, found.base, found.score) == ("exact", 1.0, 4.75)
    assert values == {"good": 4.0, "bad": -1.0, "<UNK>": 0.5, "food": 0.25}


def test_a_curve_is_integrated():
    found, values = explained(Sums(power=2), sequence([2, 3]))
    assert (found.method, found.score) == ("integrated gradients", 2.0)
    assert values == {"good": 2.0, "bad": -1.0}


@pytest.mark.parametrize("wave", [0.0, 60.0])
def test_scores_that_change_fast_near_zero_or_often_are_integrated(wave):
    """As by a normalization layer, which turns vectors near 0 into ones of full length; and by a recurrent network."""

    class Normalized(Sums):
        def forward(self, features: Sequence) -> Tensor:
            total = self.embedding(features.padded(to=4)[0]).sum(dim=1)
            return total / (total.square() + 1e-5).sqrt() + (total * wave).sin() / 4

    found, values = explained(Normalized(), sequence([2, 4]))
    assert found.method == "integrated gradients"
    assert values["good"] == pytest.approx(8 / 9 * (found.score - found.base), abs=0.01)


def test_the_windows_of_a_text_add_to_the_mean_of_their_scores():
    found, values = explained(Sums(), sequence([2, 4, 3], [3, 2]))
    assert (found.base, found.score) == (1.0, 1 + (1.25 + 1.0) / 2)
    assert values == {"good": 2.0, "bad": -1.0, "food": 0.125}


def test_an_empty_text_has_its_base_alone():
    found, values = explained(Sums(), sequence([]))
    assert (found.score, values) == (1.0, {})


def test_other_threads_predict_with_the_vectors_as_they_are():
    module, features, scores = Sums(), sequence([2, 3]), []
    with scaled_vectors(module.embedding, features, torch.zeros(2)):
        thread = threading.Thread(target=lambda: scores.append(float(predict_scores(module, features))))
        thread.start()
        thread.join()
        scores.append(float(predict_scores(module, features)))
    assert scores == [2.0, 1.0]
    assert float(predict_scores(module, features)) == 2.0


SMALL = {
    "cnn": ["model.channels=4", "model.windows=[2]"],
    "conv-stack": ["model.channels=4"],
    "rnn": ["model.units=4"],
    "gru": ["model.units=4"],
    "lstm": ["model.units=4", "model.bidirectional=true"],
    "transformer": ["model.units=8", "model.layers=1", "model.heads=2", "model.feed_forward=8"],
}
WINDOWS = ["vectorizer.max_length=5", "vectorizer.long_texts=windows", "vectorizer.overlap=2"]


@pytest.fixture(scope="module", params=sorted(SMALL))
def run(request, small, reviews, tmp_path_factory):
    settings = [f"model={request.param}", *SMALL[request.param], "model.embedding.dimensions=4", "optimizer.lr=0.02"]
    recipe = small("vectorizer=token-ids", *settings, *WINDOWS, "training.epochs=3")
    return train(recipe, reviews, run=tmp_path_factory.mktemp("explained") / "run")


def test_contributions_sum_to_the_score_of_any_model(run, zoo):
    text = "good kind staff and bad cold food and good place"
    opened = open_run(run.folder, zoo=zoo)
    for label in opened.classes:
        told = opened.explain(text, label=label)
        assert {one.token for one in told.contributions} <= {*text.split(), "<UNK>"}
        assert told.base + sum(one.value for one in told.contributions) == pytest.approx(told.score, abs=1e-4)
    assert opened.explain("").contributions == ()
    assert set(opened.weights_of("good")) == set(opened.classes)
    with pytest.raises(RecipeError, match="a word has no weight of its own in a model of sequences"):
        opened.top_features()
