"""Predicting many columns: the same as `predict` for each, and no thread is left."""

from __future__ import annotations

import math
import re
import threading
from copy import deepcopy
from types import ModuleType, SimpleNamespace

import polars as pl
import pytest
import torch
from attrs import evolve, frozen

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import DataError, NumericalError, PluginError, Problem, RecipeError
from zoo_core.experiments.compare import compare_runs
from zoo_core.parallel import THREAD_NAME
from zoo_core.training.pipeline import train
from zoo_textbook.vectorizers import OneHot

COLUMNS = [
    pl.Series([f"{word} food {at}", "", "never seen"][:size])
    for at, size in enumerate((1, 2, 3, 3) * 3)
    for word in ("good", "rude")
]
CORES = (1, 2, 16)


@frozen
class Delicate(OneHot):
    """One-hot, whose encoder cannot bear one word.

    Source: OneHot."""

    name = "delicate"

    def fit(self, tokens, labels):
        own = OneHot.fit(self, tokens, labels)

        def transform(tokens):
            if "boom" in tokens.words:
                raise RuntimeError("out of order")
            return own.transform(tokens)

        return SimpleNamespace(
            num_features=own.num_features, transform=transform, feature_names=own.feature_names, state=own.state
        )


@pytest.fixture(scope="module")
def delicate(reviews, small, tmp_path_factory):
    plugin = ModuleType("plugin")
    plugin.zoo_vectorizers = hookimpl(lambda: [Delicate])
    zoo = open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, "plugin": plugin}
    )
    return train(small("vectorizer=delicate", zoo=zoo), reviews, run=tmp_path_factory.mktemp("delicate") / "run")


def equal(one, two):
    assert (one.classes, one.are_scores) == (two.classes, two.are_scores)
    return torch.equal(one.values, two.values) and one.label_series().equals(two.label_series())


@pytest.mark.parametrize("cores", CORES)
@pytest.mark.parametrize("threshold", [None, 0.9])
def test_each_batch_is_what_predict_returns(trained, monkeypatch, cores, threshold):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    found = list(trained.predict_batches(iter(COLUMNS), threshold=threshold))
    assert len(found) == len(COLUMNS) > 0
    for one, column in zip(found, COLUMNS, strict=True):
        assert equal(one, trained.predict(column, threshold=threshold))
    assert list(trained.predict_batches([])) == []
    [none] = trained.predict_batches([pl.Series([], dtype=pl.String)])
    assert equal(none, trained.predict([]))


@pytest.mark.parametrize("cores", CORES)
def test_an_error_is_raised_after_the_batches_before_it(delicate, monkeypatch, cores):
    """A plugin's with its name, one of the columns as it is: after what is predicted of the columns before."""
    monkeypatch.setattr("os.cpu_count", lambda: cores)

    def broken():
        yield from COLUMNS
        raise DataError("invalid text", where="in.csv:9")

    columns = [*COLUMNS, pl.Series(["boom"]), *COLUMNS]
    for given, error, said in (
        (columns, PluginError, r'plugin "plugin" \(plugin\) raised RuntimeError: out of order'),
        (broken(), DataError, "in.csv:9: invalid text"),
    ):
        found = []
        with pytest.raises(error, match=said):
            for one in delicate.predict_batches(given):
                found.append(one)
        assert len(found) == len(COLUMNS)


def test_probabilities_that_are_not_finite_are_rejected_with_their_row(trained, reviews):
    spoilt = evolve(trained, module=deepcopy(trained.module))
    with torch.no_grad():
        for parameter in spoilt.module.parameters():
            parameter.fill_(math.nan)
    for call, place in (
        (lambda: spoilt.predict(["good food"]), "row 1"),
        (lambda: list(spoilt.predict_batches(COLUMNS)), "row 1"),
        (lambda: spoilt.evaluate(reviews), f"{reviews}:2"),
        (lambda: compare_runs(spoilt, trained, data=reviews), f"{reviews}:2"),
        (lambda: spoilt.explain("good food"), "row 1"),
    ):
        with pytest.raises(NumericalError, match=f"^{re.escape(place)}: a probability became nan") as caught:
            call()
        assert caught.value.exit_code == 6


def test_the_row_of_an_error_is_counted_over_all_columns(trained, monkeypatch):
    def transform(self, tokens):
        if "boom" in tokens.words:
            raise DataError(Problem("too loud", row=1))
        return real(self, tokens)

    real = type(trained.encoder).transform
    monkeypatch.setattr(type(trained.encoder), "transform", transform)
    with pytest.raises(DataError, match=r"^row 7: too loud") as caught:
        list(trained.predict_batches([pl.Series(["a"] * 5), pl.Series(["good", "boom"])]))
    assert str(caught.value.at_rows(lambda row: f"in.csv:{row + 2}")) == "in.csv:8: too loud"


def test_an_unseen_label_is_reported_with_its_line(trained, tmp_path):
    (tmp_path / "new.csv").write_text("review,rating,split\ngood,positive,test\nrude,odd,val\nbad,neutral,test\n")
    with pytest.raises(DataError, match=r'new\.csv:3: the label "odd" was not seen in training \(2 rows'):
        trained.evaluate(tmp_path / "new.csv")
    with pytest.raises(DataError, match=r'new\.csv:4: the label "neutral"'):
        trained.evaluate(tmp_path / "new.csv", split="test")


@pytest.mark.parametrize("text", ["\ud800", None, 3, b"good"])
def test_explains_texts_only(trained, text):
    with pytest.raises(RecipeError, match=r"^row 1: (unpaired|got .* expected text)"):
        trained.explain(text)


def test_rejects_an_invalid_threshold(trained):
    with pytest.raises(RecipeError, match="between 0 and 1"):
        next(trained.predict_batches(COLUMNS, threshold=2))


@pytest.mark.parametrize("name", ["stopped", "broken"])
def test_stopping_early_restores_the_torch_threads(trained, name):
    before, own = torch.get_num_threads(), trained.plan.training.threads
    torch.set_num_threads(own + 2)
    try:
        asked = trained.predict_batches(COLUMNS)
        for _ in zip(range(3), asked, strict=False):
            assert torch.get_num_threads() == own + 2  # also between two answers
        if name == "broken":
            with pytest.raises(KeyboardInterrupt):
                asked.throw(KeyboardInterrupt)
        asked.close()
        assert torch.get_num_threads() == own + 2
        assert list(asked) == []
    finally:
        torch.set_num_threads(before)
    assert [one for one in threading.enumerate() if one.name.startswith(THREAD_NAME)] == []
