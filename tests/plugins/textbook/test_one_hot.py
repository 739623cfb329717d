"""The one-hot vectorizer against a plain-Python rewrite of the textbook's vocabulary and vectorizer."""

from __future__ import annotations

import unicodedata
from collections import Counter

import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import parallel
from zoo_core.features import counting, tokens
from zoo_core.features.tokens import tokenize_column
from zoo_textbook.tokenizers import Spaces
from zoo_textbook.vectorizers import OneHot
from zoo_textbook.vocabulary import Vocabulary

WORDS = ["good", "food", "été", "a", "1", ".", "!?", "…", "<UNK>", "", "it's", "$", "-b", "«»", "☕"]
ASCII = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
TEXT = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
TEXTS = st.lists(TEXT, min_size=1, max_size=8)


def cut(texts):
    return tokenize_column(pl.Series("text", texts, dtype=pl.String), lambda column: column.str.split(" "))


def fitted(texts, **settings):
    return OneHot(**{"cutoff": 0, "tokenizer": Spaces()} | settings).fit(
        cut(texts), torch.zeros(len(texts), dtype=torch.int64)
    )


def is_punctuation(word):
    return all(letter in ASCII or unicodedata.category(letter).startswith("P") for letter in word)


class Book:
    """The book's Vocabulary and ReviewVectorizer: a Counter, a cutoff, the unknown word first."""

    def __init__(self, texts, cutoff, punctuation):
        self.punctuation = punctuation
        counts = Counter(word for one in texts for word in self.words(one))
        kept = [word for word, count in counts.items() if count > cutoff and word != "<UNK>"]
        self.names = ["<UNK>", *sorted(kept, key=lambda word: (-counts[word], word))]

    def words(self, text):
        return [word for word in text.split(" ") if word and (self.punctuation or not is_punctuation(word))]

    def vector(self, text):
        one_hot = [0.0] * len(self.names)
        for word in self.words(text):
            one_hot[self.names.index(word) if word in self.names else 0] = 1.0
        return one_hot


@given(TEXTS, TEXTS, st.integers(0, 4), st.booleans())
def test_equals_the_textbook(texts, others, cutoff, punctuation):
    book = Book(texts, cutoff, punctuation)
    encoder = fitted(texts, cutoff=cutoff, punctuation=punctuation)
    assert encoder.feature_names() == book.names
    assert encoder.num_features == len(book.names)
    for column in (texts, others):
        bag = encoder.transform(cut(column))
        assert bag.weights is None and bag.width == len(book.names)
        assert bag.to_dense().tolist() == [book.vector(one) for one in column]


@given(TEXTS, TEXTS, st.integers(0, 2), st.booleans())
def test_batch_equals_rows_and_restored_encoder(texts, others, cutoff, punctuation):
    part = OneHot(cutoff=cutoff, punctuation=punctuation, tokenizer=Spaces())
    encoder = fitted(texts, cutoff=cutoff, punctuation=punctuation)
    whole = encoder.transform(cut(others))
    again = part.restore(encoder.state())
    assert again.feature_names() == encoder.feature_names()
    twin = again.transform(cut(others))
    assert torch.equal(whole.ids, twin.ids) and torch.equal(whole.offsets, twin.offsets)
    for row, one in enumerate(others):
        single = encoder.transform(cut([one]))
        assert torch.equal(single.ids, whole.slice(row, row + 1).ids)
        assert single.offsets.tolist() == [0, len(single.ids)]
        assert single.ids.tolist() == sorted(set(single.ids.tolist()))


def test_cutoff_counts_words_not_texts():
    encoder = fitted(["a a a b", "b c"], cutoff=2)
    assert encoder.feature_names() == ["<UNK>", "a"]
    assert encoder.transform(cut(["a a b", "b", ""])).to_dense().tolist() == [[1, 1], [1, 0], [0, 0]]


def test_orders_words_by_count_then_alphabet():
    assert fitted(["d d b c", "c b a"]).feature_names() == ["<UNK>", "b", "c", "d", "a"]


def test_unk_in_a_text_is_the_unknown_word():
    """It is the unknown word, not a word of its own, and no vocabulary contains it twice."""
    encoder = fitted(["<UNK> <UNK> <UNK> good", "food"])
    assert encoder.feature_names() == ["<UNK>", "food", "good"]
    rows = encoder.transform(cut(["<UNK>", "<UNK> good", "good", "<unk>"])).to_dense().tolist()
    assert rows == [[1, 0, 0], [1, 0, 1], [0, 0, 1], [1, 0, 0]]


def test_drops_punctuation_unless_set():
    texts = ["good , . ! ? … « $ + |", "it's -b ☕ a.b"]
    assert fitted(texts).feature_names()[1:] == sorted(["good", "it's", "-b", "☕", "a.b"])
    assert set(fitted(texts, punctuation=True).feature_names()) >= {",", ".", "!", "?", "…", "«", "$", "+", "|"}
    assert fitted(texts).transform(cut([", . ?"])).lengths().tolist() == [0]
    assert fitted(texts, punctuation=True).transform(cut([", ;"])).to_dense()[0, 0] == 1  # ";" is unknown


@pytest.mark.parametrize("mark", list(ASCII))
def test_every_ascii_mark_is_punctuation(mark):
    assert fitted([f"a {mark} {mark * 3}"]).feature_names() == ["<UNK>", "a"]


def test_vocabulary_of_the_unknown_word_only():
    encoder = fitted(["good food"], cutoff=25)
    assert encoder.feature_names() == ["<UNK>"]
    assert encoder.transform(cut(["good", ""])).to_dense().tolist() == [[1], [0]]
    assert fitted([""]).feature_names() == ["<UNK>"]


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_chunk_size_does_not_matter(monkeypatch, chunk):
    texts = ["good food", "", "bad , food", "good good", "<UNK> .", "food bad", "x"]
    encoder, before = fitted(texts), fitted(texts).transform(cut(texts))
    for function in (counting.map_row_ranges, counting.build_bag, parallel.map_chunks, tokens.tokenize_column):
        monkeypatch.setitem(function.__kwdefaults__, "chunk", chunk)  # where the default CHUNK went
    again, rows = fitted(texts), fitted(texts).transform(cut(texts))
    assert again.feature_names() == encoder.feature_names()
    assert torch.equal(rows.ids, before.ids) and torch.equal(rows.offsets, before.offsets)


@pytest.mark.parametrize(
    "words", [None, [], "words", ["good"], ["good", "<UNK>"], ["<UNK>", "a", "a"], ["<UNK>", 1], ["<UNK>", None]]
)
def test_rejects_an_invalid_state(words):
    with pytest.raises(ValueError):
        OneHot(tokenizer=Spaces()).restore({"words": words})
    with pytest.raises(KeyError):
        OneHot(tokenizer=Spaces()).restore({})


def test_state_is_plain_and_settings_apply():
    state = fitted(["good ."], punctuation=True).state()
    assert state == {"words": ["<UNK>", ".", "good"]}
    assert OneHot(punctuation=True, tokenizer=Spaces()).restore(state).transform(cut([". good"])).ids.tolist() == [1, 2]


def test_vocabulary():
    vocabulary = Vocabulary.from_words(["good", "food"])
    assert [vocabulary.word(i) for i in range(len(vocabulary))] == ["<UNK>", "good", "food"]
    assert [vocabulary.index(word) for word in ("<UNK>", "good", "food", "fod")] == [0, 1, 2, 0]
    assert Vocabulary(tuple(vocabulary.state())) == vocabulary
    for index in (-1, 3):
        with pytest.raises(IndexError):
            vocabulary.word(index)
    for words in ((), ("good",), ("<UNK>", "a", "a")):
        with pytest.raises(ValueError):
            Vocabulary(words)
