"""Optimizers with a fault in what they do with gradients: none, sparse ones, those of a closure, and of float64."""

from __future__ import annotations

import torch

from tests.contracts.faulty.optimizers import Plain, of


class ClipsGradients(Plain):
    def along(self, parameter):
        return parameter.grad.clamp_(-0.1, 0.1)


class KeepsGradient(Plain):
    """Momentum that begins as the gradient itself, not as a copy."""

    def along(self, parameter):
        state = self.state[parameter]
        state["m"] = state["m"].mul_(0.5).add_(parameter.grad) if state else parameter.grad
        return state["m"]


class AddsDecayToGradient(Plain):
    def along(self, parameter):
        return parameter.grad.add_(parameter, alpha=0.01)


class ReturnsNothing(Plain):
    def step(self, closure=None):
        if closure is not None:
            with torch.enable_grad():
                closure()
        super().step()


class IgnoresClosure(Plain):
    def step(self, closure=None):
        super().step()


class WithoutGradients(Plain):
    @torch.no_grad()
    def step(self, closure=None):
        loss = None if closure is None else closure()
        super().step()
        return loss


class NarrowMomentum(Plain):
    """Momentum in float32, whatever the type of the parameter."""

    def along(self, parameter):
        moment = self.state[parameter].setdefault("m", torch.zeros(parameter.shape))
        return moment.mul_(0.5).add_(parameter.grad).to(parameter.dtype)


class CenteredWithoutLimit(Plain):
    """The variance is a difference, which rounding makes negative."""

    def along(self, parameter):
        state, gradient = self.state[parameter], parameter.grad
        for name, value in (("square", gradient.square()), ("mean", gradient)):
            state.setdefault(name, torch.zeros_like(parameter)).mul_(0.9).add_(value, alpha=0.1)
        return gradient / ((state["square"] - state["mean"] ** 2).sqrt() + 1e-6)


class ToFloat(Plain):
    @torch.no_grad()
    def step(self):
        super().step()
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.data = parameter.data.float()


class WrongInDouble(Plain):
    def along(self, parameter):
        return parameter.grad.float() if parameter.dtype == torch.float32 else parameter.grad.float().sign()


class CrashesLater(Plain):
    """Momentum for the parameters that have a gradient in the first step."""

    @torch.no_grad()
    def step(self):
        if not self.state:
            for parameter in self.param_groups[0]["params"]:
                if parameter.grad is not None:
                    self.state[parameter]["m"] = torch.zeros_like(parameter)
        super().step()

    def along(self, parameter):
        self.state[parameter]["m"].mul_(0.5).add_(parameter.grad)
        return self.state[parameter]["m"]


class GlidesOn(Plain):
    """Moves parameters without a gradient along their momentum."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                gradient = 0 if parameter.grad is None else parameter.grad
                state["m"] = 0.5 * state.get("m", torch.zeros_like(parameter)) + gradient
                parameter -= group["lr"] * state["m"]


class LazyMomentum(Plain):
    """Momentum of the rows in the batch only."""

    def along(self, parameter):
        state, gradient = self.state[parameter], parameter.grad
        moment = state.setdefault("m", torch.zeros_like(parameter))
        if not gradient.is_sparse:
            return moment.mul_(0.5).add_(gradient)
        gradient = gradient.coalesce()
        rows = gradient.indices()[0]
        moment[rows] = 0.5 * moment[rows] + gradient.values()
        return torch.zeros_like(parameter).index_copy_(0, rows, moment[rows])


class NotCoalesced(Plain):
    """Squares the values of a sparse gradient before rows that occur twice are added."""

    def along(self, parameter):
        state, gradient = self.state[parameter], parameter.grad
        total = state.setdefault("sum", torch.zeros_like(parameter))
        if gradient.is_sparse:
            total.index_add_(0, gradient._indices()[0], gradient._values().square())
        else:
            total.add_(gradient.square())
        return gradient.to_dense() / (total.sqrt() + 1e-8)


def sparse(cls):
    return of(cls, supports_sparse_gradients=True, accepts_sparse_gradients=lambda self: True)


SLOW = True
SOUND = []
FAULTS = [
    ("leaves-gradients", "clips the gradients in place", of(ClipsGradients)),
    ("leaves-gradients", "keeps the gradient as its state", of(KeepsGradient)),
    ("leaves-gradients", "adds its decay to the gradients", of(AddsDecayToGradient)),
    ("skips-parameters-without-gradient", "fails for the first gradient in the second step", of(CrashesLater)),
    ("skips-parameters-without-gradient", "moves on by momentum", of(GlidesOn)),
    ("returns-loss-of-closure", "returns nothing", of(ReturnsNothing)),
    ("returns-loss-of-closure", "ignores the closure", of(IgnoresClosure)),
    ("returns-loss-of-closure", "calls it without gradients", of(WithoutGradients)),
    ("finite-for-repeated-gradients", "the root of a negative variance", of(CenteredWithoutLimit)),
    ("keeps-type-of-parameters", "a state of float32", of(NarrowMomentum)),
    ("keeps-type-of-parameters", "turns parameters into float32", of(ToFloat)),
    ("keeps-type-of-parameters", "another rule in float64", of(WrongInDouble)),
    ("sparse-steps-equal-dense-steps", "momentum of the rows in the batch only", sparse(LazyMomentum)),
    ("sparse-steps-equal-dense-steps", "rows that occur twice", sparse(NotCoalesced)),
]
