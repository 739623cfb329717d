"""What losses promise."""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Loss
from zoo_core.testing.assertions import all_finite
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import scores

ROWS = 6


def built(subject: Subject, weights: Tensor | None = None) -> nn.Module:
    """The loss's module."""
    return cast(Loss, subject.part).build(class_weights=weights)


def classes(subject: Subject) -> int:
    """How many classes to try the loss with."""
    return 2 if cast(Loss, subject.part).labels == "binary" else 3


def given(subject: Subject, rows: int = ROWS, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """Scores of the form the loss wants `(rows, outputs)`, and class indices `(rows,)`."""
    part = cast(Loss, subject.part)
    raw = scores(rows, part.outputs(classes(subject)), dtype=dtype)
    targets = torch.arange(rows) % classes(subject)
    if part.expects == "probabilities":
        return torch.sigmoid(raw), targets
    return torch.softmax(raw, dim=1) if part.expects == "distribution" else raw, targets


@register_check("loss", "training backpropagates from one number")
def gives_a_finite_scalar(subject: Subject) -> None:
    for rows in (ROWS, 1):
        values, targets = given(subject, rows)
        values = values.detach().requires_grad_()
        loss = built(subject)(values, targets)
        assert loss.shape == (), f"the shape is {tuple(loss.shape)}"
        all_finite(loss, "the loss")
        loss.backward()
        assert values.grad is not None, "no gradient reaches the scores"
        all_finite(values.grad, "the gradient")
        assert rows == 1 or values.grad.abs().sum() > 0, "the gradient is zero"


@register_check("loss", "the analytic gradient must be that of the function")
def gradient_is_right(subject: Subject) -> None:
    values, targets = given(subject, dtype=torch.float64)
    module = built(subject)
    assert torch.autograd.gradcheck(lambda x: module(x, targets), (values.detach().requires_grad_(),))


@register_check("loss", "the batch size must not change the size of a step")
def mean_over_the_batch(subject: Subject) -> None:
    values, targets = given(subject, 2 * ROWS)
    module = built(subject)
    halves = (module(values[:ROWS], targets[:ROWS]) + module(values[ROWS:], targets[ROWS:])) / 2
    torch.testing.assert_close(module(values, targets), halves)


def right(subject: Subject, targets: Tensor) -> Tensor:
    """Scores of the form the loss wants that say these classes `(rows,)`, and are fairly sure."""
    part = cast(Loss, subject.part)
    one = torch.nn.functional.one_hot(targets, classes(subject)).float()
    said = one[:, 1:2] if part.outputs(classes(subject)) == 1 else one
    if part.expects in ("probabilities", "distribution"):
        return said * 0.9 + 0.1 / classes(subject)
    return said * 6 - 3 if part.expects == "logits" else said


@register_check("loss", "a better answer must cost less")
def right_costs_less_than_wrong(subject: Subject) -> None:
    module, targets = built(subject), torch.arange(ROWS) % classes(subject)
    said = right(subject, targets)
    assert module(said, targets) < module(said.roll(1, 0), targets)


@register_check("loss", "soft labels and class indices are two forms of one target")
def probabilities_as_targets(subject: Subject) -> None:
    if not cast(Loss, subject.part).supports_soft_targets:
        skip("it says that it takes no probabilities as targets")
    values, targets = given(subject)
    soft = torch.nn.functional.one_hot(targets, classes(subject)).float()
    torch.testing.assert_close(built(subject)(values, soft), built(subject)(values, targets))


@register_check("loss", "a target half-way between two classes is neither of them")
def between_two_targets(subject: Subject) -> None:
    if not cast(Loss, subject.part).supports_soft_targets:
        skip("it says that it takes no probabilities as targets")
    module, targets = built(subject), torch.arange(ROWS) % classes(subject)
    one = torch.nn.functional.one_hot(targets, classes(subject)).float()
    said = right(subject, targets)
    costs = [float(module(said, one.lerp(one.roll(1, dims=1), share))) for share in (0.0, 0.3, 0.6, 1.0)]
    rising = all(a < b for a, b in itertools.pairwise(costs))
    assert rising, f"as the targets move away from the answer, it costs {', '.join(f'{cost:g}' for cost in costs)}"


@register_check("loss", "equal weights are no weights, and unequal ones weigh")
def class_weights_weigh(subject: Subject) -> None:
    values, targets = given(subject)
    ones = torch.ones(classes(subject))
    plain = built(subject)(values, targets)
    torch.testing.assert_close(built(subject, ones)(values, targets), plain)
    only = torch.zeros(classes(subject))
    only[0] = 1.0
    of_first = built(subject)(values[targets == 0], targets[targets == 0])
    torch.testing.assert_close(built(subject, only)(values, targets), of_first)


@register_check("loss", "a soft label's class weighs no less than a plain one's")
def class_weights_reach_soft_targets(subject: Subject) -> None:
    if not cast(Loss, subject.part).supports_soft_targets:
        skip("it says that it takes no probabilities as targets")
    values, targets = given(subject)
    module = built(subject, torch.arange(1.0, classes(subject) + 1))
    pulls = []
    for wanted in (targets, torch.nn.functional.one_hot(targets, classes(subject)).float()):
        free = values.detach().requires_grad_()
        [pull] = torch.autograd.grad(module(free, wanted), free)
        pulls.append(pull / pull.norm())  # the mean may be over rows or weights: only the direction is promised
    torch.testing.assert_close(*pulls)


@register_check("loss", "what comes in may be needed again")
def changes_no_input(subject: Subject) -> None:
    values, targets = given(subject)
    kept = values.clone(), targets.clone()
    built(subject)(values, targets)
    assert torch.equal(values, kept[0]) and torch.equal(targets, kept[1]), "an input was changed in place"


@register_check("loss", "the head is made from these")
def outputs_agree_with_the_link(subject: Subject) -> None:
    part = cast(Loss, subject.part)
    outputs = part.outputs(classes(subject))
    assert outputs in (1, classes(subject)), f"{outputs} outputs for {classes(subject)} classes"
    if part.link == "softmax":
        assert outputs == classes(subject), "a softmax over one output is always 1"


@register_check("loss", "a report and a stopping rule rely on the bound it declares")
def never_below_its_least(subject: Subject) -> None:
    least = cast(Loss, subject.part).lower_bound
    values, targets = given(subject, 60)
    module = built(subject)
    found = min(float(module(values[i : i + 1], targets[i : i + 1])) for i in range(60))
    assert found >= least - 1e-6, f"{found:g} is below {least:g}"


def optimum(subject: Subject) -> tuple[Tensor, Tensor, float]:
    """What the loss draws free scores `(rows, outputs)` to, the class of each row, and what that costs."""
    part, module, targets = cast(Loss, subject.part), built(subject), torch.arange(ROWS) % classes(subject)
    free = nn.Parameter(torch.zeros(ROWS, part.outputs(classes(subject))))
    optimizer = torch.optim.Adam([free], lr=0.2)

    def shaped() -> Tensor:
        if part.expects == "probabilities":
            return torch.sigmoid(free)
        return torch.softmax(free, dim=1) if part.expects == "distribution" else free

    for _ in range(60):
        optimizer.zero_grad()
        module(shaped(), targets).backward()
        optimizer.step()
    return free.detach(), targets, float(module(shaped(), targets).detach())


@register_check("loss", "what makes the loss least must be the right answer")
def least_where_the_answer_is_right(subject: Subject) -> None:
    free, targets, _ = optimum(subject)
    if free.shape[1] == 1:
        assert free[targets == 1].min() > free[targets == 0].max(), "it is least where the classes are not told apart"
    else:
        assert torch.equal(free.argmax(dim=1), targets), "it is least at another class"


@register_check("loss", "a right answer costs nothing, or as little as the bound it declares")
def reaches_its_least(subject: Subject) -> None:
    least = cast(Loss, subject.part).lower_bound
    if least == -math.inf:
        skip("it says that it has no bound")
    cost = optimum(subject)[2]
    assert cost <= least + 0.1, f"the best answer costs {cost:g}, and the bound is {least:g}"
