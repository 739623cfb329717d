"""The seam for sequences: a vectorizer and a model of one plugin, through every stage of a run."""

from __future__ import annotations

from types import ModuleType
from typing import Self

import numpy as np
import polars as pl
import pytest
import torch
from attrs import frozen
from torch import Tensor, nn

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import Model, Vectorizer, hookimpl, open_run, setting
from zoo_core.components.validators import at_least_one
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import PluginError, RecipeError, RunFolderError
from zoo_core.features.layouts import Sequence
from zoo_core.training.pipeline import fit, prepare, train

PADDING, UNKNOWN = 0, 1


@frozen(eq=False)
class WordIds:
    """The number of each token, in order."""

    words: tuple[str, ...]

    @classmethod
    def restored(cls, state) -> Self:
        words = state["words"]
        if not isinstance(words, list) or len(set(words)) != len(words):
            raise ValueError("words must be a list of different strings")
        return cls(tuple(words))

    @property
    def num_features(self) -> int:
        return len(self.words) + 2

    def feature_names(self) -> list[str]:
        return []

    def state(self):
        return {"words": list(self.words)}

    def transform(self, tokens) -> Sequence:
        known = {word: number for number, word in enumerate(self.words, start=2)}
        table = np.array([known.get(word, UNKNOWN) for word in tokens.words], dtype=np.int32)
        ids = table[tokens.codes] if len(table) else np.empty(0, dtype=np.int32)
        return Sequence(torch.from_numpy(ids), torch.from_numpy(tokens.offsets), self.num_features)


@frozen
class Words(Vectorizer):
    """The words of a text, in order."""

    name = "words"
    layout = "sequence"
    has_feature_names = False

    def fit(self, tokens, labels):
        return WordIds(tuple(tokens.words))

    def restore(self, state):
        return WordIds.restored(state)


class MeanModule(nn.Module):
    """A linear layer on the mean of the vectors of a sequence's words."""

    def __init__(self, num_features: int, dimensions: int, num_outputs: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(num_features, dimensions, padding_idx=PADDING)
        self.linear = nn.Linear(dimensions, num_outputs)

    def forward(self, features: Sequence) -> Tensor:
        ids, lengths = features.padded()  # (batch, longest), (batch,)
        mask = (ids != PADDING).unsqueeze(2)
        sums = (self.vectors(ids) * mask).sum(dim=1)  # (batch, dimensions)
        return self.linear(sums / lengths.clamp(min=1).unsqueeze(1))


@frozen
class Mean(Model):
    """The mean of the vectors of a sequence's words."""

    name = "mean"
    accepts = ("sequence",)
    dimensions: int = setting(4, "length of a word's vector", at_least_one)

    def build(self, *, num_features, num_outputs):
        return MeanModule(num_features, self.dimensions, num_outputs)


@pytest.fixture(scope="module")
def wide():
    mine = ModuleType("mine")
    mine.zoo_vectorizers = hookimpl(lambda: [Words])
    mine.zoo_models = hookimpl(lambda: [Mean])
    return open_zoo(plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, "mine": mine})


@pytest.fixture(scope="module")
def recipe(small, wide):
    return small("vectorizer=words", "model=mean", "training.epochs=6", zoo=wide)


@pytest.fixture(scope="module")
def run(recipe, reviews, tmp_path_factory):
    return train(recipe, reviews, run=tmp_path_factory.mktemp("sequence") / "run")


TEXTS = ["good kind staff", "", "cold bad food and rude staff the place", "unheard", "warm"]


def test_it_learns(run):
    assert run.summary["metrics"]["test"]["accuracy"] > 0.9
    assert run.predict(["good kind warm staff", "bad rude cold place"]).labels == ["positive", "negative"]


def test_it_is_opened_as_it_was(run, wide):
    one, other = run.predict(TEXTS), open_run(run.folder, zoo=wide).predict(TEXTS)
    assert torch.equal(one.values, other.values)
    assert run.evaluate()["accuracy"] == run.summary["metrics"]["test"]["accuracy"]


def test_a_batch_is_its_rows_in_order(run):
    """Rows are scored by length; what comes out is in the order that went in."""
    one_by_one = torch.cat([run.predict([text]).values for text in TEXTS])
    torch.testing.assert_close(run.predict(TEXTS).values, one_by_one)
    many = pl.Series(TEXTS * 700)
    torch.testing.assert_close(run.predict(many).values, one_by_one.repeat(700, 1))


def test_two_trainings_are_equal(run, recipe, reviews, tmp_path):
    again = fit(recipe, prepare(recipe, reviews), run=tmp_path / "run")
    assert (again.folder / "model.safetensors").read_bytes() == (run.folder / "model.safetensors").read_bytes()


def test_what_cannot_be_read_back_is_explained_by_its_words(run):
    told = run.explain("good food")
    assert (told.method, {one.token for one in told.contributions}) == ("Shapley sampling", {"good", "food"})
    assert told.base + sum(one.value for one in told.contributions) == pytest.approx(told.score, abs=1e-5)
    with pytest.raises(RecipeError, match='features of "words" cannot be read back as words'):
        run.top_features()


def test_without_its_plugin_the_run_names_what_is_missing(run):
    zoo = open_zoo(plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp})
    with pytest.raises(PluginError, match='made with plugin "mine" of mine') as caught:
        open_run(run.folder, zoo=zoo)
    assert not isinstance(caught.value, RunFolderError)


def test_a_bag_does_not_fit(small, wide):
    with pytest.raises(RecipeError, match="use vectorizer = words; or model = mlp, perceptron"):
        prepare(small("model=mean", zoo=wide))
    with pytest.raises(RecipeError, match="use vectorizer = one-hot; or model = mean"):
        prepare(small("vectorizer=words", zoo=wide))
