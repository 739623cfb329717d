"""Checks of what an encoder gives for any texts: its layout, each text by itself, in threads, with names."""

from __future__ import annotations

import contextlib
import json

import polars as pl
import torch
from attrs import evolve

from zoo_core.errors import DataError
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.parallel import prefetch_map
from zoo_core.testing.assertions import assert_equal, assert_finite
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.vectorizers.fitting import (
    USUAL,
    Features,
    assert_same,
    copy_of,
    encode,
    fit_encoder,
    fit_to,
    quote,
    tensors_of,
    texts_to_encode,
    tokens_of,
    usual_split,
    vectorizer_of,
)
from zoo_core.testing.vectorizers.texts import as_texts

THREADS = 4
THREAD_ROUNDS = 3
SINGLE_ROWS = 12  # of a batch whose rows are all encoded alone, else the first and the last
PIECE_ROWS = 200  # of a large batch that are encoded together


@register_check("vectorizer", "the model is chosen by the layout and built for the number of features")
def layout_as_declared(subject: Subject) -> None:
    encoder = fit_encoder(subject)
    width, declared = encoder.num_features, vectorizer_of(subject).layout
    assert width >= 1, f"num_features is {width}"
    for description, texts in texts_to_encode(subject):
        features = encode(subject, encoder, texts)
        assert features.layout == declared, f"it declares the layout {declared}, and gives {features.layout}"
        assert len(features) == len(texts), f"for {description}: {len(texts)} texts make {len(features)} rows"
        _require_matching_parts(features, width, f"for {description}")


def _require_matching_parts(features: Features, width: int, where: str) -> None:
    """Fail if the parts of features do not belong together, or numbers are not finite."""
    found = features.values.shape[1] if isinstance(features, Dense) else features.width
    assert found == width, f"{where}: the features have the width {found}, num_features is {width}"
    if not isinstance(features, Sequence):
        assert_finite(tensors_of(features)["values"], f"{where}: the features have a value that")
    if isinstance(features, Dense):
        return
    ids, offsets = features.ids, features.offsets
    types = (ids.dtype, offsets.dtype)
    assert types == (torch.int32, torch.int64), f"ids and offsets must be int32 and int64, not {types}"
    assert offsets[0] == 0, f"{where}: the offsets begin with {int(offsets[0])}, not with 0"
    is_rising = bool((offsets.diff() >= 0).all())
    assert is_rising and offsets[-1] == len(ids), (
        f"{where}: the offsets end with {int(offsets[-1])}, and there are {len(ids)} ids"
    )
    if isinstance(features, Sequence):
        return  # see sequence-ids-are-valid
    is_inside = len(ids) == 0 or 0 <= int(ids.min()) <= int(ids.max()) < width
    assert is_inside, f"{where}: the ids are not all from 0 to {width - 1}"


@register_check(
    "vectorizer", "0 is the padding of a sequence, and a model has one embedding for each id below the width"
)
def sequence_ids_are_valid(subject: Subject) -> None:
    if vectorizer_of(subject).layout != "sequence":
        skip("its features are not sequences")
    for split in (USUAL, "45 rows of 1,000 words"):
        encoder = fit_to(subject, usual_split(subject, split))
        for description, texts in texts_to_encode(subject):
            _require_ids(encode(subject, encoder, texts), encoder.num_features, texts, description)


def _require_ids(features: Features, width: int, texts: pl.Series, description: str) -> None:
    """Fail if an id of sequences is 0 or not below the width."""
    assert isinstance(features, Sequence), f"it declares the layout sequence, and gives {features.layout}"
    for row in range(len(features)):
        ids, text = features.slice(row, row + 1).ids, quote(texts[row])
        if len(ids):
            at, largest = int(ids.argmin()), int(ids.max())
            assert ids[at] > 0, f"id {at + 1} of {text}, one of {description}, is {int(ids[at])}: 0 is padding"
            assert largest < width, f"an id of {text}, one of {description}, is {largest}: num_features is {width}"


@register_check("vectorizer", "the features of a text must not depend on the other texts of the batch")
def batch_equals_rows(subject: Subject) -> None:
    encoder = fit_encoder(subject)
    for description, texts in texts_to_encode(subject):
        features = encode(subject, encoder, texts)
        before = copy_of(features)
        rows = sorted({*range(len(texts) if len(texts) <= SINGLE_ROWS else 1), len(texts) - 1})
        pieces = [(at, PIECE_ROWS) for at in range(0, len(texts), PIECE_ROWS) if len(texts) > PIECE_ROWS]
        for start, length in [*((row, 1) for row in rows), *pieces]:
            alone = encode(subject, encoder, texts.slice(start, length))
            what = f"{quote(texts[start])} has other features among {description}"
            assert_same(features.slice(start, start + len(alone)), alone, what)
        assert_equal(tensors_of(features), before, f"the features of {description} change when others are encoded")


@register_check("vectorizer", "one encoder encodes texts on several threads at once")
def thread_safe(subject: Subject) -> None:
    encoder = fit_encoder(subject)
    texts = list(texts_to_encode(subject))[1][1]
    single_texts = [texts.slice(row, 1) for row in range(len(texts))]
    expected = [encode(subject, encoder, text) for text in single_texts] * THREAD_ROUNDS
    results = prefetch_map(lambda text: encode(subject, encoder, text), single_texts * THREAD_ROUNDS, threads=THREADS)
    for features, expected_features in zip(results, expected, strict=True):
        assert_same(features, expected_features, "a text has other features if several threads encode")


@register_check("vectorizer", "a text may be empty or consist of unknown words")
def empty_and_unknown_texts(subject: Subject) -> None:
    texts = as_texts(["", "zyzzyva qwertyish"])
    encoder = fit_encoder(subject)
    if vectorizer_of(subject).input_type == "numbers":
        with contextlib.suppress(DataError):  # a row without numbers may be one whose numbers are missing
            encode(subject, encoder, texts.slice(0, 1))
        with contextlib.suppress(DataError):
            encode(subject, encoder, texts.slice(1, 1))
            raise AssertionError(f'"{texts[1]}" is encoded as numbers')
        return
    features = encode(subject, encoder, texts)
    assert len(features) == 2, f"an empty text and one of unknown words make {len(features)} rows"
    for name, tensor in tensors_of(features).items():
        assert_finite(tensor, f"of an empty text and one of unknown words, {name}")


@register_check("vectorizer", "only the training split may change the encoder")
def transform_does_not_learn(subject: Subject) -> None:
    encoder = fit_encoder(subject)
    before = json.dumps({name: str(value) for name, value in encoder.state().items()})
    inputs = list(texts_to_encode(subject))
    first = [copy_of(encode(subject, encoder, texts)) for _, texts in inputs]
    after = json.dumps({name: str(value) for name, value in encoder.state().items()})
    assert after == before, "its state after transform is not that before"
    for (description, texts), features in zip(inputs, first, strict=True):
        again = encode(subject, encoder, texts)
        assert_equal(tensors_of(again), features, f"encoded again, {description} have other features")


@register_check("vectorizer", "the tokens are shared by all splits")
def does_not_modify_input(subject: Subject) -> None:
    texts, labels = usual_split(subject)
    tokens = tokens_of(subject, texts)
    tokens = evolve(tokens, codes=tokens.codes)  # int32, as for a large vocabulary, so that codes returns no copy
    codes, offsets, words = tokens.codes.copy(), tokens.offsets.copy(), tokens.words.to_list()
    labels_copy = labels.clone()
    vectorizer_of(subject).fit_transform(tokens, labels)[0].transform(tokens)
    assert (tokens.codes == codes).all() and (tokens.offsets == offsets).all(), "it changes the tokens in place"
    assert tokens.words.to_list() == words, "it changes the words of the tokens in place"
    assert torch.equal(labels, labels_copy), "it changes the labels in place"
