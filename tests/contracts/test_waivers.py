"""A component says which promise it cannot keep, and why: that is shown, and never hides what passes."""

from __future__ import annotations

import pytest

from tests.contracts.faulty import faulty, function
from zoo_core.components.class_checks import class_problems
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.plugins.source import PluginSource
from zoo_core.testing import Case, checks_of
from zoo_textbook.activations import Tanh

WHY = "the straight-through estimator is no gradient"


def straight(self):
    return function(lambda m, x: x + (x.sign() - x).detach())


def case(cls, id):
    entry = Entry("activation", cls.name, cls, PluginSource("planted", "textzoo-planted", "1", lambda: None))
    [check] = [one for one in checks_of("activation") if one.id == id]
    return Case(check, entry, Registry((*open_zoo().registry.entries, entry)))


def waiving(id, **members):
    return faulty(Tanh, expected_failures=((id, WHY),), **members)


def test_what_is_waived_and_fails_is_expected():
    found = case(waiving("gradient-is-correct", build=straight), "gradient-is-correct")
    outcome = found.outcome()
    assert outcome.state == "expected"
    assert outcome.reason.startswith(
        f"expected by its author: {WHY} (the analytic gradient must be that of the function"
    )
    with pytest.raises(pytest.xfail.Exception, match=WHY):
        found.run()


def test_the_same_fault_without_a_waiver_fails():
    found = case(faulty(Tanh, build=straight), "gradient-is-correct")
    assert found.outcome().state == "failed"
    with pytest.raises(AssertionError, match="the analytic gradient must be that of the function"):
        found.run()


def test_what_is_waived_and_passes_is_told():
    outcome = case(waiving("gradient-is-correct"), "gradient-is-correct").outcome()
    assert (outcome.state, outcome.reason) == ("passed", f"expected to fail by its author, but passes: {WHY}")


def test_a_waiver_is_for_its_own_check_alone():
    cls = waiving("deterministic", build=straight)
    assert case(cls, "gradient-is-correct").outcome().state == "failed"
    assert case(cls, "does-not-modify-input").outcome().reason == ""


def test_what_is_skipped_is_no_pass_for_being_waived():
    outcome = case(waiving("gradient-reaches-every-parameter"), "gradient-reaches-every-parameter").outcome()
    assert (outcome.state, outcome.reason) == ("skipped", "it has no parameters")


@pytest.mark.parametrize(
    "expected_failures",
    [
        "gradient-is-correct",
        ["gradient-is-correct"],
        ("gradient-is-correct", WHY),
        (("gradient-is-correct",),),
        (("gradient-is-correct", ""),),
        (("gradient-is-correct", None),),
        [("gradient-is-correct", WHY)],
    ],
)
def test_waivers_of_another_shape_are_refused(expected_failures):
    found = class_problems(faulty(Tanh, expected_failures=expected_failures))
    assert any("must be pairs of a check and a reason" in fault for fault in found), found


def test_a_waiver_of_the_right_shape_is_admitted():
    assert class_problems(waiving("gradient-is-correct")) == []
