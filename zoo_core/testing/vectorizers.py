"""What vectorizers promise."""

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
from zoo_core.testing.inputs import sample_inputs, training_readings

Encoded = Bag | Sequence | Dense
THREADS, TIMES = 4, 3


def fitted(subject: Subject) -> Encoder:
    """The vectorizer fitted on the small training split."""
    part = cast(Vectorizer, subject.part)
    column, labels = training_readings(part.input_type)
    return part.fit(tokenize_column(column, part.tokenize), labels)


def asked(subject: Subject) -> pl.Series:
    """Texts that the vectorizer is asked for."""
    return sample_inputs(cast(Vectorizer, subject.part).input_type)


def encoded(subject: Subject, encoder: Encoder, column: pl.Series) -> Encoded:
    """Texts through the vectorizer's tokens and an encoder."""
    return encoder.transform(tokenize_column(column, cast(Vectorizer, subject.part).tokenize))


def parts_of(features: Encoded) -> dict[str, Tensor]:
    """The tensors of features; a Bag without weights has ones."""
    named = {name: getattr(features, name, None) for name in ("ids", "offsets", "values")}
    if isinstance(features, Bag):
        named["values"] = features.weights_or_ones()
    return {name: value for name, value in named.items() if isinstance(value, Tensor)}


def same(one: Encoded, two: Encoded) -> None:
    """Fail where two sets of features differ."""
    assert type(one) is type(two)
    left, right = parts_of(one), parts_of(two)
    assert left.keys() == right.keys()
    for name, value in left.items():
        torch.testing.assert_close(value, right[name])


@register_check("vectorizer", "the model is chosen by the layout, and built for the width")
def emits_what_it_declares(subject: Subject) -> None:
    encoder = fitted(subject)
    found = encoded(subject, encoder, asked(subject))
    assert found.layout == cast(Vectorizer, subject.part).layout
    assert len(found) == len(asked(subject)), "a row went missing"
    assert encoder.num_features >= 1
    if not isinstance(found, Dense):
        assert found.width == encoder.num_features
        assert len(found.ids) == 0 or 0 <= int(found.ids.min()) <= int(found.ids.max()) < found.width
        assert found.ids.dtype == torch.int32 and found.offsets.dtype == torch.int64


@register_check("vectorizer", "a prediction for one text is the one it gets among many")
def batch_equals_rows(subject: Subject) -> None:
    encoder = fitted(subject)
    whole = encoded(subject, encoder, asked(subject))
    for row in range(len(whole)):
        same(whole.slice(row, row + 1), encoded(subject, encoder, asked(subject).slice(row, 1)))


@register_check("vectorizer", "many texts are encoded on all cores, by one encoder")
def threads_do_not_meet(subject: Subject) -> None:
    encoder, column = fitted(subject), asked(subject)
    pieces = [column.slice(row, 1) for row in range(len(column))]
    alone = [encoded(subject, encoder, piece) for piece in pieces]
    found = prefetch_map(lambda piece: encoded(subject, encoder, piece), pieces * TIMES, threads=THREADS)
    for one, two in zip(found, alone * TIMES, strict=True):
        same(one, two)


@register_check("vectorizer", "a text may be empty, or hold words never seen")
def empty_and_unknown_texts(subject: Subject) -> None:
    strange = pl.Series("text", ["", "zyzzyva qwertyish"], dtype=pl.String)
    if cast(Vectorizer, subject.part).input_type == "numbers":
        for row in range(len(strange)):
            with contextlib.suppress(DataError):
                encoded(subject, fitted(subject), strange.slice(row, 1))
                raise AssertionError(f'"{strange[row]}" was taken for numbers')
        return
    found = encoded(subject, fitted(subject), strange)
    assert len(found) == 2
    for value in parts_of(found).values():
        assert torch.isfinite(value.double()).all()


@register_check("vectorizer", "a run is asked by an encoder that was read from its folder")
def state_saved_and_loaded(subject: Subject) -> None:
    encoder = fitted(subject)
    state = encoder.state()
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    plain = json.loads(json.dumps({name: value for name, value in state.items() if name not in tensors}))
    loaded: dict[str, Any] = {**plain, **safetensors.torch.load(safetensors.torch.save(tensors))}
    other = cast(Vectorizer, subject.part).restore(loaded)
    assert other.num_features == encoder.num_features and other.feature_names() == encoder.feature_names()
    same(encoded(subject, encoder, asked(subject)), encoded(subject, other, asked(subject)))


@register_check("vectorizer", "the state comes from a file, and a file may say anything")
def refuses_a_strange_state(subject: Subject) -> None:
    known = fitted(subject).state()
    if not known:
        skip("it keeps no state")
    for strange in ({}, dict.fromkeys(known, 7)):
        try:
            cast(Vectorizer, subject.part).restore(strange)
        except (KeyError, TypeError, ValueError):
            continue
        raise AssertionError(f"it was restored from {strange}")


@register_check("vectorizer", "only the training split may teach it")
def transform_teaches_nothing(subject: Subject) -> None:
    encoder = fitted(subject)
    before = json.dumps({k: str(v) for k, v in encoder.state().items()})
    encoded(subject, encoder, asked(subject))
    assert json.dumps({k: str(v) for k, v in encoder.state().items()}) == before
    same(encoded(subject, encoder, asked(subject)), encoded(subject, fitted(subject), asked(subject)))


@register_check("vectorizer", "explanations name the features")
def names_every_feature(subject: Subject) -> None:
    if not cast(Vectorizer, subject.part).has_feature_names:
        skip("it says that its features have no names")
    encoder = fitted(subject)
    assert len(encoder.feature_names()) == encoder.num_features
    assert len(set(encoder.feature_names())) == encoder.num_features, "two features have one name"


@register_check("vectorizer", "a state is kept as tensors and JSON, never pickled")
def state_is_plain(subject: Subject) -> None:
    for name, value in fitted(subject).state().items():
        listed = isinstance(value, list) and all(isinstance(one, str) for one in value)
        plain = isinstance(value, Tensor | int | float | str)
        assert isinstance(name, str) and (listed or plain), f"{name} is {type(value).__name__}"


@register_check("vectorizer", "training takes the short cut, prediction does not")
def fit_transform_is_fit_and_transform(subject: Subject) -> None:
    part = cast(Vectorizer, subject.part)
    column, labels = training_readings(part.input_type)
    encoder, features = part.fit_transform(tokenize_column(column, part.tokenize), labels)
    same(features, encoded(subject, fitted(subject), column))
    same(features, encoded(subject, encoder, column))


@register_check("vectorizer", "the folds of a comparison are fitted one after another")
def another_fit_changes_nothing(subject: Subject) -> None:
    part, encoder = cast(Vectorizer, subject.part), fitted(subject)
    before = encoded(subject, encoder, asked(subject))
    column, labels = training_readings(part.input_type)
    other = column.str.replace_all("o", "u").str.replace_all("1", "4", literal=True)
    part.fit(tokenize_column(other, part.tokenize), labels.flip(0))
    same(encoded(subject, encoder, asked(subject)), before)


@register_check("vectorizer", "the tokens are those of all splits, and may be needed again")
def changes_no_input(subject: Subject) -> None:
    part = cast(Vectorizer, subject.part)
    column, labels = training_readings(part.input_type)
    tokens = tokenize_column(column, part.tokenize)
    tokens = evolve(tokens, codes=tokens.codes)  # as they are held where words are many: not made when asked for
    kept = tokens.codes.copy(), tokens.offsets.copy(), tokens.words.to_list(), labels.clone()
    part.fit_transform(tokens, labels)[0].transform(tokens)
    assert (tokens.codes == kept[0]).all() and (tokens.offsets == kept[1]).all(), "the tokens were changed in place"
    assert tokens.words.to_list() == kept[2] and torch.equal(labels, kept[3]), "words or labels were changed in place"
