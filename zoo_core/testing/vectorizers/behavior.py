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


def assert_same(first: Features, second: Features) -> None:
    """Fail if two features differ."""
    assert type(first) is type(second)
    tensors, other_tensors = tensors_of(first), tensors_of(second)
    assert tensors.keys() == other_tensors.keys()
    for name, tensor in tensors.items():
        torch.testing.assert_close(tensor, other_tensors[name])


@register_check("vectorizer", "the model is chosen by the layout and built for the number of features")
def layout_as_declared(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    features = encode(subject, encoder, texts)
    assert features.layout == cast(Vectorizer, subject.component).layout
    assert len(features) == len(texts), "a row is missing"
    assert encoder.num_features >= 1
    if not isinstance(features, Dense):
        assert features.width == encoder.num_features
        ids = features.ids
        assert len(ids) == 0 or 0 <= int(ids.min()) <= int(ids.max()) < features.width
        assert ids.dtype == torch.int32 and features.offsets.dtype == torch.int64


@register_check("vectorizer", "the features of a text must not depend on the other texts of the batch")
def batch_equals_rows(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    features = encode(subject, encoder, texts)
    for row in range(len(features)):
        assert_same(features.slice(row, row + 1), encode(subject, encoder, texts.slice(row, 1)))


@register_check("vectorizer", "one encoder encodes texts on several threads at once")
def thread_safe(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    single_texts = [texts.slice(row, 1) for row in range(len(texts))]
    expected = [encode(subject, encoder, text) for text in single_texts] * THREAD_ROUNDS
    results = prefetch_map(lambda text: encode(subject, encoder, text), single_texts * THREAD_ROUNDS, threads=THREADS)
    for features, expected_features in zip(results, expected, strict=True):
        assert_same(features, expected_features)


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
    assert len(features) == 2
    for tensor in tensors_of(features).values():
        assert torch.isfinite(tensor.double()).all()


@register_check("vectorizer", "a run is restored from the state that it stored")
def state_round_trip(subject: Subject) -> None:
    encoder, texts = fit_encoder(subject), inputs_of(subject)
    state = encoder.state()
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    plain = json.loads(json.dumps({name: value for name, value in state.items() if name not in tensors}))
    loaded: dict[str, Any] = {**plain, **safetensors.torch.load(safetensors.torch.save(tensors))}
    restored = cast(Vectorizer, subject.component).restore(loaded)
    assert restored.num_features == encoder.num_features and restored.feature_names() == encoder.feature_names()
    assert_same(encode(subject, encoder, texts), encode(subject, restored, texts))


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
    assert json.dumps({name: str(value) for name, value in encoder.state().items()}) == before
    assert_same(encode(subject, encoder, texts), encode(subject, fit_encoder(subject), texts))


@register_check("vectorizer", "explanations name the features")
def names_every_feature(subject: Subject) -> None:
    if not cast(Vectorizer, subject.component).has_feature_names:
        skip("it declares that its features have no names")
    encoder = fit_encoder(subject)
    assert len(encoder.feature_names()) == encoder.num_features
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
    assert_same(features, encode(subject, fit_encoder(subject), texts))
    assert_same(features, encode(subject, encoder, texts))


@register_check("vectorizer", "the folds of a comparison are fitted one after another")
def fits_are_independent(subject: Subject) -> None:
    vectorizer, encoder, inputs = cast(Vectorizer, subject.component), fit_encoder(subject), inputs_of(subject)
    before = encode(subject, encoder, inputs)
    texts, labels = training_inputs(vectorizer.input_type)
    other_texts = texts.str.replace_all("o", "u").str.replace_all("1", "4", literal=True)
    vectorizer.fit(tokenize_column(other_texts, vectorizer.tokenize), labels.flip(0))
    assert_same(encode(subject, encoder, inputs), before)


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
