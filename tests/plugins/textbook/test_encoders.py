"""The vectorizers count and tf-idf against Python's Counter and scikit-learn's vectorizers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from zoo_core.config.structure import build_component
from zoo_core.features.tokens import tokenize_column

WORDS = ["good", "food", "été", "a", ".", "☕", "it's"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), min_size=1, max_size=8)


@pytest.fixture
def made(registry):
    """`made(name, **settings)`: a vectorizer that keeps every word and mark."""
    return lambda name, **more: build_component(
        registry, "vectorizer", {"use": name, "cutoff": 0, "punctuation": True, **more}
    )


def cut(part, texts):
    return tokenize_column(pl.Series("text", texts, dtype=pl.String), part.tokenize)


def fitted(part, texts):
    return part.fit(cut(part, texts), torch.arange(len(texts)) % 2)


def by_name(encoder, bag):
    """Each row as name → weight."""
    return [
        {name: value for name, value in zip(encoder.feature_names(), row, strict=True) if value}
        for row in bag.to_dense().tolist()
    ]


@pytest.mark.parametrize("units", ["words", "characters"])
@given(texts=TEXTS, others=TEXTS)
def test_count_is_pythons_counter(registry, units, texts, others):
    raw = {"use": "count", "cutoff": 0, "punctuation": True, "units": units}
    part = build_component(registry, "vectorizer", raw)
    encoder = fitted(part, texts)
    pieces = (lambda text: [one for one in text.split(" ") if one]) if units == "words" else list
    known = {one for text in texts for one in pieces(text)}
    assert set(encoder.feature_names()) == {"<UNK>", *known}
    for column in (texts, others):
        expected = [Counter(one if one in known else "<UNK>" for one in pieces(text)) for text in column]
        assert by_name(encoder, encoder.transform(cut(part, column))) == [dict(one) for one in expected]


@pytest.mark.parametrize(("name", "theirs"), [("count", CountVectorizer), ("tf-idf", TfidfVectorizer)])
@given(texts=TEXTS, others=TEXTS)
def test_scikit_learns(registry, name, theirs, texts, others):
    """Theirs is given the same vocabulary, and every word that is not in it as <UNK>."""
    part = build_component(registry, "vectorizer", {"use": name, "cutoff": 1, "punctuation": True})
    encoder = fitted(part, texts)
    known = set(encoder.feature_names())

    def told(column):
        return [" ".join(one if one in known else "<UNK>" for one in text.split(" ") if one) for text in column]

    other = theirs(vocabulary=encoder.feature_names(), tokenizer=str.split, token_pattern=None, lowercase=False)
    other.fit(told(texts))
    for column in (texts, others):
        found = encoder.transform(cut(part, column)).to_dense().numpy()
        np.testing.assert_allclose(found, other.transform(told(column)).toarray(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("weighting", ["binary", "count", "tf-idf", "sublinear", "log-count-ratio"])
def test_any_weighting_fits_the_slot(made, weighting):
    part = made("count", weighting=weighting, norm="none")
    encoder = fitted(part, ["good good food", "food", "a a a"])
    row = by_name(encoder, encoder.transform(cut(part, ["good good food"])))[0]
    assert set(row) == {"good", "food"}
    if weighting == "binary":
        assert row == {"good": 1, "food": 1}
    if weighting == "sublinear":
        assert row == pytest.approx({"good": 1 + np.log(2), "food": 1})
    again = part.restore(encoder.state())
    assert by_name(again, again.transform(cut(part, ["good good food"]))) == [row]


def test_the_textbooks_example(made):
    """Rao & McMahan, section 1.2: "Fruit flies like time flies a fruit" counts fruit and flies twice."""
    texts = ["time flies flies like an arrow", "fruit flies like a banana"]
    part = made("count")
    encoder = fitted(part, texts)
    asked = encoder.transform(cut(part, ["fruit flies like time flies a fruit"]))
    assert by_name(encoder, asked) == [{"fruit": 2, "flies": 2, "like": 1, "time": 1, "a": 1}]


def test_characters_keep_spaces_and_leave_marks_out_unless_kept(made):
    part = made("count", units="characters")
    assert set(fitted(part, ["o'neal von"]).feature_names()) == {"<UNK>", *"o'neal v"}
    bare = made("one-hot", units="characters", punctuation=False)
    assert set(fitted(bare, ["o'neal von"]).feature_names()) == {"<UNK>", *"oneal v"}
    found = fitted(bare, ["aab"])
    assert by_name(found, found.transform(cut(bare, ["aaz", ""]))) == [{"a": 1, "<UNK>": 1}, {}]


def test_a_strange_state_is_refused(made):
    part = made("tf-idf")
    state = fitted(part, ["good food", "good"]).state()
    for strange in ({"scale": None}, {"scale": torch.ones(7)}, {"scaled": 0}, {"scale": state["scale"] * torch.nan}):
        with pytest.raises(ValueError, match="scale"):
            part.restore({**state, **strange})
    with pytest.raises(ValueError, match="words"):
        part.restore({**state, "words": [1]})
