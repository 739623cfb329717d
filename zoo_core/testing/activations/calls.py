"""Checks of activations from call to call: inputs, state and randomness."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from zoo_core.components.contracts import Activation
from zoo_core.seeds import seeded
from zoo_core.testing.activations.behavior import MODES, apply, build_activation
from zoo_core.testing.activations.inputs import ACTIVATION_INPUTS
from zoo_core.testing.assertions import assert_equal, assert_made_in_build, reload_state
from zoo_core.testing.cases import Subject, register_check
from zoo_core.testing.inputs import make_scores

REPEATED_INPUTS = ("1 row of width 64", "256 rows of width 64", "512 rows of width 3")


@register_check("activation", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    module = build_activation(subject)
    for mode, when in MODES.items():
        for description, scores in ACTIVATION_INPUTS:
            original = scores.clone()
            module.train(mode)(scores)
            assert torch.equal(scores, original), f"{when}, it modifies its input in place for {description}"


@register_check("activation", "the same seed must give the same numbers")
def deterministic(subject: Subject) -> None:
    first, second = build_activation(subject), build_activation(subject)
    for description, scores in ACTIVATION_INPUTS:
        what = f"built again with the same seed, it gives other outputs for {description}"
        assert_equal(apply(second, scores), apply(first, scores), what)


@register_check("activation", "an output must not depend on the calls before")
def calls_are_independent(subject: Subject) -> None:
    for mode, when in MODES.items():
        for description in REPEATED_INPUTS:
            scores = ACTIVATION_INPUTS.makers[description]()
            _check_calls(subject, mode, scores, f"{when}, for {description}")


def _check_calls(subject: Subject, mode: bool, scores: torch.Tensor, where: str) -> None:
    module = build_activation(subject).train(mode)
    other_scores = -3 * scores.flip(0)
    with torch.no_grad():
        first = apply(module, scores)
        kept = first.clone()
        other = apply(module, other_scores)
        assert_equal(first, kept, f"{where} a call overwrites the output of the call before")
        again = apply(module, scores, 7 if mode else 8)  # in evaluation mode no seed may change it
        assert_equal(again, kept, f"{where} the second call with the same scores gives another output")
        expected = apply(build_activation(subject).train(mode), other_scores)
        assert_equal(other, expected, f"{where} the output depends on the call before")


@register_check("activation", "the state must contain everything that was learned")
def state_round_trip(subject: Subject) -> None:
    module = build_activation(subject)
    built = set(module.state_dict())
    module(make_scores())
    assert_made_in_build(built, set(module.state_dict()))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1)
    restored = _build_with_another_seed(subject)
    restored.load_state_dict(reload_state(module))
    outputs = restored.eval()(make_scores())
    assert_equal(outputs, module.eval()(make_scores()), "after its state was stored and loaded, it gives other outputs")


def _build_with_another_seed(subject: Subject) -> nn.Module:
    with seeded(8, "init"):  # so that what the state lacks differs
        return cast(Activation, subject.component).build()
