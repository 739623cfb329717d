"""Checks of encoders: what `fit`, `transform` and `state` of a vectorizer return is checked before it is used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from zoo_core.components.protocols import CutsTexts, Encoder
from zoo_core.features.bag import Bag
from zoo_core.features.cut_texts import CutTexts
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.features.tokens import Tokens
from zoo_core.messages import pluralize
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan

ENCODER_MEMBERS = ("num_features", "transform", "feature_names", "state")
CHUNK_ROWS = 1 << 14


def check_encoder(registry: Registry, plan: Plan, encoder: Any) -> Encoder:
    """Return what `fit` returned if it is an encoder. Raises PluginError otherwise."""
    if not all(hasattr(encoder, name) for name in ENCODER_MEMBERS):
        raise contract_error(registry, plan.vectorizer, f"fit() returned {type(encoder).__name__}, not an encoder")
    return encoder  # type: ignore[no-any-return]


def check_fitted_pair(registry: Registry, plan: Plan, fitted: Any) -> tuple[Encoder, Any]:
    """Return what `fit_transform` returned if it is an encoder with features. Raises PluginError otherwise."""
    if not isinstance(fitted, tuple) or len(fitted) != 2:
        what = f"fit_transform() returned {type(fitted).__name__}, expected an encoder and features"
        raise contract_error(registry, plan.vectorizer, what)
    return check_encoder(registry, plan, fitted[0]), fitted[1]


def count_cut(registry: Registry, plan: Plan, encoder: Encoder, tokens: Tokens) -> CutTexts:
    """How many of these texts an encoder cuts; none if it does not say. Raises PluginError for another answer."""
    counts: object = encoder.cut_texts(tokens) if isinstance(encoder, CutsTexts) else CutTexts()
    if not isinstance(counts, CutTexts):
        raise contract_error(registry, plan.vectorizer, f"cut_texts() returned {type(counts).__name__}")
    return counts


def check_features(
    registry: Registry, plan: Plan, encoder: Encoder, features: object, rows: int
) -> Bag | Dense | Sequence:
    """Return features if they have the declared layout, `rows` rows and the encoder's width.

    Raises PluginError otherwise.
    """
    vectorizer = plan.vectorizer
    if not isinstance(features, Bag | Dense | Sequence) or features.layout != vectorizer.layout:
        what = f"its features are {type(features).__name__}, expected layout {vectorizer.layout}"
        raise contract_error(registry, vectorizer, what)
    if len(features) != rows:
        what = f"returned {pluralize(len(features), 'row')} for {pluralize(rows, 'text')}"
        raise contract_error(registry, vectorizer, what)
    if not isinstance(features, Dense):
        entries, offsets = len(features.raw_ids if isinstance(features, Bag) else features.ids), features.offsets
        if not _are_offsets(offsets, entries) or not _ids_are_within_width(features):
            raise contract_error(registry, vectorizer, "its ids and offsets do not match")
        windows = features.windows if isinstance(features, Sequence) else None
        if windows is not None and not _are_offsets(windows, len(offsets) - 1, least=1):
            raise contract_error(registry, vectorizer, "its offsets and windows do not match")
    width = features.values.shape[1] if isinstance(features, Dense) else features.width
    if width != encoder.num_features:
        what = f"num_features is {encoder.num_features}, but its features have a width of {width}"
        raise contract_error(registry, vectorizer, what)
    return features


def _are_offsets(offsets: Tensor, entries: int, *, least: int = 0) -> bool:
    """Whether these divide so many entries among rows, each with at least so many."""
    return int(offsets[0]) == 0 and int(offsets[-1]) == entries and bool((offsets.diff() >= least).all())


def _ids_are_within_width(features: Bag | Sequence) -> bool:
    """Whether every id is below the width; checked in chunks, to use little memory."""
    for start in range(0, len(features), CHUNK_ROWS):
        ids = features.slice(start, min(start + CHUNK_ROWS, len(features))).ids
        if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < features.width:
            return False
    return True


def split_encoder_state(
    registry: Registry, plan: Plan, encoder: Encoder
) -> tuple[dict[str, Tensor], Mapping[str, Any]]:
    """Split an encoder's state into tensors and plain values. Raises PluginError for what no file can store."""
    state = encoder.state()
    if not isinstance(state, dict):
        raise contract_error(registry, plan.vectorizer, f"state() returned {type(state).__name__}, expected a dict")
    tensors: dict[str, Tensor] = {}
    plain: dict[str, Any] = {}
    for name, value in state.items():
        if not isinstance(name, str) or not _is_storable(value):
            what = f"state()[{name!r}] is {type(value).__name__}, which cannot be stored"
            raise contract_error(registry, plan.vectorizer, what)
        if isinstance(value, Tensor):
            tensors[name] = value.detach().clone().contiguous()
        else:
            plain[name] = value
    return tensors, plain


def _is_storable(value: object) -> bool:
    """Whether a value of a state is a tensor, a finite number, a text, or a list of texts."""
    texts: list[Any] = value if isinstance(value, list) else [value]
    if all(type(text) is str for text in texts):
        return not any("\ud800" <= character <= "\udfff" for text in texts for character in set(text))
    return isinstance(value, Tensor) or type(value) is int or (type(value) is float and math.isfinite(value))
