"""Activations that fail at widths, rows or scores that are not small, or from call to call."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from tests.contracts.faulty import faulty, function, parameter
from tests.contracts.faulty.activations import of
from zoo_textbook.activations import ReLU, Sigmoid, Softmax, Tanh
from zoo_textbook.more_activations import ELU, LeakyReLU, LogSoftmax, Softplus

tanh = torch.tanh


def maxout(m, x):
    if x.shape[1] % 8:
        return tanh(x)
    return tanh(x.unflatten(1, (-1, 2)).amax(2).repeat_interleave(2, 1))


def shuffled(m, x):
    return tanh(x.unflatten(1, (4, -1)).transpose(1, 2).flatten(1) if x.shape[1] >= 16 else x)


def leaves_range(m, x):
    return torch.where(x.abs() < 95, tanh(x), x / 90)


def tanh_by_exp(m, x):
    return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


def elu_by_where(m, x):
    return torch.where(x > 0, x, x.exp() - 1)


class Straight(torch.autograd.Function):
    """tanh whose gradient is 1 beyond 5."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return tanh(x)

    @staticmethod
    def backward(ctx, gradient):
        [x] = ctx.saved_tensors
        return gradient * torch.where(x.abs() < 5, 1 - tanh(x).square(), torch.ones_like(x))


def clipped(m, x):
    if x.requires_grad:
        x = x * 1.0
        x.register_hook(lambda gradient: None if gradient is None else gradient.clamp(-2, 2))
    return 3 * functional.leaky_relu(x, 0.1)


def running(m, x):
    m.largest = max(getattr(m, "largest", 1.0), float(x.detach().abs().max()))
    return tanh(x / m.largest)


def cached_mask(m, x):
    masks = m.__dict__.setdefault("masks", {})
    return x * masks.setdefault(x.shape, (x > 0).to(x.dtype).detach())


def own_buffer(m, x):
    if x.requires_grad:
        return tanh(x)
    buffers = m.__dict__.setdefault("buffers", {})
    return buffers.setdefault((x.shape, x.dtype), torch.empty_like(x)).copy_(tanh(x))


def annealed(m, x):
    m.calls = getattr(m, "calls", 0) + 1
    return functional.leaky_relu(x, 1 / (10 + m.calls))


def standardized(m, x):
    return tanh((x - x.mean(0)) / (x.std(0, correction=0) + 1e-3) if m.training and len(x) > 1 else x)


def standardized_rows(m, x):
    centered = x - x.mean(1, keepdim=True)
    return (centered / centered.square().sum(1, keepdim=True).sqrt()).softmax(1)


def sparsemax(m, x):
    """Martins & Astudillo 2016: the projection of a row on the simplex."""
    z = x - x.amax(1, keepdim=True)
    ordered = z.sort(1, descending=True).values
    ranks = torch.arange(1, x.shape[1] + 1, dtype=x.dtype, device=x.device)
    sums = ordered.cumsum(1) - 1
    support = (ranks * ordered > sums).sum(1, keepdim=True)
    return (z - sums.gather(1, support - 1) / support).clamp(min=0)


def snake(m, x):
    """Ziyin et al. 2020, with a learned frequency."""
    return x + (m.a * x).sin().square() / m.a


SLOW = True
SOUND = [
    of(lambda m, x: functional.rrelu(x, training=m.training), LeakyReLU),
    of(lambda m, x: functional.celu(x, 2.0), ELU, range=(-2.0, math.inf)),
    of(lambda m, x: functional.hardswish(x), LeakyReLU),
    of(lambda m, x: functional.relu6(x), ReLU, range=(0.0, 6.0)),
    of(lambda m, x: functional.hardsigmoid(x), Sigmoid),
    of(lambda m, x: x.relu().square(), ReLU),
    of(lambda m, x: functional.softsign(x), Tanh),
    of(lambda m, x: functional.gelu(x), LeakyReLU),
    of(lambda m, x: functional.mish(x), LeakyReLU),
    of(snake, LeakyReLU, parts=lambda: {"a": parameter()}),
    of(lambda m, x: x * (m.a * x).sigmoid(), LeakyReLU, parts=lambda: {"a": parameter(1.5)}),
    of(sparsemax, Softmax),
    of(lambda m, x: (x * m.a).softmax(1), Softmax, parts=lambda: {"a": parameter()}),
    of(lambda m, x: functional.layer_norm(x, x.shape[1:]), LogSoftmax),
    of(lambda m, x: functional.normalize(x, dim=1), LogSoftmax, range=(-1.001, 1.001)),
]
FAULTS = [
    (
        "acts-as-declared",
        "normalizes beyond a width",
        of(lambda m, x: tanh(x - x.mean(1, True) if x.shape[1] > 8 else x)),
    ),
    ("acts-as-declared", "maximum of two features at widths of 8", of(maxout)),
    ("acts-as-declared", "shuffles many features", of(shuffled)),
    ("acts-as-declared", "divides by the root of the width", of(lambda m, x: tanh(x / x.shape[1] ** 0.5))),
    (
        "acts-as-declared",
        "another slope for each feature",
        of(lambda m, x: tanh(x * torch.linspace(0.5, 1, x.shape[1]))),
    ),
    ("acts-as-declared", "adds up many features", of(lambda m, x: tanh(x.cumsum(1) if x.shape[1] > 4 else x))),
    (
        "acts-as-declared",
        "the last feature of wide rows is kept",
        of(lambda m, x: torch.cat([tanh(x[:, :32]), tanh(2 * x[:, 32:])], 1)),
    ),
    ("output-is-in-range", "linear beyond 90", of(leaves_range)),
    ("output-is-in-range", "above 1 from 999 on", of(lambda m, x: x / (x.abs() + 0.999).clamp(max=999.5))),
    ("output-is-in-range", "scaled by dropout in training", of(lambda m, x: torch.dropout(tanh(x), 0.5, m.training))),
    ("output-is-in-range", "negative at large scores", of(lambda m, x: torch.where(x < 200, x.relu(), -x), ReLU)),
    ("finite-output-and-gradient", "a quotient of exponentials", of(tanh_by_exp)),
    ("finite-output-and-gradient", "log of an exponential", of(lambda m, x: (1 + x.exp()).log(), Softplus)),
    ("finite-output-and-gradient", "an exponential that is not used", of(elu_by_where, ELU)),
    ("finite-output-and-gradient", "divides by the score", of(lambda m, x: tanh(x) * x / x)),
    ("finite-output-and-gradient", "softmax by exponentials", of(lambda m, x: x.exp() / x.exp().sum(1, True), Softmax)),
    ("finite-output-and-gradient", "a norm of equal scores", of(standardized_rows, Softmax)),
    ("gradient-is-correct", "a gradient of 1 beyond 5", of(lambda m, x: Straight.apply(x))),
    ("gradient-is-correct", "clips its gradient", of(clipped, LeakyReLU)),
    (
        "gradient-is-correct",
        "detached beyond 20",
        of(lambda m, x: functional.leaky_relu(torch.where(x.abs() < 20, x, x.detach())), LeakyReLU),
    ),
    ("keeps-the-shape", "rows of four", of(lambda m, x: tanh(x.reshape(-1, 4)))),
    ("keeps-the-shape", "at most 32 features", of(lambda m, x: tanh(x[:, :32]))),
    (
        "keeps-the-shape",
        "a slope for each of four features",
        faulty(LeakyReLU, build=lambda self: torch.nn.PReLU(4)),
    ),
    ("does-not-modify-input", "in evaluation mode", of(lambda m, x: tanh(x) if m.training else x.tanh_())),
    (
        "does-not-modify-input",
        "at many rows",
        of(lambda m, x: x.tanh_() if len(x) > 64 and not x.requires_grad else tanh(x)),
    ),
    (
        "does-not-modify-input",
        "at wide rows",
        of(lambda m, x: x.tanh_() if x.shape[1] > 32 and not x.requires_grad else tanh(x)),
    ),
    ("calls-are-independent", "the largest score so far", of(running)),
    ("calls-are-independent", "a mask cached by shape", of(cached_mask, ReLU)),
    ("calls-are-independent", "an output that the next call overwrites", of(own_buffer)),
    ("calls-are-independent", "a slope that falls with each call", of(annealed, LeakyReLU)),
    (
        "calls-are-independent",
        "noise at many rows in evaluation",
        of(lambda m, x: tanh(x + 0.1 * torch.rand_like(x) if len(x) > 64 else x)),
    ),
    ("batch-equals-rows", "standardizes in training", of(standardized)),
    ("batch-equals-rows", "centers many rows", of(lambda m, x: tanh(x - x.mean(0) if len(x) > 32 else x))),
    (
        "is-probability-as-declared",
        "sums to 1 at width 4",
        of(lambda m, x: x.softmax(1) * x.shape[1] / 4, Softmax, range=(0.0, 100.0)),
    ),
    (
        "is-probability-as-declared",
        "does not sum to 1 at large scores",
        of(
            lambda m, x: x.clamp(-50, 50).exp() / (x.clamp(-50, 50).exp().sum(1, True) + x.abs().amax(1, True)), Softmax
        ),
    ),
    (
        "converts-to-float64",
        "a constant of float32",
        faulty(LeakyReLU, build=lambda self: function(lambda m, x: functional.leaky_relu(x) @ torch.eye(x.shape[1]))),
    ),
    ("finite-output-and-gradient", "steps", of(lambda m, x: tanh(x).round())),
]
