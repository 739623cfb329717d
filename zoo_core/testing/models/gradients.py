"""Checks of the gradients of models."""

from __future__ import annotations

from typing import cast

import torch
from attrs import evolve

from zoo_core.components.contracts import Model
from zoo_core.features.layouts import Dense
from zoo_core.testing.assertions import assert_finite, assert_gradient
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.inputs import make_bag, make_dense
from zoo_core.testing.models.behavior import NUMBERS_OF_OUTPUTS
from zoo_core.testing.models.features import SOME_EMPTY, all_features, features_of, width_of
from zoo_core.testing.models.modules import (
    backpropagate,
    build_model,
    build_noisy,
    gradients_of,
    is_trainable,
    layouts_of,
    random_directions,
    train,
)

STEP = 1e-6  # of a parameter


@register_check("model", "a gradient that is NaN destroys the weights; a text may be empty")
def finite_gradients(subject: Subject) -> None:
    for where, features in all_features(layouts_of(subject)):
        if is_trainable(features):
            module = build_model(subject, width=width_of(features))
            backpropagate(train(module, features, where))
            for name, gradient in gradients_of(module).items():
                assert_finite(gradient, f"for {where} the gradient of {name}")


@register_check("model", "a parameter without a gradient is never learned")
def gradient_reaches_every_parameter(subject: Subject) -> None:
    is_distribution = cast(Model, subject.component).output_form() == "distribution"  # constant for one output
    for layout in layouts_of(subject):
        for outputs in NUMBERS_OF_OUTPUTS[1:] if is_distribution else NUMBERS_OF_OUTPUTS:
            features = features_of(layout, SOME_EMPTY)
            module = build_noisy(subject, outputs, width=width_of(features)).eval()  # dropout may hide a parameter
            backpropagate(module(features))
            found = gradients_of(module)
            for name, parameter in module.named_parameters():
                where = f"with {outputs} outputs ({layout})"
                assert name in found or not parameter.requires_grad, f"{name} has no gradient {where}"
                assert name not in found or found[name].any(), f"the gradient of {name} is 0 {where}"


@register_check("model", "the optimizer must support sparse gradients, and is chosen by this declaration")
def sparse_gradients_as_declared(subject: Subject) -> None:
    is_declared = cast(Model, subject.component).has_sparse_gradients()
    found = set()
    for layout in layouts_of(subject):
        module = build_model(subject)
        backpropagate(train(module, features_of(layout, SOME_EMPTY)))
        found |= {name for name, p in module.named_parameters() if p.grad is not None and p.grad.is_sparse}
    assert is_declared or not found, f"the gradient of {min(found, default='')} is sparse, which it does not declare"
    assert found or not is_declared, "it declares sparse gradients, but all of its gradients are dense"


@register_check("model", "the analytic gradient must be that of the function")
def gradient_is_correct(subject: Subject) -> None:
    layouts = layouts_of(subject)
    module = build_noisy(subject).double().eval()
    if "bag" in layouts:
        bag = make_bag(dtype=torch.float64, weighted=True)
        weights = bag.weights_or_ones()
        assert_gradient(lambda values: module(evolve(bag, weights=values)), (weights,), "of the weights of a bag")
    if "dense" in layouts:
        assert_gradient(lambda x: module(Dense(x)), (make_dense(dtype=torch.float64).values,), "of dense features")
    for layout in layouts:
        _check_parameters(subject, layout)


def _check_parameters(subject: Subject, layout: str) -> None:
    """Fail if the gradient of a parameter is not the slope of the scores along a random direction of it."""
    features = features_of(layout, SOME_EMPTY)
    if isinstance(features, Dense):
        features = Dense(features.values.double())
    module = build_noisy(subject, width=width_of(features)).double().eval()
    scores = module(features)
    factors = torch.linspace(1, 2, scores.numel(), dtype=torch.float64).view_as(scores)
    (scores * factors).sum().backward()
    found, directions = gradients_of(module), random_directions(module, 8)
    for name, parameter in module.named_parameters():
        if name not in found:
            continue
        ends = []
        with torch.no_grad():
            for step in (STEP, -STEP):
                parameter.add_(directions[name], alpha=step)
                ends.append(float((module(features) * factors).sum()))
                parameter.sub_(directions[name], alpha=step)
        slope, analytic = (ends[0] - ends[1]) / (2 * STEP), float((found[name] * directions[name]).sum())
        size = float((found[name] * directions[name]).abs().sum()) + abs(slope)
        text = f"the gradient of {name} is not the slope of the scores ({layout})"
        assert abs(slope - analytic) <= 1e-3 * size + 1e-6, f"{text}: got {analytic:.4g} instead of {slope:.4g}"
