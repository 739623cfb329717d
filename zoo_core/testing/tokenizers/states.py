"""Checks of what a tokenizer learned: repeatable, plain, complete, and rejected if it is invalid."""

from __future__ import annotations

import json

from torch import Tensor

from zoo_core.components.protocols import State
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.tokenizers.inputs import INPUTS, USUAL, fit, fit_or_skip, tokenize, tokenizer_of


@register_check("tokenizer", "the same data must give the same run")
def learns_repeatably(subject: Subject) -> None:
    texts = INPUTS.makers[USUAL]()
    first = fit_or_skip(subject)
    again = fit(subject, texts.reverse())
    assert again is not None, "fit() returns None for the same texts in another order"
    assert_equal(_store(again.state()), _store(first.state()), "for the same texts in another order it learns another")


@register_check("tokenizer", "a run stores plain data, not pickle")
def learned_state_is_plain(subject: Subject) -> None:
    for name, value in fit_or_skip(subject).state().items():
        is_strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        is_plain = isinstance(value, Tensor | int | float | str)
        assert isinstance(name, str) and (is_strings or is_plain), f"{name} is {type(value).__name__}"


@register_check("tokenizer", "a run is opened from what it stored, and must give the same tokens")
def learned_state_round_trip(subject: Subject) -> None:
    fitted = fit_or_skip(subject)
    assert fitted.state(), "its state is empty, though it learned something"
    restored = tokenizer_of(subject).restore(_store(fitted.state()))
    for description, texts in INPUTS:
        expected = tokenize(subject, fitted, texts)
        found = tokenize(subject, restored, texts)
        assert_equal(found, expected, f"stored and restored, for {description} it gives other tokens")


@register_check("tokenizer", "a run folder may be damaged, or come from someone else")
def invalid_states_are_rejected(subject: Subject) -> None:
    state = fit_or_skip(subject).state()
    broken = {f"without {name}": {key: value for key, value in state.items() if key != name} for name in state}
    broken["without anything"] = {}
    broken |= {f"with {name} = 3.5": {**state, name: 3.5} for name in state}
    broken |= {f'with {name} = [""]': {**state, name: [""]} for name in state}
    for description, invalid in broken.items():
        try:
            tokenizer_of(subject).restore(invalid)
        except (ValueError, KeyError, TypeError):
            continue
        except Exception as error:
            raise AssertionError(f"{description}, restore() raises {type(error).__name__}: {error}") from error
        raise AssertionError(f"{description}, restore() accepts a state that it never made")


def _store(state: State) -> State:
    """A state as a run folder gives it back: lists and numbers through JSON."""
    plain = {name: value for name, value in state.items() if not isinstance(value, Tensor)}
    return {**json.loads(json.dumps(plain)), **{name: value for name, value in state.items() if name not in plain}}
