"""A check that comes with a version of textzoo only warns in that version, and fails from the next one on."""

from __future__ import annotations

import contextlib

import pytest
from attrs import evolve

from tests.contracts.faulty import faulty
from tests.contracts.test_expected_failures import case, straight_through
from zoo_core.testing import checks
from zoo_textbook.activations import Tanh


@pytest.mark.parametrize(
    ("since", "running", "state"),
    [
        ("0.1", "0.1.0", "failed"),
        ("0.2", "0.2.0", "warning"),
        ("0.2", "0.2.7.dev1", "warning"),
        ("0.2", "0.3.0", "failed"),
        ("0.2", "1.2.0", "failed"),
    ],
)
def test_a_new_check_warns_for_one_version(monkeypatch, since, running, state):
    monkeypatch.setattr(checks, "running_version", lambda: running)
    of_the_first = case(faulty(Tanh, build=straight_through), "gradient-is-correct")
    made = evolve(of_the_first, check=evolve(of_the_first.check, since=since))
    outcome = made.outcome()
    assert (outcome.state, outcome.seconds > 0) == (state, True)
    text = "it came with this version, and fails from the next one on: the analytic gradient must be"
    assert outcome.reason.startswith(text) == (state == "warning")
    ends = pytest.warns(UserWarning, match=text) if state == "warning" else pytest.raises(AssertionError)
    with ends, contextlib.suppress(pytest.skip.Exception):
        made.run()
