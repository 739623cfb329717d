"""Checks of the state of an encoder: plain, complete, exact, and rejected if it is invalid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import safetensors.torch
import torch
from torch import Tensor

from zoo_core.components.protocols import Encoder
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.vectorizers.fitting import (
    USUAL,
    Features,
    all_texts,
    assert_same,
    encode,
    fit_encoder,
    fit_to,
    tensors_of,
    texts_to_encode,
    usual_split,
    vectorizer_of,
)
from zoo_core.testing.vectorizers.texts import splits_for

LARGE_ID = 10**6
STORED_SPLITS = (USUAL, "320 rows of emoji, line ends and many scripts", "45 rows of 1,000 words", "512 rows")


@register_check("vectorizer", "a state is stored as tensors and JSON, not as pickle")
def state_is_plain(subject: Subject) -> None:
    for name, value in fit_encoder(subject).state().items():
        is_strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        is_plain = isinstance(value, Tensor | int | float | str)
        assert isinstance(name, str) and (is_strings or is_plain), f"{name} is {type(value).__name__}"


@register_check("vectorizer", "a run is restored from the state that it stored, and must give the same to the last bit")
def state_round_trip(subject: Subject) -> None:
    for description, corpus in splits_for(vectorizer_of(subject).input_type):
        if description not in STORED_SPLITS:
            continue
        encoder = fit_to(subject, corpus)
        restored = vectorizer_of(subject).restore(_store(encoder.state()))
        what = f"fitted to {description}, stored and restored, an encoder has other"
        assert_equal(restored.num_features, encoder.num_features, f"{what} num_features")
        assert_equal(restored.feature_names(), encoder.feature_names(), f"{what} feature_names()")
        texts = pl.concat([all_texts(subject), corpus[0]])
        expected = encode(subject, encoder, texts)
        assert_same(encode(subject, restored, texts), expected, f"{what} features", exact=True)
        assert_equal(_store(restored.state()), _store(encoder.state()), f"{what} state()")


def _store(state: dict[str, Any]) -> dict[str, Any]:
    """A state as it is after it was written to files and read again."""
    tensors = {name: value.contiguous() for name, value in state.items() if isinstance(value, Tensor)}
    plain = json.loads(json.dumps({name: value for name, value in state.items() if name not in tensors}))
    return {**plain, **safetensors.torch.load(safetensors.torch.save(tensors))}


@register_check("vectorizer", "a state comes from a file, so an invalid one must be rejected")
def rejects_invalid_state(subject: Subject) -> None:
    encoder = fit_encoder(subject)
    state = _store(encoder.state())
    if not state:
        skip("it has no state")
    texts = pl.concat([list(texts_to_encode(subject))[1][1], usual_split(subject)[0]])  # so that all features are used
    expected = encode(subject, encoder, texts)
    for description, invalid, is_incomplete in _invalid_states(state):
        restored = _restore(subject, invalid)
        if restored is None:
            continue
        where = f"it is restored from a state {description}"
        found = _encode(subject, restored, texts, where)
        _require_sound(found, restored, where)
        if is_incomplete:
            assert_same(found, expected, f"{where}, and gives other features")
        names = restored.feature_names()
        assert len(set(names)) == len(names), f"{where}, and two features have one name"


def _restore(subject: Subject, state: dict[str, Any]) -> Encoder | None:
    """The restored encoder; None if the state is rejected: a run reports any error."""
    try:
        return vectorizer_of(subject).restore(state)
    except Exception:
        return None


def _encode(subject: Subject, encoder: Encoder, texts: pl.Series, where: str) -> Features:
    try:
        return encode(subject, encoder, texts)
    except Exception as error:
        raise AssertionError(f"{where}, and transform() raises {type(error).__name__}: {error}") from error


def _require_sound(features: Features, encoder: Encoder, where: str) -> None:
    """Fail if features break the contract."""
    width = features.values.shape[1] if isinstance(features, Dense) else features.width
    assert width == encoder.num_features, (
        f"{where}, and has the width {width}, not num_features, {encoder.num_features}"
    )
    for name, tensor in tensors_of(features).items():
        assert bool(torch.isfinite(tensor.double()).all()), f"{where}, and has {name} that are not finite"
    if not isinstance(features, Dense) and len(features.ids):
        lowest, highest = int(features.ids.min()), int(features.ids.max())
        least = 1 if isinstance(features, Sequence) else 0
        assert least <= lowest and highest < width, (
            f"{where}, and has ids from {lowest} to {highest}, the width is {width}"
        )


def _invalid_states(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Each invalid state with its description, and whether something is missing that only a default can replace."""
    yield "without any value", {}, True
    for key, value in state.items():
        yield f'without "{key}"', {name: other for name, other in state.items() if name != key}, True
        for description, wrong in _wrong_values(value):
            yield f'whose "{key}" is {description}', {**state, key: wrong}, False


def _wrong_values(value: Any) -> Iterator[tuple[str, Any]]:
    """Values that a state may have instead of a correct one."""
    if isinstance(value, str):
        yield "a number", 7
        yield "a list", [value]
    elif isinstance(value, list):
        yield "a number", 7
        yield "one text", "text"
        yield "a list of numbers", [7] * len(value)
        yield "too short", value[:-1]
        if len(value) > 1:
            yield "a list with an entry twice", [value[0], value[0], *value[2:]]
    elif isinstance(value, Tensor):
        yield "a number", 7
        yield "a list of texts", ["text"]
        yield "of another shape", value.unsqueeze(0)
        if value.numel() > 1:
            yield "too short", value.flatten()[:-1]
        if value.numel() and value.is_floating_point():
            yield "NaN", torch.full_like(value, torch.nan)
            yield "infinite", torch.full_like(value, torch.inf)
        elif value.numel():
            yield "below 0", torch.full_like(value, -5)
            yield "beyond the features", torch.full_like(value, LARGE_ID)
    else:
        yield "a text", "text"
        yield "a list of texts", ["text"]
