"""token-ids against plain Python: the vocabulary, what is read of long texts, and what is stored."""

from __future__ import annotations

from functools import partial

import polars as pl
import pytest
import torch

from zoo_core.errors import DataError, RecipeError
from zoo_core.features.cut_texts import CutTexts
from zoo_core.features.tokens import tokenize_column
from zoo_sequences.vectorizers import TokenIds as BareTokenIds
from zoo_textbook.tokenizers import Spaces

TokenIds = partial(BareTokenIds, tokenizer=Spaces())

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG_TEXTS = ["head", "tail", "head+tail", "windows"]


def tokens_of(*texts: str):
    return tokenize_column(pl.Series(texts), lambda column: column.str.split(" "))


def read(text: str, **settings) -> list[list[str]]:
    """The tokens of each sequence of a text, between others."""
    tokens = tokens_of("b", text, "a b")
    encoder = TokenIds(min_count=1, **settings).fit(tokens, torch.zeros(3))
    features = encoder.transform(tokens).slice(1, 2).each_window()
    names = encoder.feature_names()
    return [[names[id] for id in features.slice(at, at + 1).ids.tolist()] for at in range(len(features))]


def policy(words: list[str], long_texts: str, limit: int, overlap: int) -> list[list[str]]:
    """What is read of a text, in plain Python."""
    if len(words) <= limit:
        return [words]
    if long_texts == "windows":
        starts = list(range(0, len(words) - limit, limit - overlap))
        return [words[start : start + limit] for start in [*starts, len(words) - limit]]
    tail = {"head": 0, "tail": limit, "head+tail": limit // 2}[long_texts]
    return [words[: limit - tail] + words[len(words) - tail :]]


@pytest.mark.parametrize("long_texts", LONG_TEXTS)
def test_long_texts_are_read_as_in_plain_python(long_texts):
    for length in (0, 1, 3, 4, 5, 7, 8, 9, 20, 26):
        words = list(LETTERS[:length])
        for limit, overlap in ((1, 0), (2, 0), (2, 1), (4, 0), (4, 1), (5, 3), (26, 25), (30, 2)):
            found = read(" ".join(words), long_texts=long_texts, max_length=limit, overlap=overlap)
            assert found == policy(words, long_texts, limit, overlap), (length, limit, overlap)


def test_the_vocabulary_has_the_most_frequent_tokens_first():
    tokens = tokens_of("b a b", "c a b d d <UNK>", "<PAD> <PAD>")
    vocabulary = {
        (least, size): TokenIds(min_count=least, max_size=size).fit(tokens, torch.zeros(3)).feature_names()[2:]
        for least, size in ((1, 0), (2, 0), (3, 0), (1, 2))
    }
    assert vocabulary == {(1, 0): list("badc"), (2, 0): list("bad"), (3, 0): ["b"], (1, 2): list("ba")}
    encoder = TokenIds().fit(tokens, torch.zeros(3))
    assert encoder.transform(tokens_of("a <UNK> zebra <PAD> b")).ids.tolist() == [3, 1, 1, 1, 2]


def test_a_vocabulary_without_words_is_an_error():
    with pytest.raises(DataError, match=r"no word: none occurs 3 times .* lower vectorizer.min_count"):
        TokenIds(min_count=3).fit(tokens_of("a b", "a"), torch.zeros(2))


def test_what_is_left_out_is_counted():
    tokens = tokens_of("a b c d e", "a b", "", "a b c")
    counts = {
        name: TokenIds(min_count=1, max_length=2, long_texts=name).fit(tokens, torch.zeros(4)).cut_texts(tokens)
        for name in LONG_TEXTS
    }
    cut = CutTexts(texts=2, lost_tokens=4, tokens=10)
    assert counts == {"head": cut, "tail": cut, "head+tail": cut, "windows": CutTexts()}


@pytest.mark.parametrize(
    "words", [None, "a", [], [""], ["a", "a"], ["a", 1], ["<PAD>"], ["<UNK>", "a"], ("a",), torch.zeros(2)]
)
def test_invalid_words_are_rejected(words):
    with pytest.raises((ValueError, KeyError, TypeError)):
        TokenIds().restore({"words": words})


def test_bad_settings_are_explained(small):
    for settings, expected in {
        "max_length=0": "vectorizer.max_length: must be at least 1, not 0",
        "overlap=512": "vectorizer.overlap: must be less than max_length, which is 512",
        "long_texts=middle": "choose from head, head.tail, tail, windows",
    }.items():
        with pytest.raises(RecipeError, match=expected):
            small("vectorizer=token-ids", "model=cnn", f"vectorizer.{settings}").plan()
