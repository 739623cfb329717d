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
def make_vectorizer(registry):
    """`made(name, **settings)`: a vectorizer that keeps every word and mark."""
    return lambda name, **more: build_component(
        registry, "vectorizer", {"use": name, "cutoff": 0, "punctuation": True, **more}
    )


def tokenize_texts(vectorizer, texts):
    return tokenize_column(pl.Series("text", texts, dtype=pl.String), vectorizer.tokenize)


def fit_encoder(vectorizer, texts):
    return vectorizer.fit(tokenize_texts(vectorizer, texts), torch.arange(len(texts)) % 2)


def weights_by_name(encoder, bag):
    """Each row as name → weight."""
    return [
        {name: value for name, value in zip(encoder.feature_names(), row, strict=True) if value}
        for row in bag.to_dense().tolist()
    ]


@pytest.mark.parametrize("tokenizer", ["spaces", "characters"])
@given(texts=TEXTS, others=TEXTS)
def test_count_equals_counter(registry, tokenizer, texts, others):
    raw = {"use": "count", "cutoff": 0, "punctuation": True, "tokenizer": tokenizer}
    vectorizer = build_component(registry, "vectorizer", raw)
    encoder = fit_encoder(vectorizer, texts)
    split_text = (lambda text: [token for token in text.split(" ") if token]) if tokenizer == "spaces" else list
    known = {token for text in texts for token in split_text(text)}
    assert set(encoder.feature_names()) == {"<UNK>", *known}
    for column in (texts, others):
        expected = [Counter(token if token in known else "<UNK>" for token in split_text(text)) for text in column]
        assert weights_by_name(encoder, encoder.transform(tokenize_texts(vectorizer, column))) == [
            dict(token) for token in expected
        ]


@pytest.mark.parametrize(("name", "reference_class"), [("count", CountVectorizer), ("tf-idf", TfidfVectorizer)])
@given(texts=TEXTS, others=TEXTS)
def test_equals_scikit_learn(registry, name, reference_class, texts, others):
    """Theirs is given the same vocabulary, and every word that is not in it as <UNK>."""
    vectorizer = build_component(registry, "vectorizer", {"use": name, "cutoff": 1, "punctuation": True})
    encoder = fit_encoder(vectorizer, texts)
    known = set(encoder.feature_names())

    def replace_unknown(column):
        return [" ".join(token if token in known else "<UNK>" for token in text.split(" ") if token) for text in column]

    reference = reference_class(
        vocabulary=encoder.feature_names(), tokenizer=str.split, token_pattern=None, lowercase=False
    )
    reference.fit(replace_unknown(texts))
    for column in (texts, others):
        characters = encoder.transform(tokenize_texts(vectorizer, column)).to_dense().numpy()
        np.testing.assert_allclose(
            characters, reference.transform(replace_unknown(column)).toarray(), rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize("weighting", ["binary", "count", "tf-idf", "sublinear", "log-count-ratio"])
def test_accepts_any_weighting(make_vectorizer, weighting):
    vectorizer = make_vectorizer("count", weighting=weighting, norm="none")
    encoder = fit_encoder(vectorizer, ["good good food", "food", "a a a"])
    row = weights_by_name(encoder, encoder.transform(tokenize_texts(vectorizer, ["good good food"])))[0]
    assert set(row) == {"good", "food"}
    if weighting == "binary":
        assert row == {"good": 1, "food": 1}
    if weighting == "sublinear":
        assert row == pytest.approx({"good": 1 + np.log(2), "food": 1})
    again = vectorizer.restore(encoder.state())
    assert weights_by_name(again, again.transform(tokenize_texts(vectorizer, ["good good food"]))) == [row]


def test_example_of_the_textbook(make_vectorizer):
    """Rao & McMahan, section 1.2: "Fruit flies like time flies a fruit" counts fruit and flies twice."""
    texts = ["time flies flies like an arrow", "fruit flies like a banana"]
    vectorizer = make_vectorizer("count")
    encoder = fit_encoder(vectorizer, texts)
    asked = encoder.transform(tokenize_texts(vectorizer, ["fruit flies like time flies a fruit"]))
    assert weights_by_name(encoder, asked) == [{"fruit": 2, "flies": 2, "like": 1, "time": 1, "a": 1}]


def test_characters_include_spaces_and_exclude_punctuation_unless_set(make_vectorizer):
    vectorizer = make_vectorizer("count", tokenizer="characters")
    assert set(fit_encoder(vectorizer, ["o'neal von"]).feature_names()) == {"<UNK>", *"o'neal v"}
    without_marks = make_vectorizer("one-hot", tokenizer="characters", punctuation=False)
    assert set(fit_encoder(without_marks, ["o'neal von"]).feature_names()) == {"<UNK>", *"oneal v"}
    characters = fit_encoder(without_marks, ["aab"])
    assert weights_by_name(characters, characters.transform(tokenize_texts(without_marks, ["aaz", ""]))) == [
        {"a": 1, "<UNK>": 1},
        {},
    ]


def test_rejects_an_invalid_state(make_vectorizer):
    vectorizer = make_vectorizer("tf-idf")
    state = fit_encoder(vectorizer, ["good food", "good"]).state()
    for change in ({"scale": None}, {"scale": torch.ones(7)}, {"scaled": 0}, {"scale": state["scale"] * torch.nan}):
        with pytest.raises(ValueError, match="scale"):
            vectorizer.restore({**state, **change})
    with pytest.raises(ValueError, match="words"):
        vectorizer.restore({**state, "words": [1]})
