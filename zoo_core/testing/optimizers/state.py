"""Checks of the state and the learning rate of optimizers, and of sparse gradients."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Optimizer
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.testing.assertions import assert_close, assert_equal
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.optimizers.training import (
    Points,
    build_optimizer,
    loss_of,
    make_points,
    reload_checkpoint,
    run,
    take_step,
    values_of,
    variants,
)

SPARSE_STEPS = 12
ROWS, ROWS_PER_STEP = 8, 6


def _use_table(subject: Subject, *, sparse: bool) -> tuple[nn.Embedding, torch.optim.Optimizer]:
    """A table of vectors as a model with a bag uses it, and its optimizer."""
    table = nn.Embedding(ROWS, 3, sparse=sparse)
    with torch.no_grad():
        table.weight.copy_(torch.linspace(-1, 1, ROWS * 3).view(ROWS, 3))
    return table, build_optimizer(subject, {"embedding.weight": cast(nn.Parameter, table.weight)})


def _loss_of_rows(table: nn.Embedding, step: int) -> Tensor:
    """The loss of some rows, of which one occurs twice and others do not occur."""
    ids = (torch.arange(ROWS_PER_STEP) * (step % 3 + 1) + step) % ROWS
    ids[0] = ids[1]
    target = torch.linspace(-2, 2, 3)
    return cast(Tensor, (table(ids) - target).square().sum())


@register_check("optimizer", "a model with sparse gradients relies on this declaration")
def sparse_gradients_as_declared(subject: Subject) -> None:
    """A rule that happens to take sparse gradients need not declare it."""
    if not cast(Optimizer, subject.component).accepts_sparse_gradients():
        skip("it does not declare that it supports sparse gradients")
    table, optimizer = _use_table(subject, sparse=True)
    try:
        take_step(subject, optimizer, lambda: _loss_of_rows(table, 0))
    except Exception as error:  # each package has its own error for it
        reason = describe_exception(error)
        raise AssertionError(f"it declares that it supports sparse gradients, but fails: {reason}") from error


@register_check("optimizer", "a layer may have sparse or dense gradients, and must be trained in the same way")
def sparse_steps_equal_dense_steps(subject: Subject) -> None:
    is_tried = False
    for suffix, variant in variants(subject):
        if not cast(Optimizer, variant.component).accepts_sparse_gradients():
            continue
        is_tried = True
        tables = [_use_table(variant, sparse=sparse) for sparse in (True, False)]
        for step in range(SPARSE_STEPS):
            for table, optimizer in tables:
                take_step(variant, optimizer, lambda: _loss_of_rows(table, step), f"in step {step + 1}{suffix}")  # noqa: B023
            sparse, dense = (table.weight.detach() for table, _ in tables)
            what = f"step {step + 1} with sparse gradients is not that with dense ones{suffix}"
            assert_close(sparse, dense, what, rtol=1e-4, atol=1e-5)
    if not is_tried:
        skip("it does not support sparse gradients")


@register_check("optimizer", "an interrupted run must continue from its checkpoint as if it was not interrupted")
def state_round_trip(subject: Subject) -> None:
    for suffix, variant in variants(subject):
        for steps in (1, 4):
            points, others = make_points(), make_points()
            first, second = run(variant, points, steps), build_optimizer(variant, others)
            with torch.no_grad():
                for name, value in values_of(points).items():
                    others[name].copy_(value)
            second.load_state_dict(reload_checkpoint(first.state_dict()))
            for _ in range(3):
                take_step(variant, first, lambda: loss_of(points))  # noqa: B023
                take_step(variant, second, lambda: loss_of(others))  # noqa: B023
            what = f"continued from a checkpoint of step {steps}{suffix}, it takes other steps than uninterrupted"
            assert_close(values_of(others), values_of(points), what, rtol=1e-5, atol=1e-6)


@register_check("optimizer", "a scheduler sets the learning rate in `param_groups`")
def uses_learning_rate(subject: Subject) -> None:
    points = make_points()
    optimizer = run(subject, points, 1)
    _check_rate_of_zero(subject, optimizer, points)
    moves = []
    for factor in (1.0, 0.1):
        points = make_points()
        optimizer = run(subject, points, 1)
        for group in optimizer.param_groups:
            group["lr"] *= factor
        before = values_of(points)
        take_step(subject, optimizer, lambda: loss_of(points))  # noqa: B023
        moves.append({name: value - before[name] for name, value in values_of(points).items()})
    for name, move in moves[0].items():
        text = f"parameters move as far at a tenth of the learning rate ({name}): it reads the rate when it is built"
        assert not torch.allclose(move, moves[1][name], rtol=1e-2, atol=0), text


def _check_rate_of_zero(subject: Subject, optimizer: torch.optim.Optimizer, points: Points) -> None:
    """Fail if parameters move at a rate of 0, in all groups and in each of several."""
    groups = optimizer.param_groups
    rates = [group["lr"] for group in groups]
    for zero in [range(len(groups)), *([[i] for i in range(len(groups))] if len(groups) > 1 else [])]:
        for i, (group, rate) in enumerate(zip(groups, rates, strict=True)):
            group["lr"] = 0.0 if i in zero else rate
        before = values_of(points)
        take_step(subject, optimizer, lambda: loss_of(points))
        for i, group in enumerate(groups):
            for name, point in points.items():
                if any(point is parameter for parameter in group["params"]):
                    has_moved = not torch.equal(point, before[name])
                    if i in zero:  # SAM moves them there and back, which rounds them
                        stands = torch.allclose(point, before[name], rtol=1e-5, atol=1e-6)
                        assert stands, f"parameters change at a learning rate of 0 ({name}, group {i + 1})"
                    else:
                        assert has_moved, f"{name} of group {i + 1} stands still if another group has a rate of 0"
    for group, rate in zip(groups, rates, strict=True):
        group["lr"] = rate


@register_check("optimizer", "the scheduler sets the learning rate, and the report of a run shows it")
def leaves_learning_rate(subject: Subject) -> None:
    points = make_points()
    optimizer = build_optimizer(subject, points)
    before = [group["lr"] for group in optimizer.param_groups]
    for step in range(5):
        take_step(subject, optimizer, lambda: loss_of(points))
        after = [group["lr"] for group in optimizer.param_groups]
        assert_equal(after, before, f"in step {step + 1} it changes its own learning rate, which only a scheduler does")
