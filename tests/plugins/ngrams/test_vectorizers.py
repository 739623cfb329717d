"""N-grams against a plain-Python implementation: selection, numbering and counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from zlib import crc32

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_core import parallel
from zoo_core.features import counting, tokens
from zoo_core.features.tokens import tokenize_column
from zoo_ngrams.vectorizers import HashedNgrams, Ngrams
from zoo_ngrams.weightings import Binary, Count, LogCountRatio, TfIdf
from zoo_textbook.tokenizers import Spaces

TEXT = st.lists(st.sampled_from(["a", "b", "ab", "aba", "é", "", "x" * 5]), max_size=7).map(" ".join)
TEXTS = st.lists(TEXT, min_size=1, max_size=8)
ORDERS = st.sampled_from([(), (1, 1), (1, 2), (2, 2), (1, 3), (3, 3), (2, 4)])
SMALL = ["good food", "not good", "", "not good food", "bad bad food"]


def make_vectorizer(cls=Ngrams, **settings):
    return cls(
        **{"tokenizer": Spaces(), "weighting": Count(), "norm": "none"}
        | ({"min_df": 1} if cls is Ngrams else {})
        | settings
    )


def tokenize(texts):
    return tokenize_column(pl.Series("text", texts, dtype=pl.String), lambda column: column.str.split(" "))


def labels_of(texts):
    return torch.arange(len(texts)) % 2


def windows(items, orders):
    """Every run of a number of items that is asked for."""
    for n in range(orders[0], orders[1] + 1) if orders else ():
        yield from ((i, items[i : i + n]) for i in range(len(items) - n + 1))


def count_grams(text, words, characters):
    """Count each n-gram of a text, by its feature name."""
    split = [token for token in text.split(" ") if token]
    found = Counter(" ".join(run) for _, run in windows(split, words))
    for token in split:
        spelled = f"‹{token}›"
        for i, run in windows(spelled, characters):
            found[f"{'…' if i else ''}{run}{'' if i + len(run) == len(spelled) else '…'}"] += 1
    return found


def rows_of(bag, names):
    """Each row of a Bag as a Counter by name; its ids stand once each, ascending."""
    found = []
    for row in range(len(bag)):
        start, stop = bag.offsets[row], bag.offsets[row + 1]
        ids = bag.ids[start:stop].tolist()
        assert ids == sorted(set(ids))
        found.append({names[i]: n for i, n in zip(ids, bag.weights_or_ones()[start:stop].tolist(), strict=True)})
    return found


def assert_same(one, two):
    left, right = ([bag.ids, bag.offsets, bag.weights_or_ones()] for bag in (one, two))
    torch.testing.assert_close(left, right, rtol=0, atol=0)


SHARES, LARGEST = st.sampled_from([0.25, 0.5, 0.75, 1.0]), st.sampled_from([0, 0, 1, 3, 6])


@given(TEXTS, TEXTS, ORDERS, ORDERS.filter(bool), st.booleans(), st.integers(1, 3), SHARES, LARGEST)
def test_equals_plain_python(texts, others, words, characters, with_characters, min_df, max_df, largest):
    words, characters = (words, characters) if with_characters else (words or (1, 2), ())
    vectorizer = make_vectorizer(words=words, characters=characters, min_df=min_df, max_df=max_df, max_features=largest)
    encoder, bag = vectorizer.fit_transform(tokenize(texts), labels_of(texts))
    df = Counter(name for text in texts for name in count_grams(text, words, characters))
    frequent = {name: n for name, n in df.items() if min_df <= n <= max_df * len(texts)}
    names = encoder.feature_names()
    assert len(set(names)) == len(names) == encoder.num_features == min(largest or len(frequent), len(frequent))
    assert [frequent[name] for name in names] == sorted(frequent.values(), reverse=True)[: len(names)]
    for given_, found in ((texts, bag), (others, encoder.transform(tokenize(others)))):
        expected = [{n: c for n, c in count_grams(text, words, characters).items() if n in names} for text in given_]
        assert rows_of(found, names) == expected


@settings(max_examples=20)  # each of them compares every row
@given(TEXTS, TEXTS, st.sampled_from([Count(), TfIdf(), LogCountRatio(), Binary()]), st.sampled_from(["l2", "none"]))
def test_batch_equals_rows_and_restored_encoder(texts, others, weighting, norm):
    for cls, own in ((Ngrams, {"characters": (2, 3)}), (HashedNgrams, {"size": 64})):
        vectorizer = make_vectorizer(cls, weighting=weighting, norm=norm, **own)
        encoder, bag = vectorizer.fit_transform(tokenize(texts), labels_of(texts))
        assert_same(bag, encoder.transform(tokenize(texts)))
        whole = encoder.transform(tokenize(others))
        for row, one in enumerate(others):
            assert_same(whole.slice(row, row + 1), encoder.transform(tokenize([one])))
        if encoder.num_features:
            again = vectorizer.restore(encoder.state())
            assert again.feature_names() == encoder.feature_names()
            assert_same(whole, again.transform(tokenize(others)))


def test_names_and_order_of_a_small_corpus():
    names = make_vectorizer().fit(tokenize(SMALL), labels_of(SMALL)).feature_names()
    assert names[0:3] == ["food", "good", "not"]  # in 3, 3 and 2 texts; equal ones in alphabetical order
    assert set(names[3:5]) == {"good food", "not good"} and set(names[5:]) == {"bad", "bad bad", "bad food"}


def test_max_df_is_robust_to_rounding():
    """0.29 * 100 is 28.999…, yet 29 of 100 texts are no more than a share of 0.29."""
    texts = ["a"] * 29 + ["b"] * 71
    assert make_vectorizer(words=(1, 1), max_df=0.29).fit(tokenize(texts), labels_of(texts)).feature_names() == ["a"]


@pytest.mark.parametrize(("below", "has_characters"), [(0, True), (2, False), (3, True), (4, True)])
def test_uses_characters_if_texts_are_short(below, has_characters):
    texts = ["one two three four", "five", "", "six seven three"]  # 8 words in 4 texts
    vectorizer = make_vectorizer(characters=(2, 2), characters_below=below)
    encoder = vectorizer.fit(tokenize(texts), labels_of(texts))
    assert any("…" in name for name in encoder.feature_names()) == has_characters
    again = vectorizer.restore(encoder.state())
    assert again.feature_names() == encoder.feature_names()
    assert_same(
        again.transform(tokenize(texts * 9)), encoder.transform(tokenize(texts * 9))
    )  # the average of other texts is nothing to it


@pytest.mark.parametrize(("words", "features"), [(0, 1), (8, 1), (9, 7)])
def test_few_words_keep_features_of_a_single_text(words, features):
    texts = ["one two three four", "five", "", "six seven three"]  # 8 words in 4 texts
    vectorizer = make_vectorizer(words=(1, 1), min_df=2, min_df_from=words)
    assert vectorizer.fit(tokenize(texts), labels_of(texts)).num_features == features


@pytest.mark.parametrize(("words", "has_characters"), [(0, False), (7, False), (8, True), (9, True)])
def test_uses_characters_of_long_texts_if_there_are_few_words(words, has_characters):
    texts = ["one two three four", "five", "", "six seven three"]  # 8 words in 4 texts
    vectorizer = make_vectorizer(characters=(2, 2), characters_below=2, characters_up_to=words)
    names = vectorizer.fit(tokenize(texts), labels_of(texts)).feature_names()
    assert any("…" in name for name in names) == has_characters


@pytest.mark.parametrize(
    ("orders", "words", "longest"), [((1, 3), 0, 3), ((1, 3), 8, 3), ((1, 3), 7, 2), ((2, 2), 7, 2), ((1, 1), 7, 1)]
)
def test_uses_the_longest_ngrams_if_there_are_few_words(orders, words, longest):
    texts = ["one two three four", "five", "", "six seven three"]  # 8 words in 4 texts
    vectorizer = make_vectorizer(words=orders, longest_up_to=words, min_df=1)
    names = vectorizer.fit(tokenize(texts), labels_of(texts)).feature_names()
    assert max(len(name.split()) for name in names) == longest


@pytest.mark.parametrize(("share", "lengths"), [(1.0, {2, 3}), (0.59, {2, 3}), (0.58, {3}), (0.001, {3})])
def test_drops_lengths_of_character_ngrams_that_are_too_common(share, lengths):
    """A pair occurs in 14 / 6 of 4 texts on average, a triple in 11 / 6; the longest are always stored."""
    texts = ["ab", "abc", "ab", "abab"]
    vectorizer = make_vectorizer(words=(), characters=(2, 3), characters_share=share)
    names = vectorizer.fit(tokenize(texts), labels_of(texts)).feature_names()
    assert {len(name.replace("…", "")) for name in names} == lengths


def test_long_texts_must_have_features():
    assert len(list(make_vectorizer(words=(), characters=(2, 3), characters_below=9).check())) == 1
    assert not list(make_vectorizer(words=(), characters=(2, 3)).check())


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_chunk_size_does_not_matter(monkeypatch, chunk):
    texts = [*SMALL, "food good not bad", "", "bad", "good food " * 5]
    parts = (
        make_vectorizer(words=(1, 3), characters=(1, 3), min_df=2, weighting=TfIdf()),
        make_vectorizer(HashedNgrams, words=(1, 3)),
    )
    before = [one.fit_transform(tokenize(texts), labels_of(texts)) for one in parts]
    for function in (counting.map_row_ranges, counting.build_bag, parallel.map_chunks, tokens.tokenize_column):
        monkeypatch.setitem(function.__kwdefaults__, "chunk", chunk)  # where the default CHUNK went
    assert len(counting.map_row_ranges(6, lambda start, stop: stop - start)) == -(-6 // chunk)
    for one, (encoder, bag) in zip(parts, before, strict=True):
        again, found = one.fit_transform(tokenize(texts), labels_of(texts))
        assert again.feature_names() == encoder.feature_names()
        assert_same(found, bag)


STRANGE = {
    "keys-unsorted": ("words.keys.2", lambda keys: keys.flip(0)),
    "keys-negative": ("words.keys.2", lambda keys: torch.cat([torch.tensor([-1]), keys[1:]])),
    "keys-too-large": ("words.keys.2", lambda keys: torch.cat([keys[:-1], torch.tensor([10**9])])),
    "keys-missing": ("words.keys.2", None),
    "features-from-one": ("words.features.1", lambda ids: ids + 1),
    "features-left-out": ("words.features.1", lambda ids: torch.where(ids == ids[0], -1, ids)),
    "features-too-few": ("words.features.1", lambda ids: ids[:-1]),
    "tokens-twice": ("words.tokens", lambda words: [words[0], *words[:-1]]),
    "scale-nan": ("scale", lambda scale: scale * float("nan")),
    "scale-float64": ("scale", lambda scale: scale.double()),
    "scale-missing": ("scale", None),
    "keys-equal": ("words.keys.2", lambda keys: keys[:1].repeat(1 << 20)),  # to index them would take hours
}


@pytest.mark.parametrize("which", STRANGE)
def test_rejects_an_invalid_state(which):
    vectorizer = make_vectorizer(words=(1, 2), characters=(2, 3), weighting=TfIdf())
    state = vectorizer.fit(tokenize(SMALL), labels_of(SMALL)).state()
    vectorizer.restore(state)
    name, change = STRANGE[which]
    changed = {k: v for k, v in state.items() if k != name} | ({name: change(state[name])} if change else {})
    with pytest.raises(ValueError):
        vectorizer.restore(changed)


@pytest.mark.parametrize(("words", "characters"), [((2, 1), ()), ((), ()), ((1,), ()), ((1, 2, 3), ()), ((), (3, 2))])
def test_rejects_invalid_ranges(words, characters):
    assert len(list(make_vectorizer(words=words, characters=characters).check())) == 1
    assert len(list(make_vectorizer(HashedNgrams, words=words or characters).check())) == 1
    assert (
        list(make_vectorizer(words=(2, 2), characters=(3, 4)).check())
        == list(make_vectorizer(HashedNgrams, words=(1, 1)).check())
        == []
    )


def hash_features(text, words, size):
    """The hashed features of a text, in plain Python: crc32 of each token, Knuth's mixing, the upper bits."""
    mix, whole = 0x9E3779B97F4A7C15, 2**64
    found = Counter()
    for _, run in windows([token for token in text.split(" ") if token], words):
        own = [crc32(token.encode()) * mix % whole for token in run]
        value = own[0]
        for other in own[1:]:
            value = ((value ^ value >> 29) * mix + other) % whole
        found[((value ^ value >> 32) * mix % whole) >> (64 - size.bit_length() + 1)] += 1
    return found


@given(TEXTS, ORDERS.filter(bool), st.sampled_from([2, 16, 1 << 20, 1 << 30]))
def test_hashed_equals_plain_python(texts, words, size):
    encoder = make_vectorizer(HashedNgrams, words=words, size=size).fit(tokenize(["other words"]), labels_of("x"))
    assert (encoder.num_features, encoder.feature_names()) == (size, [])
    assert rows_of(encoder.transform(tokenize(texts)), range(size)) == [
        hash_features(text, words, size) for text in texts
    ]


@pytest.mark.parametrize("seed", ["1", "2"])
@pytest.mark.slow
def test_hashed_ids_are_the_same_in_every_process(seed):
    code = "import polars as pl; from zoo_core.features.tokens import tokenize_column"
    code += "; from zoo_ngrams.hashing_encoder import count_hashes; "
    code += "tokens = tokenize_column(pl.Series(['very good é']), lambda texts: texts.str.split(' '))"
    code += "; print(count_hashes(tokens, (1, 2), 1 << 20, with_counts=False).ids.tolist())"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": seed}
    found = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True).stdout
    assert found.strip() == "[314279, 495033, 558360, 755825, 1041735]"


def test_rejects_invalid_sizes():
    for size in (3, 6, (1 << 20) + 1):
        assert ["power of two" in str(problem) for problem in make_vectorizer(HashedNgrams, size=size).check()] == [
            True
        ]
    with pytest.raises(ValueError, match="size must be 64"):
        make_vectorizer(HashedNgrams, size=64).restore({"size": 128})
