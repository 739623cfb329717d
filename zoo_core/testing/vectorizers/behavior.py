"""Checks of vectorizers."""

from __future__ import annotations

import contextlib
import json
from typing import Any, cast

import polars as pl
import safetensors.torch
import torch
from attrs import evolve
from torch import Tensor

from zoo_core.components.contracts import Vectorizer
from zoo_core.components.protocols import Encoder
from zoo_core.errors import DataError
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.features.tokens import tokenize_column
from zoo_core.parallel import prefetch_map
from zoo_core.testing.assertions import assert_close, assert_equal, assert_finite
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import sample_inputs, training_inputs

Features = Bag | Sequence | Dense
THREADS = 4
THREAD_ROUNDS = 3


def fit_encoder(subject: Subject) -> Encoder:
    """Fit the vectorizer to the training inputs."""
    vectorizer = cast(Vectorizer, subject.component)
    texts, labels = training_inputs(vectorizer.input_type)
    return vectorizer.fit(tokenize_column(texts, vectorizer.tokenize), labels)


def inputs_of(subject: Subject) -> pl.Series:
    """Return texts of the input type of the vectorizer."""
    return sample_inputs(cast(Vectorizer, subject.component).input_type)


def encode(subject: Subject, encoder: Encoder, texts: pl.Series) -> Features:
    """Tokenize texts with the vectorizer and encode them."""
    return encoder.transform(tokenize_column(texts, cast(Vectorizer, subject.component).tokenize))


def tensors_of(features: Features) -> dict[str, Tensor]:
    """Return the tensors of features; a Bag without weights has ones."""
    tensors = {name: getattr(features, name, None) for name in ("ids", "offsets", "values")}
    if isinstance(features, Bag):
        tensors["values"] = features.weights_or_ones()
    return {name: tensor for name, tensor in tensors.items() if isinstance(tensor, Tensor)}


def assert_same(first: Features, second: Features, what: str) -> None:
    """Fail with `what` if two features differ."""
    assert first.layout == second.layout, f"{what}: got the layout {first.layout} instead of {second.layout}"
    assert_close(tensors_of(first), tensors_of(second), what)


@register_check("vectorizer", "the model is chosen by the layout and built for the number of features")
def layout_as_declared(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    features = encode(subject, encoder, texts)
    declared = cast(Vectorizer, subject.component).layout
    assert features.layout == declared, f"it declares the layout {declared}, and gives {features.layout}"
    assert len(features) == len(texts), "a row is missing"
    assert encoder.num_features >= 1, f"num_features is {encoder.num_features}"
    if not isinstance(features, Dense):
        width, declared_width = features.width, encoder.num_features
        assert width == declared_width, f"the features have the width {width}, num_features is {declared_width}"
        ids = features.ids
        is_inside = len(ids) == 0 or 0 <= int(ids.min()) <= int(ids.max()) < width
        assert is_inside, f"the ids are not all from 0 to {width - 1}"
        types = (ids.dtype, features.offsets.dtype)
        assert types == (torch.int32, torch.int64), f"ids and offsets must be int32 and int64, not {types}"


@register_check("vectorizer", "the features of a text must not depend on the other texts of the batch")
def batch_equals_rows(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    features = encode(subject, encoder, texts)
    for row in range(len(features)):
        alone = encode(subject, encoder, texts.slice(row, 1))
        assert_same(features.slice(row, row + 1), alone, f'"{texts[row]}" has other features beside other texts')


@register_check("vectorizer", "one encoder encodes texts on several threads at once")
def thread_safe(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    single_texts = [texts.slice(row, 1) for row in range(len(texts))]
    expected = [encode(subject, encoder, text) for text in single_texts] * THREAD_ROUNDS
    results = prefetch_map(lambda text: encode(subject, encoder, text), single_texts * THREAD_ROUNDS, threads=THREADS)
    for features, expected_features in zip(results, expected, strict=True):
        assert_same(features, expected_features, "a text has other features if several threads encode")


@register_check("vectorizer", "a text may be empty or consist of unknown words")
def empty_and_unknown_texts(subject: Subject) -> None:
    texts = pl.Series("text", ["", "zyzzyva qwertyish"], dtype=pl.String)
    encoder = fit_encoder(subject)
    if cast(Vectorizer, subject.component).input_type == "numbers":
        for row in range(len(texts)):
            with contextlib.suppress(DataError):
                encode(subject, encoder, texts.slice(row, 1))
                raise AssertionError(f'"{texts[row]}" is encoded as numbers')
        return
    features = encode(subject, encoder, texts)
    assert len(features) == 2, f"an empty text and one of unknown words make {len(features)} rows"
    for name, tensor in tensors_of(features).items():
        assert_finite(tensor, f"of an empty text and one of unknown words, {name}")


@register_check("vectorizer", "a run is restored from the state that it stored")
def state_round_trip(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    state = encoder.state()
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    plain = json.loads(json.dumps({name: value for name, value in state.items() if name not in tensors}))
    loaded: dict[str, Any] = {**plain, **safetensors.torch.load(safetensors.torch.save(tensors))}
    restored = cast(Vectorizer, subject.component).restore(loaded)
    what = "after its state was stored and loaded, an encoder has other"
    assert_equal(restored.num_features, encoder.num_features, f"{what} num_features")
    assert_equal(restored.feature_names(), encoder.feature_names(), f"{what} feature_names()")
    assert_same(encode(subject, restored, texts), encode(subject, encoder, texts), f"{what} features")


@register_check("vectorizer", "a state comes from a file, so an invalid one must be rejected")
def rejects_invalid_state(subject: Subject) -> None:
    state = fit_encoder(subject).state()
    if not state:
        skip("it has no state")
    for invalid_state in ({}, dict.fromkeys(state, 7)):
        try:
            cast(Vectorizer, subject.component).restore(invalid_state)
        except (KeyError, TypeError, ValueError):
            continue
        raise AssertionError(f"it is restored from {invalid_state}")


@register_check("vectorizer", "only the training split may change the encoder")
def transform_does_not_learn(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    before = json.dumps({name: str(value) for name, value in encoder.state().items()})
    encode(subject, encoder, texts)
    after = json.dumps({name: str(value) for name, value in encoder.state().items()})
    assert after == before, "transform() changes the state"
    fresh = encode(subject, fit_encoder(subject), texts)
    assert_same(encode(subject, encoder, texts), fresh, "texts have other features after transform() was called")


@register_check("vectorizer", "explanations name the features")
def names_every_feature(subject: Subject) -> None:
    if not cast(Vectorizer, subject.component).has_feature_names:
        skip("it declares that its features have no names")
    encoder = fit_encoder(subject)
    named = len(encoder.feature_names())
    assert named == encoder.num_features, f"feature_names() has {named} names for {encoder.num_features} features"
    assert len(set(encoder.feature_names())) == encoder.num_features, "two features have the same name"


@register_check("vectorizer", "a state is stored as tensors and JSON, not as pickle")
def state_is_plain(subject: Subject) -> None:
    for name, value in fit_encoder(subject).state().items():
        is_strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        is_plain = isinstance(value, Tensor | int | float | str)
        assert isinstance(name, str) and (is_strings or is_plain), f"{name} is {type(value).__name__}"


@register_check("vectorizer", "training uses fit_transform, prediction uses transform")
def fit_transform_equals_fit_then_transform(subject: Subject) -> None:
    vectorizer = cast(Vectorizer, subject.component)
    texts, labels = training_inputs(vectorizer.input_type)
    encoder, features = vectorizer.fit_transform(tokenize_column(texts, vectorizer.tokenize), labels)
    what = "fit_transform() gives other features than"
    assert_same(features, encode(subject, fit_encoder(subject), texts), f"{what} fit() and transform()")
    assert_same(features, encode(subject, encoder, texts), f"{what} transform() of the encoder that it returns")


@register_check("vectorizer", "the folds of a comparison are fitted one after another")
def fits_are_independent(subject: Subject) -> None:
    vectorizer, encoder, inputs = cast(Vectorizer, subject.component), fit_encoder(subject), inputs_of(subject)
    before = encode(subject, encoder, inputs)
    texts, labels = training_inputs(vectorizer.input_type)
    other_texts = texts.str.replace_all("o", "u").str.replace_all("1", "4", literal=True)
    vectorizer.fit(tokenize_column(other_texts, vectorizer.tokenize), labels.flip(0))
    assert_same(encode(subject, encoder, inputs), before, "an encoder gives other features after another fit")


@register_check("vectorizer", "the tokens are shared by all splits")
def does_not_modify_input(subject: Subject) -> None:
    vectorizer = cast(Vectorizer, subject.component)
    texts, labels = training_inputs(vectorizer.input_type)
    tokens = tokenize_column(texts, vectorizer.tokenize)
    tokens = evolve(tokens, codes=tokens.codes)  # int32, as for a large vocabulary, so that codes returns no copy
    codes, offsets, words, labels_copy = (
        tokens.codes.copy(),
        tokens.offsets.copy(),
        tokens.words.to_list(),
        labels.clone(),
    )
    vectorizer.fit_transform(tokens, labels)[0].transform(tokens)
    assert (tokens.codes == codes).all() and (tokens.offsets == offsets).all(), "the tokens were modified"
    assert tokens.words.to_list() == words and torch.equal(labels, labels_copy), "the words or labels were modified"
