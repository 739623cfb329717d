"""Optimizers that are sound and unlike the built-in ones: for them no check may fail."""

from __future__ import annotations

import torch

from tests.contracts.faulty import faulty
from tests.contracts.faulty.optimizers import Plain, of
from zoo_textbook.optimizers import SGD, Adam


class Stepped(torch.optim.Optimizer):
    """An optimizer with a rule `move(parameter, gradient, state, group)` for each parameter."""

    def __init__(self, parameters, **defaults):
        super().__init__(parameters, {"lr": 0.01, **defaults})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.move(parameter, parameter.grad, self.state[parameter], group)
        return loss


class Lion(Stepped):
    def move(self, parameter, gradient, state, group):
        m = state.setdefault("m", torch.zeros_like(parameter))
        update = (0.9 * m + 0.1 * gradient).sign_()
        m.mul_(0.99).add_(gradient, alpha=0.01)
        parameter.mul_(1 - group["lr"] * 0.01).sub_(update, alpha=group["lr"])


class Adafactor(Stepped):
    """Second moments of rows and columns of a matrix."""

    def move(self, parameter, gradient, state, group):
        state["step"] = state.get("step", 0) + 1
        decay = 1 - state["step"] ** -0.8
        square = gradient.square() + 1e-30
        if parameter.ndim > 1:
            rows = state.setdefault("rows", torch.zeros_like(square.mean(-1)))
            columns = state.setdefault("columns", torch.zeros_like(square.mean(-2)))
            rows.mul_(decay).add_(square.mean(-1), alpha=1 - decay)
            columns.mul_(decay).add_(square.mean(-2), alpha=1 - decay)
            factor = (rows / rows.mean(-1, keepdim=True)).rsqrt().unsqueeze(-1) * columns.rsqrt().unsqueeze(-2)
        else:
            moment = state.setdefault("moment", torch.zeros_like(square))
            factor = moment.mul_(decay).add_(square, alpha=1 - decay).rsqrt()
        update = gradient * factor
        update = update / update.square().mean().sqrt().clamp(min=1)
        parameter.sub_(update, alpha=group["lr"])


class LAMB(Stepped):
    def move(self, parameter, gradient, state, group):
        state["step"] = state.get("step", 0) + 1
        m = state.setdefault("m", torch.zeros_like(parameter))
        v = state.setdefault("v", torch.zeros_like(parameter))
        m.mul_(0.9).add_(gradient, alpha=0.1)
        v.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        count = state["step"]
        update = (m / (1 - 0.9**count)) / ((v / (1 - 0.999**count)).sqrt() + 1e-6)
        sizes = parameter.norm(), update.norm()
        trust = sizes[0] / sizes[1] if sizes[0] > 0 and sizes[1] > 0 else 1.0
        parameter.sub_(update * trust * group["lr"])


class SAM(torch.optim.Optimizer):
    """A step by the gradient at the worst point nearby, for which the closure is called twice."""

    def __init__(self, parameters):
        super().__init__(parameters, {"lr": 0.05, "rho": 0.05})

    @torch.no_grad()
    def step(self, closure):
        with torch.enable_grad():
            loss = closure()
        points = [p for group in self.param_groups for p in group["params"] if p.grad is not None]
        norm = torch.stack([p.grad.norm() for p in points]).norm() + 1e-12
        before = [p.clone() for p in points]
        for p in points:
            p.add_(p.grad, alpha=float(0.05 / norm))
        with torch.enable_grad():
            closure()
        for group in self.param_groups:
            for p in group["params"]:
                for q, value in zip(points, before, strict=True):
                    if q is p:
                        p.copy_(value - group["lr"] * p.grad)
        return loss


class Lookahead(Stepped):
    """Every third step goes halfway back to slow weights."""

    def move(self, parameter, gradient, state, group):
        slow = state.setdefault("slow", parameter.clone())
        state["count"] = state.get("count", 0) + 1
        parameter.sub_(gradient, alpha=group["lr"])
        if state["count"] % 3 == 0:
            slow.lerp_(parameter, 0.5)
            parameter.copy_(slow)


def with_groups(parameters):
    parameters = list(parameters)
    decayed = [p for p in parameters if p.ndim > 1]
    others = [p for p in parameters if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0, "lr": 0.002}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=0.01)


def by_name(self, named_parameters):
    biases = [p for name, p in named_parameters if name.endswith("bias")]
    others = [p for name, p in named_parameters if not name.endswith("bias")]
    groups = [{"params": others}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.SGD([group for group in groups if group["params"]], lr=0.05, weight_decay=0.1)


def by_rows(self, parameters, rows):
    return torch.optim.SGD(parameters, lr=0.05, weight_decay=0.1 / rows)


def dense(build, **members):
    return of(build, Adam, **members)


SLOW = True
SOUND = [
    of(Lion),
    dense(with_groups),
    dense(Adafactor),
    dense(LAMB),
    of(Lookahead),
    of(SAM, needs_closure=True),
    of(lambda parameters: torch.optim.LBFGS(parameters, lr=0.5, max_iter=4), needs_closure=True),
    of(lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True)),
    dense(lambda parameters: torch.optim.NAdam(parameters, lr=0.01)),
    dense(lambda parameters: torch.optim.RAdam(parameters, lr=0.01)),
    dense(lambda parameters: torch.optim.Adamax(parameters, lr=0.01)),
    of(lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9), supports_sparse_gradients=True),
    faulty(SGD, build=by_name, accepts_sparse_gradients=lambda self: False),
    faulty(SGD, build=by_rows, accepts_sparse_gradients=lambda self: False),
    of(Plain, supports_sparse_gradients=True),
]
FAULTS = []
