"""A component declares which check it fails, and why: the report shows the reason, and never hides what passes."""

from __future__ import annotations

import pytest

from tests.contracts.faulty import faulty, function
from zoo_core.components.class_checks import class_problems
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.plugin_source import PluginSource
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing import component_cases
from zoo_textbook.activations import Tanh

REASON = "the straight-through estimator is not a gradient"


def straight_through(self):
    return function(lambda module, x: x + (x.sign() - x).detach())


def case(cls, id):
    entry = Entry("activation", cls.name, cls, PluginSource("planted", "textzoo-planted", "1", lambda: None))
    [made] = component_cases(Registry((*open_zoo().registry.entries, entry)), [entry], [id])
    return made


def declaring(id, **members):
    """An activation that declares that it fails the check."""
    return faulty(Tanh, expected_failures=((id, REASON),), **members)


def test_a_declared_failure_is_expected():
    declared = case(declaring("gradient-is-correct", build=straight_through), "gradient-is-correct")
    outcome = declared.outcome()
    assert outcome.state == "expected"
    assert outcome.reason.startswith(f"expected by its author: {REASON} (the analytic gradient must be that of the")
    with pytest.raises(pytest.xfail.Exception, match=REASON):
        declared.run()


def test_the_same_fault_fails_without_a_declaration():
    undeclared = case(faulty(Tanh, build=straight_through), "gradient-is-correct")
    assert undeclared.outcome().state == "failed"
    with pytest.raises(AssertionError, match="the analytic gradient must be that of the function"):
        undeclared.run()


def test_a_declared_failure_that_passes_is_reported():
    outcome = case(declaring("gradient-is-correct"), "gradient-is-correct").outcome()
    assert (outcome.state, outcome.reason) == ("passed", f"expected to fail by its author, but passes: {REASON}")


def test_a_declaration_is_for_one_check_only():
    cls = declaring("deterministic", build=straight_through)
    assert case(cls, "gradient-is-correct").outcome().state == "failed"
    assert case(cls, "does-not-modify-input").outcome().reason == ""


def test_a_declaration_does_not_turn_a_skip_into_a_pass():
    cls = declaring("gradient-reaches-every-parameter")
    outcome = case(cls, "gradient-reaches-every-parameter").outcome()
    assert (outcome.state, outcome.reason) == ("skipped", "it has no parameters")


@pytest.mark.parametrize(
    "expected_failures",
    [
        "gradient-is-correct",
        ["gradient-is-correct"],
        ("gradient-is-correct", REASON),
        (("gradient-is-correct",),),
        (("gradient-is-correct", ""),),
        (("gradient-is-correct", None),),
        [("gradient-is-correct", REASON)],
    ],
)
def test_rejects_declarations_of_another_shape(expected_failures):
    problems = class_problems(faulty(Tanh, expected_failures=expected_failures))
    assert any("its expected_failures must be pairs" in problem for problem in problems), problems


def test_accepts_a_declaration_of_the_right_shape():
    assert class_problems(declaring("gradient-is-correct")) == []
