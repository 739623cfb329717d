"""Losses that go wrong from call to call, in one mode, with weights or with soft targets."""

from __future__ import annotations

import torch

from tests.contracts.faulty.losses import of, rows, soft, weighted


def if_any_hard(m, x, y):
    """Uses soft targets as classes if one row is certain."""
    return weighted(m, x, y.argmax(1) if y.ndim == 2 and y.max() == 1 else y)


def first_only_soft(m, x, y):
    return weighted(m, x, y.argmax(1) if y.ndim == 2 and y[0].max() == 1 else y)


def squared_weights(m, x, y):
    weights = soft(m, x, y) @ (torch.ones(x.shape[1]) if m.w is None else m.w.square()).to(x.dtype)
    return (rows(m, x, y) * weights).sum() / weights.sum()


def weights_if(condition):
    return lambda m, x, y: weighted(m, x, y) if condition(x) else rows(m, x, y).mean()


def mean_over_rows_if_large(m, x, y):
    if len(x) <= 64 or m.w is None:
        return weighted(m, x, y)
    return (rows(m, x, y) * (soft(m, x, y) @ m.w.to(x.dtype))).mean()


def weights_of_present(m, x, y):
    """Divides by the mean weight of the classes in the batch."""
    if m.w is None:
        return rows(m, x, y).mean()
    target, w = soft(m, x, y), m.w.to(x.dtype)
    return (rows(m, x, y) * (target @ w)).mean() / w[target.sum(0) > 0].mean()


def in_training(m, x, y):
    return weighted(m, x.sub_(1) if m.training else x, y)


def centers_many(m, x, y):
    return weighted(m, x.sub_(x.mean(1, keepdim=True)) if len(x) > 64 else x, y)


def smooths_targets(m, x, y):
    return weighted(m, x, y.mul_(0.9).add_(0.1 / x.shape[1]) if y.ndim == 2 else y)


def clips_targets(m, x, y):
    return weighted(m, x, y.clamp_(max=4) if len(y) > 100 and y.ndim == 1 else y)


def moving_average(m, x, y):
    loss = weighted(m, x, y)
    if m.training:
        m.average = 0.9 * getattr(m, "average", 1.0) + 0.1 * float(loss.detach())
    return loss / getattr(m, "average", 1.0)


def cached_by_shape(m, x, y):
    cache = m.__dict__.setdefault("cache", {})
    target = cache.setdefault(x.shape, soft(m, x, y))
    return -(target * x.log_softmax(1)).sum(1).mean()


def cached_by_address(m, x, y):
    cache = m.__dict__.setdefault("cache", {})
    target = cache.setdefault((y.data_ptr(), x.shape), soft(m, x, y).clone())
    return -(target * x.log_softmax(1)).sum(1).mean()


def warms_up(m, x, y):
    m.calls = getattr(m, "calls", 0) + 1
    return weighted(m, x * min(1.0, 0.5 + m.calls / 1000), y)


def drops(m, x, y):
    return weighted(m, torch.dropout(x, 0.1, m.training), y)


def noisy(m, x, y):
    return weighted(m, x + 0.01 * torch.randn_like(x) if m.training else x, y)


def noisy_if_large(m, x, y):
    return weighted(m, x + 0.01 * torch.randn_like(x) if m.training and len(x) > 64 else x, y)


def margin_in_training(m, x, y):
    return weighted(m, x - soft(m, x, y) if m.training else x, y)


SLOW = True
SOUND = []
FAULTS = [
    ("monotonic-in-soft-targets", "argmax of soft targets if any row is certain", of(if_any_hard)),
    ("monotonic-in-soft-targets", "the first row decides on soft targets", of(first_only_soft)),
    (
        "monotonic-in-soft-targets",
        "rounds soft targets in large batches",
        of(lambda m, x, y: weighted(m, x, y.argmax(1) if y.ndim == 2 and len(y) > 64 else y)),
    ),
    ("class-weights-are-applied", "applied twice", of(squared_weights)),
    ("class-weights-are-applied", "only beyond 4 rows", of(weights_if(lambda x: len(x) > 4))),
    ("class-weights-are-applied", "only up to 64 rows", of(weights_if(lambda x: len(x) <= 64))),
    ("class-weights-are-applied", "a mean over rows beyond 64", of(mean_over_rows_if_large)),
    ("class-weights-are-applied", "divides by the weights of the classes of the batch", of(weights_of_present)),
    (
        "class-weights-are-applied",
        "ignored in evaluation",
        of(lambda m, x, y: weighted(m, x, y) if m.training else rows(m, x, y).mean()),
    ),
    ("does-not-modify-input", "in training mode", of(in_training)),
    ("does-not-modify-input", "scores of many rows", of(centers_many)),
    ("does-not-modify-input", "soft targets", of(smooths_targets)),
    ("does-not-modify-input", "targets of many rows", of(clips_targets)),
    ("calls-are-independent", "a moving average", of(moving_average)),
    ("calls-are-independent", "targets cached by shape", of(cached_by_shape)),
    ("calls-are-independent", "targets cached by address", of(cached_by_address)),
    ("calls-are-independent", "warms up over the calls", of(warms_up)),
    ("same-in-training-and-evaluation", "dropout of the scores", of(drops)),
    ("same-in-training-and-evaluation", "noise", of(noisy)),
    ("same-in-training-and-evaluation", "noise in large batches", of(noisy_if_large)),
    ("same-in-training-and-evaluation", "a margin in training only", of(margin_in_training)),
]
