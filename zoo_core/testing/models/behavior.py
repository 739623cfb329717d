"""Checks of models."""

from __future__ import annotations

from typing import cast

import torch
from attrs import evolve
from torch import Tensor, nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Model
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import seeded
from zoo_core.testing.assertions import (
    assert_close,
    assert_equal,
    assert_finite,
    assert_gradient,
    assert_gradients_reach,
    reload_state,
)
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import WIDTH, make_bag, make_dense, make_features

OUTPUTS = 3
TRAINING_STEPS = 200
MIN_ACCURACY = 0.9  # on the tiny task


def call_model(subject: Subject, outputs: int = OUTPUTS) -> nn.Module:
    """Call `build` of a model as training does."""
    names = [f"feature {index}" for index in range(WIDTH)]
    offered = {"num_features": WIDTH, "num_outputs": outputs, "feature_names": names}
    return cast(nn.Module, call_build(subject.component, **offered))


def build_model(subject: Subject, outputs: int = OUTPUTS) -> nn.Module:
    """Build the module of a model under a fixed seed."""
    with seeded(7, "init"):
        return call_model(subject, outputs)


def layouts_of(subject: Subject) -> tuple[str, ...]:
    """Return the layouts that the model accepts."""
    return cast(Model, subject.component).accepts


def predict(module: nn.Module, features: Bag | Sequence | Dense) -> Tensor:
    """Return the scores in evaluation mode."""
    with torch.no_grad():
        return cast(Tensor, module.eval()(features))


@register_check("model", "scores must be (batch, outputs), also for one row or one output")
def shape_of_scores(subject: Subject) -> None:
    for layout in layouts_of(subject):
        for rows, outputs in ((6, OUTPUTS), (1, OUTPUTS), (6, 1), (1, 1)):
            shape = predict(build_model(subject, outputs), make_features(layout, rows)).shape
            assert shape == (rows, outputs), f"{tuple(shape)} for {rows} rows and {outputs} outputs ({layout})"


@register_check("model", "NaN would spread through the training; a text may be empty")
def finite_scores(subject: Subject) -> None:
    for layout in layouts_of(subject):
        assert_finite(predict(build_model(subject), make_features(layout)), f"the score ({layout})")


@register_check("model", "a parameter without a gradient is never learned")
def gradient_reaches_every_parameter(subject: Subject) -> None:
    for layout in layouts_of(subject):
        module = build_model(subject).eval()  # dropout may hide a parameter
        with torch.no_grad():  # as may weights that are initialized to 0
            for parameter in module.parameters():
                parameter.add_(0.1)
        scores = module(make_features(layout))
        assert_gradients_reach(module, (scores * torch.arange(1.0, scores.numel() + 1).view_as(scores)).sum())


@register_check("model", "the analytic gradient must be that of the function")
def gradient_is_correct(subject: Subject) -> None:
    layouts = layouts_of(subject)
    if set(layouts) == {"sequence"}:
        skip("the ids of a sequence have no gradient")
    module = build_model(subject).double().eval()
    if "bag" in layouts:
        bag = make_bag(dtype=torch.float64, weighted=True)
        weights = bag.weights_or_ones()
        assert_gradient(lambda values: module(evolve(bag, weights=values)), (weights,), "of the weights of a bag")
    if "dense" in layouts:
        assert_gradient(lambda x: module(Dense(x)), (make_dense(dtype=torch.float64).values,), "of dense features")


@register_check("model", "bags use different kernels for float32 and float64, which must agree")
def float32_and_float64_agree(subject: Subject) -> None:
    for layout in layouts_of(subject):
        features = make_features(layout)
        scores = predict(build_model(subject), features)
        wide_features = Dense(features.values.double()) if isinstance(features, Dense) else features
        wide_scores = predict(build_model(subject).double(), wide_features)
        what = f"the scores in float32 are not those in float64 ({layout})"
        assert_close(scores.double(), wide_scores, what, rtol=1e-4, atol=1e-5)


@register_check("model", "the scores of a row must not depend on the other rows of the batch")
def batch_equals_rows(subject: Subject) -> None:
    for layout in layouts_of(subject):
        module, batch = build_model(subject), make_features(layout)
        rows = torch.cat([predict(module, batch.slice(i, i + 1)) for i in range(len(batch))])
        what = f"the scores of a row depend on the other rows of the batch ({layout})"
        assert_close(predict(module, batch), rows, what, rtol=1e-4, atol=1e-6)


@register_check("model", "a bag and its dense vector must give the same scores")
def bag_equals_dense(subject: Subject) -> None:
    if not {"bag", "dense"} <= set(layouts_of(subject)):
        skip("it does not accept both bag and dense")
    module, bag = build_model(subject), make_bag(weighted=True)
    of_dense = predict(module, Dense(bag.to_dense()))
    assert_close(predict(module, bag), of_dense, "a bag has other scores than its dense form", rtol=1e-4, atol=1e-6)


@register_check("model", "the same seed must give the same numbers")
def deterministic(subject: Subject) -> None:
    for layout in layouts_of(subject):
        scores = []
        for _ in range(2):
            module = build_model(subject).train()
            with seeded(7, "dropout"):
                scores.append(module(make_features(layout)))
        assert_equal(scores[1], scores[0], f"built and used twice with the same seed, it gives other scores ({layout})")


@register_check("model", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    for layout in layouts_of(subject):
        features, original = make_features(layout), make_features(layout)
        predict(build_model(subject), features)
        for name in ("ids", "offsets", "values"):
            tensor = getattr(features, name, None)
            if isinstance(tensor, Tensor):
                assert torch.equal(tensor, getattr(original, name)), f"{name} was modified in place"


@register_check("model", "the state must contain everything that was learned")
def state_round_trip(subject: Subject) -> None:
    module = build_model(subject)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1)
    with seeded(8, "init"):  # another seed, so that what the state lacks differs
        restored = call_model(subject)
    restored.load_state_dict(reload_state(module))
    for layout in layouts_of(subject):
        scores = predict(restored, make_features(layout))
        what = f"it gives other scores after its state was stored and loaded ({layout})"
        assert_equal(scores, predict(module, make_features(layout)), what)


@register_check("model", "a run is first opened on the meta device, to check its weights")
def builds_on_meta_device(subject: Subject) -> None:
    with torch.device("meta"):
        module = call_model(subject)
    expected = {name: tuple(tensor.shape) for name, tensor in build_model(subject).state_dict().items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    assert_equal(shapes, expected, "built on the meta device, it has a state of another shape")


@register_check("model", "a model must learn a linearly separable task")
def learns_a_tiny_task(subject: Subject) -> None:
    model = cast(Model, subject.component)
    for layout in layouts_of(subject):
        module, features = build_model(subject, 2), _make_separable_features(layout)
        targets = torch.arange(len(features)) % 2
        parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
        optimizer: torch.optim.Optimizer
        if model.sparse_gradients:
            optimizer = torch.optim.SGD(parameters, lr=1.0)
        else:
            optimizer = torch.optim.Adam(parameters, lr=0.05)
        module.train()
        with seeded(7, "dropout"):
            for _ in range(TRAINING_STEPS):
                optimizer.zero_grad()
                scores = module(features)
                scores = scores if model.output_form() == "logits" else scores.clamp(1e-6).log()
                torch.nn.functional.cross_entropy(scores, targets).backward()
                optimizer.step()
        accuracy = float((predict(module, features).argmax(dim=1) == targets).float().mean())
        assert accuracy > MIN_ACCURACY, f"accuracy {accuracy:.0%} on its own training data ({layout})"


def _make_separable_features(layout: str) -> Bag | Sequence | Dense:
    """Return rows whose first feature is the class, 1 for even rows and 2 for odd ones, and whose second is noise."""
    rows = 32
    noise = torch.arange(rows) % 7 + 4
    ids = torch.stack([torch.arange(rows) % 2 + 1, noise], dim=1).reshape(-1).to(torch.int32)
    bag = Bag(ids, torch.arange(0, 2 * rows + 1, 2), None, WIDTH)
    if layout == "sequence":
        return Sequence(bag.ids, bag.offsets, WIDTH)
    return bag if layout == "bag" else Dense(bag.to_dense())
