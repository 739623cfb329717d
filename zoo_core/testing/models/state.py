"""Checks of what a model keeps: its state, its random numbers, nothing between calls, and the inputs of others."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core.components.building.meta_device import meta_device
from zoo_core.testing.assertions import assert_close, assert_equal, assert_made_in_build, reload_state
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.inputs import WIDTH
from zoo_core.testing.models.features import Features, all_features, many_rows, width_of
from zoo_core.testing.models.modules import (
    add_noise,
    backpropagate,
    build_model,
    build_noisy,
    call_model,
    gradients_of,
    is_trainable,
    layouts_of,
    predict,
    train,
)

MIN_RANDOM_VALUES = 8  # of a parameter that is compared between two seeds


@register_check("model", "the same seed must give the same numbers")
def deterministic(subject: Subject) -> None:
    for layout in layouts_of(subject):
        features, results = many_rows(layout), []
        for _ in range(2):
            module = build_model(subject, width=width_of(features))
            scores = train(module, features)
            backpropagate(scores)
            results.append({"scores": scores.detach(), **gradients_of(module)})
        what = f"built and trained twice with the same seed, it gives other numbers ({layout})"
        assert_equal(results[1], results[0], what)


@register_check("model", "repeated runs with other seeds measure the variation of a model")
def weights_follow_the_seed(subject: Subject) -> None:
    first, second = (dict(build_model(subject, seed=seed).named_parameters()) for seed in (7, 8))
    for name, parameter in first.items():
        values = parameter.detach()
        is_random = values.numel() >= MIN_RANDOM_VALUES and len(values.unique()) > values.numel() // 2
        if is_random and parameter.requires_grad:
            text = f"{name} starts with the same random numbers for every seed: draw them from torch's generator"
            assert not torch.equal(values, second[name].detach()), text


@register_check("model", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    for where, features in all_features(layouts_of(subject)):
        module, before = build_model(subject, width=width_of(features)), _tensors_of(features)
        predict(module, features, where)
        _assert_unchanged(before, f"for {where}")
        if is_trainable(features):
            backpropagate(train(module, features, where))
            _assert_unchanged(before, f"for {where}, in training mode")


def _tensors_of(features: Features) -> dict[str, tuple[Tensor, Tensor]]:
    """The tensors of features, each with a copy."""
    names = {"ids": "raw_ids", "offsets": "offsets", "weights": "raw_weights", "values": "values"}
    tensors = {name: getattr(features, attribute, None) for name, attribute in names.items()}
    tensors["ids"] = getattr(features, "raw_ids", getattr(features, "ids", None))
    return {name: (tensor, tensor.clone()) for name, tensor in tensors.items() if isinstance(tensor, Tensor)}


def _assert_unchanged(tensors: dict[str, tuple[Tensor, Tensor]], where: str) -> None:
    for name, (tensor, before) in tensors.items():
        assert_equal(tensor, before, f"it changes the {name} of its input in place {where}")


@register_check("model", "the scores of a batch must not depend on the batches before it")
def keeps_nothing_between_calls(subject: Subject) -> None:
    for layout in layouts_of(subject):
        features = many_rows(layout)
        other = features.take(torch.arange(len(features)).flip(0))  # as many rows, with other contents
        used = build_noisy(subject, width=width_of(features))
        before = {name: parameter.detach().clone() for name, parameter in used.named_parameters()}
        for batch in (features, other):
            train(used, batch)
            predict(used, batch)
        for name, parameter in used.named_parameters():
            is_same = name not in before or torch.equal(parameter, before[name])
            assert is_same, f"forward() changes {name}, which the optimizer alone may change ({layout})"
        fresh = _restore(subject, add_noise(used, seed=8), width_of(features))
        for seed, batch in enumerate((other, features)):
            what = f"after other batches it gives other scores than a new module with the same state ({layout})"
            assert_close(predict(used, batch), predict(fresh, batch), what, rtol=1e-4, atol=1e-5)
            trained = [train(module, batch, seed=seed) for module in (used, fresh)]
            assert_close(trained[0], trained[1], f"{what}, in training mode", rtol=1e-4, atol=1e-5)


def _restore(subject: Subject, module: nn.Module, width: int = WIDTH) -> nn.Module:
    """Build a module with another seed, so that what the state lacks differs, and load the state of this one."""
    restored = build_model(subject, width=width, seed=8)
    state = module.state_dict()
    assert_made_in_build(set(restored.state_dict()), set(state))
    wrong = [name for name, value in state.items() if not isinstance(value, Tensor)]
    assert not wrong, f'"{next(iter(wrong), "")}" in its state is not a tensor, so a run cannot store it'
    restored.load_state_dict(reload_state(module))
    return restored


@register_check("model", "the state must contain everything that was learned")
def state_round_trip(subject: Subject) -> None:
    for layout in layouts_of(subject):
        features = many_rows(layout)
        module = build_model(subject, width=width_of(features))
        for batch in (features, features.slice(0, 100)):  # buffers learn from them
            train(module, batch)
        restored = _restore(subject, add_noise(module), width_of(features))
        scores = predict(restored, features)
        listed = _unregistered(module)
        hint = f": {listed} is in a plain list or dictionary, so it is not trained either" if listed else ""
        what = f"it gives other scores after its state was stored and loaded ({layout}){hint}"
        assert_equal(scores, predict(module, features), what)


def _unregistered(module: nn.Module) -> str:
    """The attribute of a module with layers or parameters in a list or dictionary; "" if there is none."""
    for name, part in module.named_modules():
        for attribute, value in vars(part).items():
            values = list(value.values()) if isinstance(value, dict) else value
            is_plain = isinstance(values, list | tuple) and not attribute.startswith("_")
            if is_plain and any(isinstance(element, nn.Module | nn.Parameter) for element in values):
                return ".".join(filter(None, (name, attribute)))
    return ""


@register_check("model", "a run is first opened on the meta device, to check its weights")
def builds_on_meta_device(subject: Subject) -> None:
    with meta_device():
        module = call_model(subject)
    expected = {name: tuple(tensor.shape) for name, tensor in build_model(subject).state_dict().items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    assert_equal(shapes, expected, "built on the meta device, it has a state of another shape")
