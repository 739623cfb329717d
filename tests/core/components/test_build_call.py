"""The call of `build`: a component gets the offered arguments that its signature names."""

from __future__ import annotations

from inspect import Parameter, Signature

import pytest
from attrs import frozen

from zoo_core import Activation, Loss, Metric, Model, Optimizer, Scheduler
from zoo_core.components.building.call import call_build, missing_arguments, requires_argument, takes_argument
from zoo_core.components.building.feature_names import FeatureNames
from zoo_core.components.class_checks import class_problems

DECLARED = {
    Activation: {"acts": "elementwise"},
    Loss: {"expects": "logits", "link": "softmax"},
    Model: {"accepts": ("bag",)},
    Optimizer: {},
    Scheduler: {"interval": "epoch"},
    Metric: {"response": "labels", "higher_is_better": True},
}
PLURALS = ("activations", "losses", "models", "optimizers", "schedulers", "metrics")


def part(base, build):
    body = {"__doc__": "A component.", "name": "part", "build": build, "__module__": __name__, **DECLARED[base]}
    return frozen(type("Part", (base,), body))


def named(*names):
    """A function with parameters of these names."""

    def build(*_args, **_offered):
        return None

    build.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])
    return build


@pytest.mark.parametrize(
    ("build", "given"),
    [
        (lambda self: {}, {}),
        (lambda self, *, num_outputs: {"num_outputs": num_outputs}, {"num_outputs": 2}),
        (lambda self, num_features, *, num_outputs=0: {"sizes": (num_features, num_outputs)}, {"sizes": (3, 2)}),
        (lambda self, **offered: offered, {"num_features": 3, "num_outputs": 2, "feature_names": "abc"}),
        (lambda self, num_outputs, **rest: rest, {"num_features": 3, "feature_names": "abc"}),
    ],
)
def test_build_gets_what_it_names(build, given):
    assert call_build(part(Model, build)(), num_features=3, num_outputs=2, feature_names="abc") == given


def test_arguments_of_a_signature():
    component = part(Model, lambda self, *, num_features, feature_names=(): None)()
    assert takes_argument(component, "feature_names") and not takes_argument(component, "num_outputs")
    assert requires_argument(component, "num_features") and not requires_argument(component, "feature_names")
    assert missing_arguments(component, ["num_outputs"]) == ["num_features"]
    assert takes_argument(part(Model, lambda self, **offered: None)(), "feature_names")


@pytest.mark.parametrize(("base", "plural"), list(zip(DECLARED, PLURALS, strict=True)))
def test_what_is_not_offered_is_refused(base, plural):
    assert class_problems(part(base, lambda self, **offered: None)) == []
    offered = ", ".join(base.build_arguments) or "no arguments"
    kind = base.__name__.lower()
    expected = [f'build() has a parameter "device" that no {kind} is given; {plural} are given {offered}']
    assert class_problems(part(base, lambda self, *, device: None)) == expected
    assert class_problems(part(base, lambda self, device=None, **offered: None)) == expected
    for name in base.build_arguments:
        assert class_problems(part(base, named("self", name))) == []
        assert class_problems(part(base, staticmethod(named(name)))) == []


def test_feature_names_are_made_when_they_are_used():
    calls = []
    names = FeatureNames(lambda: calls.append(1) or ["good", "bad"])
    assert not calls
    assert (len(names), names[0], list(names), names.index("bad"), "ugly" in names) == (
        2,
        "good",
        ["good", "bad"],
        1,
        False,
    )
    assert calls == [1]
