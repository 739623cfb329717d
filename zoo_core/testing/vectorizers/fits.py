"""Checks of `fit`: any training split, one fit after another, the order of rows, and the names of features."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice, permutations

import polars as pl
import torch
from torch import Tensor

from zoo_core.components.kinds import setting_fields
from zoo_core.components.protocols import Encoder
from zoo_core.errors import ZooError
from zoo_core.features.layouts import Dense
from zoo_core.testing.any_kind.other_settings import with_other_settings, with_other_value
from zoo_core.testing.assertions import assert_close, assert_finite
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.differences import find_difference
from zoo_core.testing.vectorizers.fitting import (
    Features,
    assert_same,
    dense_values,
    encode,
    fit_encoder,
    fit_to,
    tensors_of,
    texts_to_encode,
    tokens_of,
    usual_split,
    vectorizer_of,
)
from zoo_core.testing.vectorizers.texts import COMMON, MARKER, SMALL_SPLITS, Corpus, as_texts, splits_for

ORDERED = "512 rows in an order"
TIED = "45 rows of 1,000 words"  # each in as many rows as the others
LIMIT = 100  # of words, as a setting that is tried
OTHERS = 6  # settings with which others are fitted in between
_FRESH = permutations("bcdfghjkl")  # so that no two calls use the same words, and all have the same letters


@register_check("vectorizer", "training uses fit_transform, prediction uses transform")
def fit_transform_equals_fit_then_transform(subject: Subject) -> None:
    texts, labels = usual_split(subject)
    encoder, features = vectorizer_of(subject).fit_transform(tokens_of(subject, texts), labels)
    what = "fit_transform() gives other features than"
    assert_same(features, encode(subject, fit_encoder(subject), texts), f"{what} fit() and transform()")
    assert_same(features, encode(subject, encoder, texts), f"{what} transform() of the encoder that it returns")


@register_check("vectorizer", "a training split may be small, large, of many classes and in any script")
def fits_any_training_split(subject: Subject) -> None:
    vectorizer = vectorizer_of(subject)
    for description, (texts, labels) in splits_for(vectorizer.input_type):
        try:
            encoder, features = vectorizer.fit_transform(tokens_of(subject, texts), labels)
        except ZooError:
            if description in SMALL_SPLITS:  # there may be too little to learn from
                continue
            raise
        except Exception as error:
            raise AssertionError(f"fitted to {description}, it raises {type(error).__name__}: {error}") from error
        where, rows = f"fitted to {description}", len(features)
        assert rows == len(texts), f"{where}, it gives {rows} rows for {len(texts)} texts"
        for name, tensor in tensors_of(features).items():
            assert_finite(tensor, f"{where}, of its features, {name}")
        width = features.values.shape[1] if isinstance(features, Dense) else features.width
        least = 0 if description in SMALL_SPLITS else 1
        is_wide = width == encoder.num_features >= least
        assert is_wide, f"{where}, num_features is {encoder.num_features}, the width {width}"
        _require_names(subject, encoder, where)


@register_check("vectorizer", "explanations name the features")
def names_every_feature(subject: Subject) -> None:
    if not vectorizer_of(subject).has_feature_names:
        skip("it declares that its features have no names")
    _require_names(subject, fit_encoder(subject), f"fitted to {len(usual_split(subject)[0])} rows")


def _require_names(subject: Subject, encoder: Encoder, where: str) -> None:
    """Fail if features that are declared to have names have none, or the same."""
    names, features = encoder.feature_names(), encoder.num_features
    if vectorizer_of(subject).has_feature_names:
        assert len(names) == features, f"{where}, feature_names() has {len(names)} names for {features} features"
        twice = [name for name, times in Counter(names).items() if times > 1]
        assert not twice, f'{where}, two features have the same name "{twice[0]}"'


@register_check("vectorizer", "the folds of a comparison are fitted one after another")
def fits_are_independent(subject: Subject) -> None:
    encoder, (texts, labels) = fit_encoder(subject), usual_split(subject)
    inputs = list(texts_to_encode(subject))[:3]
    before = [encode(subject, encoder, batch) for _, batch in inputs]
    other_texts = texts.str.replace_all("o", "u").str.replace_all("1", "4", literal=True)
    fit_to(subject, (other_texts, labels.flip(0)))
    for other in with_other_settings(subject, OTHERS):
        with contextlib.suppress(ZooError):
            fit_to(other, (other_texts, labels.flip(0)))
    for (description, batch), features in zip(inputs, before, strict=True):
        what = f"after another fit, an encoder gives other features for {description}"
        assert_same(encode(subject, encoder, batch), features, what)


@register_check("vectorizer", "a fit must not depend on what was fitted before in the same process")
def fits_forget_other_fits(subject: Subject) -> None:
    usual, (_, batch) = usual_split(subject), list(texts_to_encode(subject))[1]
    first = encode(subject, fit_to(subject, usual), batch)
    if vectorizer_of(subject).input_type == "numbers":
        fit_to(subject, usual_split(subject, "512 rows"))
        what = "fitted again to the same rows, after others, it gives other features"
        assert_same(encode(subject, fit_to(subject, usual), batch), first, what, exact=True)
    else:
        _compare_with_other_words(subject, first, batch)


def _compare_with_other_words(subject: Subject, first: Features, batch: pl.Series) -> None:
    """Fail if fits of other words leave traces; `first` is what the first fit gives for a batch."""
    fresh = _fresh_word()
    other = fit_to(subject, _of_words(fresh, rising=True))
    assert not _contains(other, MARKER), f'fitted to texts without the word "{MARKER}", it knows it from another fit'
    second = fit_to(subject, usual_split(subject))
    assert not _contains(second, fresh), f'fitted to texts without "{fresh}a", it knows this word from another fit'
    what = "fitted again to the same texts, after others, it gives other features"
    assert_same(encode(subject, second, batch), first, what, exact=True)
    _compare_with_renamed(subject, fresh)


def _fresh_word() -> str:
    return "q" + "".join(next(_FRESH))


def _compare_with_renamed(subject: Subject, fitted: str) -> None:
    """Fail if words that an earlier fit had other counts of are encoded in another way than words that are new."""
    words = [fitted, _fresh_word(), _fresh_word()]
    first, second = (_fit_and_encode(subject, word, rising=True) for word in words[:2])
    again = fit_to(subject, _of_words(words[1], rising=True))
    assert not _contains(again, words[0]), f'fitted to texts without "{words[0]}a", it knows this word from another fit'
    if find_difference(second, first):
        return  # what words are called matters to it: it hashes them, or reads their letters
    known, new, newer = (_fit_and_encode(subject, word, rising=False) for word in (words[0], words[2], _fresh_word()))
    if find_difference(newer, new):
        return
    assert_close(known, new, "words that were in an earlier fit, in other numbers, have other features than new ones")


def _fit_and_encode(subject: Subject, word: str, *, rising: bool) -> dict[str, Tensor]:
    corpus = _of_words(word, rising=rising)
    return tensors_of(encode(subject, fit_to(subject, corpus), corpus[0]))


def _of_words(word: str, *, rising: bool) -> Corpus:
    """Texts of four words that begin with a word, the first or the last the most frequent."""
    words = [f"{word}{letter}" for letter in "abcd"]
    ordered = words if rising else words[::-1]
    texts = [" ".join(ordered[at:]) for at in range(4) for _ in range(COMMON)]
    return as_texts(texts), torch.arange(len(texts)) % 2


def _contains(encoder: Encoder, word: str) -> bool:
    """Whether a name of a feature or a text of the state contains a word."""
    lists = [value for value in encoder.state().values() if isinstance(value, list)]
    return any(word in text for texts in (encoder.feature_names(), *lists) for text in texts if isinstance(text, str))


@register_check("vectorizer", "the order of the rows of a file says nothing about their texts")
def fit_ignores_the_order_of_rows(subject: Subject) -> None:
    vectorizer = vectorizer_of(subject)
    if not vectorizer.has_feature_names or vectorizer.input_type == "numbers":
        skip("its features have no names to compare")
    inputs = list(texts_to_encode(subject))[:3]
    _compare_orders(subject, ORDERED, inputs)
    for one in (subject, *_with_small_numbers(subject)):
        _compare_orders(one, TIED, inputs)


def _with_small_numbers(subject: Subject) -> Iterator[Subject]:
    """The vectorizer with a small number in each setting that is a large one: it may be a limit."""
    for field in setting_fields(type(subject.component)):
        if type(getattr(subject.component, field.name)) is int and getattr(subject.component, field.name) > LIMIT:
            others = with_other_value(subject, field)
            yield from islice((other for value, other in others if isinstance(value, int) and 1 < value <= LIMIT), 1)


def _compare_orders(subject: Subject, split: str, inputs: list[tuple[str, pl.Series]]) -> None:
    """Fail if a training split in other orders of rows gives other features, or other values of them."""
    texts, labels = usual_split(subject, split)
    expected, places = fit_to(subject, (texts, labels)), torch.arange(len(texts))
    for order, rows in (("reversed", places.flip(0)), ("mixed", places * 7 % len(texts))):
        encoder = fit_to(subject, (texts.gather(rows.numpy()), labels[rows]))
        names, known = encoder.feature_names(), expected.feature_names()
        others = set(names) ^ set(known)
        assert not others, f'fitted to the same rows, {order}, it has other features: "{min(others, default="")}"'
        columns = torch.tensor([names.index(name) for name in known])
        for description, batch in inputs:
            values, before = (dense_values(encode(subject, one, batch)) for one in (encoder, expected))
            what = f"fitted to the same rows, {order}, it gives other features for {description}"
            assert_close(values[:, columns], before, what, rtol=1e-4, atol=1e-5)
