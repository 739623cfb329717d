"""The tokenizer subwords: its pieces against the package that learns them, its state, its errors."""

import os
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_core import load_recipe
from zoo_core.errors import PluginError, RecipeError
from zoo_core.features.tokens import tokenize_column
from zoo_tokenizers import byte_pair_training
from zoo_tokenizers.byte_pairs import BytePairs
from zoo_tokenizers.subwords import Subwords
from zoo_tokenizers.tokenizers import Words

TEXTS = [
    "the lowest newest widest tests are the best",
    "lower and lower, newer and newer; slowly, slowly",
    "undo, redo, undone: unknown words are split",
    "음식이 맛있어요 음식은 맛있었어요 음식도 맛있네요",
    "aaaa aaaaaaa aaa abababab ▁low Ġlow ##low",
] * 3
TEXT = st.text(st.sampled_from("lowernsti aбβ음식▁Ġ#\u0301😀"), max_size=15)


def learn(texts, **settings):
    tokenizer = Subwords(words=Words(), **settings)
    return tokenizer.fit(tokenize_column(pl.Series(texts, dtype=pl.String), tokenizer.tokenize))


@pytest.fixture(scope="module")
def pairs():
    return learn(TEXTS, vocabulary_size=120)


def library_pieces(pairs, words):
    """The pieces that the package makes of words by the same pairs."""
    tokenizers = pytest.importorskip("tokenizers")
    pieces = {*"".join(words), *(piece for pair in pairs.ranks for piece in (*pair, "".join(pair)))}
    numbered = {piece: number for number, piece in enumerate(sorted(pieces))}
    model = tokenizers.models.BPE(vocab=numbered, merges=list(pairs.ranks))
    return [tokenizers.Tokenizer(model).encode(word).tokens for word in words]


@settings(max_examples=30)
@given(st.lists(TEXT, max_size=20))
def test_equals_the_package(pairs, words):
    words = ["slowest", "aaaaaaaaaa", "aaaaaaaaa", "aaa", "ababa", "unlowed", *words]
    assert pairs.split(pl.Series(words)).to_list() == library_pieces(pairs, words)


@given(TEXT)
def test_the_pieces_joined_are_the_word(pairs, word):
    assert "".join(pairs.split_word(word)) == word


def test_pairs_by_hand():
    """Sennrich et al. 2016, section 3.2, without the mark of the end: the first pairs are e·s, es·t and l·o."""
    counts = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
    learned = learn([" ".join([word] * count) for word, count in counts.items()], vocabulary_size=10 + 4)
    assert list(learned.ranks)[:4] == [("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w")]
    assert learned.split_word("lowest") == ["low", "est"]
    assert learned.split_word("lüwest") == ["l", "ü", "w", "est"]


def test_rare_characters_take_no_place_in_the_vocabulary():
    common, rare = ["good food"] * 3, ["日本語", "中"]
    size = len(set("goodfood")) + 2
    assert learn(common + rare, vocabulary_size=size).ranks == learn(common, vocabulary_size=size).ranks
    assert len(learn(common, vocabulary_size=size).ranks) == 2


def test_learns_from_a_part_of_many_words(monkeypatch):
    texts = ["good food, good staff", "good food", *(f"rare{row}x food" for row in range(50))] * 10
    monkeypatch.setattr(byte_pair_training, "MAX_WORDS", 300)
    learned = learn(texts, min_frequency=10)
    assert learned.split_word("food") == ["food"] and learned.split_word("staffs") == ["staff", "s"]
    assert learned.split_word("rare7")[:1] == ["rare"]


def test_long_words_are_learned_from_in_parts():
    learned = learn(["good" * 30_000])
    assert learned.ranks and "".join(learned.split_word("goodgood")) == "goodgood"


def test_no_words_give_no_pairs():
    assert learn(["", " "]).ranks == {}


def test_rejects_a_vocabulary_that_is_smaller_than_the_alphabet():
    expected = (
        r"vocabulary_size is 3, less than the 4 characters .* \(hint: set vocabulary_size to at least 4, or raise"
    )
    with pytest.raises(RecipeError, match=expected):
        learn(["good food"] * 2, vocabulary_size=3)


def test_names_the_command_that_installs_the_package(monkeypatch):
    monkeypatch.setattr("zoo_core.data.files.extras.find_spec", lambda _name: None)
    with pytest.raises(
        PluginError, match=r"tokenizers, which is not installed \(hint: pip install 'textzoo\[subwords\]'"
    ):
        learn(TEXTS)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("vectorizer.tokenizer.vocabulary_size=0", "vocabulary_size: must be at least 1"),
        ("vectorizer.tokenizer.min_frequency=0", "min_frequency: must be at least 1"),
        ("vectorizer.tokenizer.words=subwords", 'tokenizer "subwords" learns pieces itself'),
        ("vectorizer.tokenizer.words=spacs", 'did you mean "spaces"'),
    ],
)
def test_rejects_bad_settings(zoo, setting, expected):
    with pytest.raises(RecipeError, match=expected):
        load_recipe("text-fast", zoo=zoo).override("vectorizer.tokenizer=subwords", setting).plan()


@pytest.mark.parametrize(
    "state",
    [
        {"left": ["a"], "right": []},
        {"left": ["a"], "right": ["b"], "more": ["c"]},
        {"left": ["a", "a"], "right": ["b", "b"]},
        {"left": ["ab", "a"], "right": ["c", "b"]},
        {"left": ["a", 3], "right": ["b", "c"]},
        {"left": "a", "right": "b"},
        {"left": None, "right": None},
    ],
)
def test_rejects_a_state_that_it_never_made(state):
    with pytest.raises((ValueError, KeyError, TypeError)):
        BytePairs.restore(state)


@pytest.mark.slow
def test_the_number_of_threads_has_no_effect():
    code = "from tests.plugins.tokenizers.test_subwords import TEXTS, learn; print(list(learn(TEXTS).ranks))"
    answers = set()
    for threads in ("1", "4", "2"):
        paths = os.pathsep.join(filter(None, sys.path))
        variables = {"PYTHONPATH": paths, "RAYON_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads}
        command = [sys.executable, "-c", code]
        process = subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True)
        answers.add(process.stdout)
    assert len(answers) == 1
