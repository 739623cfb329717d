"""Optimizers equal those of torch bit for bit, and do not load torch's compiler."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from inspect import unwrap

import pytest
import torch
from torch import nn, optim
from torch.nn import functional
from torch.optim import lr_scheduler

from zoo_textbook.adaptive_optimizers import Adadelta, Adagrad, AdamW, RMSprop
from zoo_textbook.optimizer_modules import unwrapped_add_param_group, unwrapped_step
from zoo_textbook.optimizers import SGD, Adam

SAME = {
    "sgd": (SGD(), lambda p: torch.optim.SGD(p, lr=0.1)),
    "momentum": (SGD(lr=0.05, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    "sgd-decay": (SGD(weight_decay=0.01), lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01)),
    "sgd-all": (SGD(0.2, 0.5, 0.1), lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.5, weight_decay=0.1)),
    "nesterov": (
        SGD(momentum=0.8, nesterov=True),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True),
    ),
    "adagrad": (Adagrad(), lambda p: torch.optim.Adagrad(p)),
    "adagrad-all": (
        Adagrad(lr=0.1, lr_decay=0.01, initial=0.5, eps=1e-8, weight_decay=0.1),
        lambda p: torch.optim.Adagrad(
            p, lr=0.1, lr_decay=0.01, initial_accumulator_value=0.5, eps=1e-8, weight_decay=0.1
        ),
    ),
    "rmsprop": (RMSprop(), lambda p: torch.optim.RMSprop(p)),
    "rmsprop-all": (
        RMSprop(lr=0.02, alpha=0.9, eps=1e-6, momentum=0.5, centered=True, weight_decay=0.1),
        lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-6, momentum=0.5, centered=True, weight_decay=0.1),
    ),
    "adadelta": (Adadelta(), lambda p: torch.optim.Adadelta(p)),
    "adadelta-all": (
        Adadelta(lr=0.5, rho=0.8, eps=1e-5, weight_decay=0.1),
        lambda p: torch.optim.Adadelta(p, lr=0.5, rho=0.8, eps=1e-5, weight_decay=0.1),
    ),
    "adamw": (AdamW(), lambda p: torch.optim.AdamW(p, fused=True)),
    "adamw-all": (
        AdamW(lr=0.01, beta1=0.8, beta2=0.95, eps=1e-6, weight_decay=0.1),
        lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, fused=True),
    ),
    "adam": (Adam(), lambda p: torch.optim.Adam(p, fused=True)),
    "adam-all": (
        Adam(lr=0.01, beta1=0.8, beta2=0.95, eps=1e-6, weight_decay=0.1),
        lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, fused=True),
    ),
}


def module():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))


def batch(step):
    random = torch.Generator().manual_seed(step)
    return torch.randn(8, 4, generator=random), torch.randint(3, (8,), generator=random)


def loss_of(model, step):
    features, targets = batch(step)
    return functional.cross_entropy(model(features), targets)


def train(make, steps=20, schedule=None):
    """A model after some steps, and the learning rate of each."""
    model = module()
    optimizer = make(model.parameters())
    scheduler = schedule(optimizer) if schedule else None
    rates = []
    for step in range(steps):
        optimizer.zero_grad()
        loss_of(model, step).backward()
        optimizer.step()
        rates.append(optimizer.param_groups[0]["lr"])
        if scheduler is not None:
            scheduler.step()
    return model, rates


def same_weights(one, two):
    return all(torch.equal(p, q) for p, q in zip(one.parameters(), two.parameters(), strict=True))


@pytest.mark.parametrize("cls", [Adam, AdamW])
def test_eps_by_rows_is_divided_by_the_root_of_the_rows(cls):
    model, _ = train(partial(cls(lr=0.01, eps=0.1, eps_by_rows=True).build, rows=100))
    assert same_weights(model, train(cls(lr=0.01, eps=0.01).build)[0])
    assert not same_weights(model, train(cls(lr=0.01, eps=0.1).build)[0])


@pytest.mark.parametrize("name", SAME)
def test_twenty_steps_equal_torch(name):
    component, build_torch = SAME[name]
    trained, expected = train(component.build)[0], train(build_torch)[0]
    assert same_weights(trained, expected)
    assert not same_weights(trained, module())


@pytest.mark.parametrize("name", ["adam", "adam-all"])
def test_adam_is_close_to_unfused_adam_of_torch(name):
    component, build_torch = SAME[name]
    settings = {k: v for k, v in build_torch([nn.Parameter(torch.zeros(1))]).defaults.items() if k != "fused"}
    expected = train(lambda p: torch.optim.Adam(p, **settings))[0]
    for one, two in zip(train(component.build)[0].parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SAME)
def test_are_optimizers_of_torch_with_the_same_defaults(name):
    component, build_torch = SAME[name]
    ours = component.build(module().parameters())
    assert isinstance(ours, torch.optim.Optimizer)
    assert ours.defaults == build_torch(module().parameters()).defaults


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize(
    "schedule",
    [
        lambda optimizer: lr_scheduler.StepLR(optimizer, 5, 0.5),
        lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1)),
        lambda optimizer: lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=25, cycle_momentum=False),
    ],
    ids=["step", "lambda", "one-cycle"],
)
def test_schedules_work(name, schedule):
    component, build_torch = SAME[name]
    (trained, rates), (expected, their_rates) = (
        train(component.build, schedule=schedule),
        train(build_torch, schedule=schedule),
    )
    assert rates == their_rates and len(set(rates)) > 2
    assert same_weights(trained, expected)


@pytest.mark.parametrize("name", SAME)
def test_state_and_closures_equal_torch(name):
    """Ten steps, the state saved and loaded into a new optimizer, and ten more by way of a closure."""
    models = []
    for make in (SAME[name][0].build, SAME[name][1]):
        model = train(make, steps=0)[0]
        optimizer = make(model.parameters())
        for step in range(20):
            if step == 10:
                state, optimizer = optimizer.state_dict(), make(model.parameters())
                optimizer.load_state_dict(state)

            def closure(model=model, optimizer=optimizer, step=step):
                optimizer.zero_grad()
                loss = loss_of(model, step)
                loss.backward()
                return loss

            if step >= 10 and not name.startswith("adam"):
                assert optimizer.step(closure) > 0
            else:
                closure()
                optimizer.step()
        models.append(model)
    assert same_weights(*models)
    assert same_weights(models[0], train(SAME[name][0].build)[0])


def test_a_step_leaves_no_graph_and_gradients_on():
    model = module()
    optimizer = SGD(momentum=0.9).build(model.parameters())
    loss_of(model, 0).backward()
    optimizer.step()
    assert all(p.is_leaf and p.requires_grad for p in model.parameters())
    assert torch.is_grad_enabled()


def test_parameter_groups():
    model = module()
    optimizer = SGD().build([model[0].weight])
    optimizer.add_param_group({"params": [model[2].weight], "lr": 0.7})
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.7]
    with pytest.raises(ValueError):
        optimizer.add_param_group({"params": [model[2].weight]})


def test_sparse_gradients():
    assert SGD(momentum=0.9).accepts_sparse_gradients()
    assert not SGD(weight_decay=0.1).accepts_sparse_gradients()
    assert not Adam().accepts_sparse_gradients()
    weight = nn.Parameter(torch.ones(5, 2))
    functional.embedding(torch.tensor([1, 1, 3]), weight, sparse=True).sum().backward()
    SGD(lr=0.5).build([weight]).step()
    assert weight.detach()[:, 0].tolist() == [1.0, 0.0, 1.0, 0.5, 1.0]


def test_no_optimizer_loads_the_compiler():
    code = """
import sys, torch
from zoo_ngrams.schedulers import LinearDecay
from zoo_textbook.adaptive_optimizers import *
from zoo_textbook.optimizers import *
for cls in (SGD, Adam, AdamW, Adagrad, RMSprop, Adadelta):
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = cls(lr=0.5).build([weight])
    schedule = LinearDecay().build(optimizer, epochs=1, steps_per_epoch=3)
    for _ in range(3):
        weight.grad = None
        weight.square().sum().backward()
        optimizer.step()
        schedule.step()
    print(float(weight.detach()[0]) != 1.0 and "torch._dynamo" not in sys.modules)
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["True"] * 6


@pytest.mark.parametrize("cls", [optim.SGD, optim.Adam, optim.AdamW, optim.Adagrad, optim.RMSprop, optim.Adadelta])
def test_torch_still_wraps_the_methods_that_are_unwrapped(cls):
    """If this fails, torch no longer wraps them, and `optimizer_modules` can go."""
    assert hasattr(cls.step, "__wrapped__") and hasattr(cls.add_param_group, "__wrapped__")
    assert unwrapped_add_param_group(cls) is unwrap(cls.add_param_group)
    assert unwrap(unwrapped_step(cls)) is unwrap(cls.step)


def test_nesterov_needs_momentum_and_rejects_sparse_gradients():
    (problem,) = SGD(nesterov=True).check()
    assert problem.setting == "nesterov" and "momentum" in problem.message
    assert not list(SGD(nesterov=True, momentum=0.5).check())
    assert not SGD(nesterov=True, momentum=0.5).accepts_sparse_gradients()


@pytest.mark.parametrize(
    "component", [AdamW(lr=0.1, weight_decay=0.2), Adagrad(lr=0.1), RMSprop(lr=0.1), Adadelta()], ids=str
)
def test_formula_for_one_weight(component):
    weight = nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    optimizer = component.build([weight])
    w, m, v, d = 2.0, 0.0, 0.0, 0.0
    for step in range(1, 8):
        g = 2 * w + step
        weight.grad = torch.tensor([2 * weight.item() + step], dtype=torch.float64)
        optimizer.step()
        if isinstance(component, AdamW):
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            w = w - component.lr * component.weight_decay * w
            w -= component.lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)) ** 0.5 + component.eps)
        elif isinstance(component, Adagrad):
            v += g * g
            w -= component.lr * g / (v**0.5 + component.eps)
        elif isinstance(component, RMSprop):
            v = 0.99 * v + 0.01 * g * g
            w -= component.lr * g / (v**0.5 + component.eps)
        else:
            v = 0.9 * v + 0.1 * g * g
            step_ = g * (d + component.eps) ** 0.5 / (v + component.eps) ** 0.5
            d = 0.9 * d + 0.1 * step_ * step_
            w -= component.lr * step_
        assert weight.item() == pytest.approx(w, rel=1e-9)
