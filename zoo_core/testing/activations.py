"""What modules promise, tried on activations; the tools other kinds' checks share."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from zoo_core.components.contracts import Activation
from zoo_core.seeds import seeded
from zoo_core.testing.assertions import all_finite, parameters_reached, reloaded
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import scores


def activation(subject: Subject) -> nn.Module:
    """The module of an activation, built under a seed."""
    with seeded(7, "init"):
        return cast(Activation, subject.part).build()


@register_check("activation", "a layer's width must not change")
def keeps_the_shape(subject: Subject) -> None:
    for rows, width in ((5, 4), (1, 4), (1, 2), (3, 1)):
        assert activation(subject)(scores(rows, width)).shape == (rows, width)


@register_check("activation", "NaN spreads through everything")
def finite_output_and_gradient(subject: Subject) -> None:
    wide = torch.cat([scores() * 10, torch.zeros(1, 4)]).requires_grad_()
    out = activation(subject)(wide)
    all_finite(out, "the output")
    out.sum().backward()
    assert wide.grad is not None, "no gradient reaches the input"
    all_finite(wide.grad, "the gradient")


@register_check("activation", "the analytic gradient must be that of the function")
def gradient_is_right(subject: Subject) -> None:
    module = activation(subject).double()
    assert torch.autograd.gradcheck(module, (scores(dtype=torch.float64).requires_grad_(),))


@register_check("activation", "a parameter without a gradient is never learned")
def gradient_reaches_every_parameter(subject: Subject) -> None:
    module = activation(subject)
    if not list(module.parameters()):
        skip("it has no parameters")
    parameters_reached(module, (module(scores()) * scores(5, 4)).sum())


@register_check("activation", "an answer must not depend on who else is in the batch")
def batch_equals_rows(subject: Subject) -> None:
    module, batch = activation(subject).eval(), scores()
    rows = torch.cat([module(batch[i : i + 1]) for i in range(len(batch))])
    torch.testing.assert_close(module(batch), rows)


@register_check("activation", "elementwise and rowwise decide where it may stand")
def acts_as_declared(subject: Subject) -> None:
    module, batch = activation(subject).eval(), scores()
    moved = batch.clone()
    moved[:, 0] += 1
    same = torch.isclose(module(batch)[:, 1:], module(moved)[:, 1:]).all()
    declared = cast(Activation, subject.part).acts
    assert bool(same) == (declared == "elementwise"), f"declared {declared}, and it is not"


@register_check("activation", "the range decides which loss it fits")
def stays_in_its_range(subject: Subject) -> None:
    low, high = cast(Activation, subject.part).range
    out = activation(subject).eval()(torch.cat([scores(), scores() * 30]))
    assert out.min() >= low and out.max() <= high, f"[{out.min():g}, {out.max():g}] leaves [{low:g}, {high:g}]"


@register_check("activation", "a loss that wants probabilities believes the claim")
def probability_claim_holds(subject: Subject) -> None:
    part, out = cast(Activation, subject.part), activation(subject).eval()(scores())
    sums = torch.allclose(out.sum(dim=1), torch.ones(len(out)), atol=1e-5)
    within = bool((out >= 0).all() and (out <= 1).all())
    if part.is_probability:
        assert within and (sums or part.acts == "elementwise"), "the output is no probability"
    else:
        assert not (within and sums), "the output is a distribution and does not say so"


@register_check("activation", "what comes in may be needed again")
def changes_no_input(subject: Subject) -> None:
    given = scores()
    kept = given.clone()
    activation(subject)(given)
    assert torch.equal(given, kept), "the input was changed in place"


@register_check("activation", "the same seed gives the same numbers")
def deterministic(subject: Subject) -> None:
    first, second = activation(subject), activation(subject)
    with seeded(7, "dropout"):
        one = first(scores())
    with seeded(7, "dropout"):
        two = second(scores())
    assert torch.equal(one, two)


@register_check("activation", "what a run learned must be in its file")
def state_saved_and_loaded(subject: Subject) -> None:
    module = activation(subject)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1)
    with seeded(8, "init"):  # what is left out of its state differs
        other = cast(Activation, subject.part).build()
    other.load_state_dict(reloaded(module))
    assert torch.equal(module.eval()(scores()), other.eval()(scores()))
