"""Checks of what embeddings take from outside before the first epoch."""

from __future__ import annotations

from functools import partial

import torch

from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.embeddings.inputs import MANY, SOME, ids_of
from zoo_core.testing.embeddings.modules import build_embedding, start_or_skip, vectors
from zoo_core.testing.models.starting import find_broken_start


@register_check("embedding", "the run stores the weights after start(), and loads them into a new module")
def start_keeps_the_form_of_the_weights(subject: Subject) -> None:
    for description in (SOME, MANY):
        width = ids_of(description).width
        module = build_embedding(subject, width)
        problem = find_broken_start(module, partial(start_or_skip, subject, module, width))
        assert not problem, f"{problem}, for {description}"


@register_check("embedding", "the same recipe, data and seed must give the same run")
def start_is_repeatable(subject: Subject) -> None:
    width, results = ids_of(MANY).width, []
    for _ in range(2):
        module = build_embedding(subject, width)
        report = start_or_skip(subject, module, width)
        results.append({"report": dict(report), **module.state_dict()})
    assert_equal(results[1], results[0], "start() gives other weights, or another report, for the same words")


@register_check("embedding", "texts of a batch are padded to the longest, which must not change them")
def padding_is_zero_after_start(subject: Subject) -> None:
    ids = ids_of(SOME)
    module = build_embedding(subject, ids.width)
    start_or_skip(subject, module, ids.width)
    of_padding = vectors(module, torch.zeros(1, 3, dtype=torch.int64))
    assert not of_padding.any(), "after start() the vector of padding is not 0"
