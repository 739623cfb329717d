"""Tokens that are joined give the text back."""

import polars as pl
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_textbook.tokenizers import Spaces
from zoo_tokenizers.tokenizers import Bytes, Characters, Words

TEXTS = st.lists(st.text(st.sampled_from("ab \r\n\u0301👩🏽\u200d🇰🇷각") | st.characters(codec="utf-8"), max_size=10))


def tokenize(tokenizer, texts):
    return tokenizer.tokenize(pl.Series(texts, dtype=pl.String)).to_list()


@settings(max_examples=30)
@given(TEXTS)
def test_bytes_joined_are_the_text(texts):
    assert [bytes.fromhex("".join(tokens)).decode() for tokens in tokenize(Bytes(), texts)] == texts


@settings(max_examples=30)
@given(TEXTS)
def test_clusters_joined_are_the_text(texts):
    assert ["".join(tokens) for tokens in tokenize(Characters(), texts)] == texts


@settings(max_examples=200)
@given(st.text(st.sampled_from("🇰🇷🇺a\u0301\u200d\u0600\u0903👩\r\n"), max_size=12))
def test_clusters_equal_those_of_the_package(text):
    assert tokenize(Characters(), [text]) == [regex.findall(r"\X", text)]


def test_many_flags_take_a_second():
    assert len(tokenize(Characters(), ["🇰" * 200_001])[0]) == 100_001


def test_bytes_are_two_hexadecimal_digits():
    assert tokenize(Bytes(), ["aé", ""]) == [["61", "c3", "a9"], []]


def test_clusters_are_what_a_reader_sees():
    assert tokenize(Characters(), ["a\r\nb\n"]) == [["a", "\r\n", "b", "\n"]]  # without a character beyond ASCII
    assert tokenize(Characters(), ["é👩🏽\u200d🚀", "🇰🇷a\r\n"]) == [["é", "👩🏽\u200d🚀"], ["🇰🇷", "a", "\r\n"]]


def test_words_and_spaces_differ_at_punctuation():
    assert tokenize(Spaces(), ["Don't stop, now!"]) == [["Don't", "stop,", "now!"]]
    assert tokenize(Words(), ["Don't stop, now!"]) == [["Don't", "stop", ",", "now", "!"]]
