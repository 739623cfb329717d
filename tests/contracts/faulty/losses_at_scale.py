"""Losses that fail at batch sizes, classes or scores that are not small."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, logsigmoid, one_hot

from tests.contracts.faulty.losses import of, rows, soft, weighted
from zoo_textbook.losses import BCE, MSE, BCEWithLogits


def macro(m, x, y):
    classes = soft(m, x, y).argmax(1)
    return torch.stack([rows(m, x[classes == c], y[classes == c]).mean() for c in classes.unique()]).mean()


def hardest_half(m, x, y):
    return rows(m, x, y).topk(max(len(x) // 2, 1)).values.mean()


def smoothed(count):
    def loss(m, x, y):
        target = soft(m, x, y) * 0.9 + 0.1 / count(x, y)
        return -(target * x.log_softmax(1)).sum(1).mean()

    return loss


def whole_blocks(m, x, y):
    used = len(x) // 32 * 32 or len(x)
    return rows(m, x[:used], y[:used]).mean()


def own_margin(m, x, y):
    """A margin to class 0 only."""
    y = soft(m, x, y)
    return (y * (1 + x[:, :1] - x).clamp(min=0)).sum(1).mean()


def exponentials(m, x, y):
    probabilities = x.exp() / x.exp().sum(1, keepdim=True)
    return -(soft(m, x, y) * probabilities.log()).sum(1).mean()


def one_vs_rest(m, x, y):
    y = soft(m, x, y)
    return -(y * x.sigmoid().log() + (1 - y) * (1 - x.sigmoid()).log()).sum(1).mean()


def root_focal(m, x, y):
    p = x.softmax(1)
    return -(soft(m, x, y) * (1 - p).sqrt() * x.log_softmax(1)).sum(1).mean()


def normalized(m, x, y):
    centered = x - x.mean(1, keepdim=True)
    return rows(m, 4 * centered / centered.square().sum(1, keepdim=True).sqrt(), y).mean()


def binary(m, p, y):
    y = soft(m, p.expand(-1, 2), y)[:, 1:]
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def positive(x, y):
    return (y if y.ndim == 1 else y[:, 1]).to(x.dtype)


def log_of_shifted(shift):
    return lambda m, x, y: -(soft(m, x, y) * (x.softmax(1) + shift).log()).sum(1).mean()


def clipped_gradient(m, x, y):
    if x.requires_grad:
        x = x * 1.0
        x.register_hook(lambda gradient: None if gradient is None else gradient.clamp(-0.3, 0.3))
    return weighted(m, x, y)


SLOW = True
SOUND: list = []
FAULTS = [
    ("mean-over-batch", "divides by 6", of(lambda m, x, y: rows(m, x, y).sum() / 6)),
    ("mean-over-batch", "divides by 12", of(lambda m, x, y: rows(m, x, y).sum() / 12)),
    ("mean-over-batch", "divides by the classes", of(lambda m, x, y: rows(m, x, y).sum() / x.shape[1])),
    ("mean-over-batch", "divides by the root of the rows", of(lambda m, x, y: rows(m, x, y).sum() / len(x) ** 0.5)),
    (
        "mean-over-batch",
        "a sum beyond 128 rows",
        of(lambda m, x, y: sum(rows(m, *part).mean() for part in zip(x.split(128), y.split(128), strict=True))),
    ),
    ("mean-over-batch", "a mean over the classes of the batch", of(macro)),
    ("mean-over-batch", "only the most expensive half", of(hardest_half)),
    ("mean-over-batch", "drops the last rows of 32", of(whole_blocks)),
    (
        "mean-over-batch",
        "weights later rows more",
        of(
            lambda m, x, y: (
                (rows(m, x, y) * torch.linspace(0.5, 1.5, len(x))).mean() if len(x) > 8 else weighted(m, x, y)
            )
        ),
    ),
    ("mean-over-batch", "smooths by the rows", of(smoothed(lambda x, y: len(x)))),
    ("mean-over-batch", "smooths by the classes of the batch", of(smoothed(lambda x, y: len(y.unique())))),
    (
        "mean-over-batch",
        "divides by the rows of other classes than 0",
        of(lambda m, x, y: rows(m, x, y).sum() / (soft(m, x, y)[:, 0] < 0.5).sum().clamp(min=1)),
    ),
    (
        "mean-over-batch",
        "standardizes the scores over large batches",
        of(lambda m, x, y: weighted(m, (x - x.mean(0)) / x.std(0) if len(x) > 100 else x, y)),
    ),
    (
        "returns-finite-scalar",
        "counts the classes in the batch",
        of(lambda m, x, y: -((y if y.ndim == 2 else one_hot(y)) * x.log_softmax(1)).sum(1).mean()),
    ),
    ("returns-finite-scalar", "squeezes one row", of(lambda m, x, y: cross_entropy(x.squeeze(0), y))),
    (
        "returns-finite-scalar",
        "a spread that one row has not",
        of(lambda m, x, y: weighted(m, x, y) + 0 * x.std(0).sum()),
    ),
    ("returns-finite-scalar", "float64 only", of(lambda m, x, y: weighted(m, x @ torch.eye(x.shape[1]).double(), y))),
    ("keeps-the-dtype", "float16", of(lambda m, x, y: weighted(m, x, y).half())),
    ("keeps-the-dtype", "bfloat16 inside", of(lambda m, x, y: weighted(m, x.bfloat16(), y))),
    (
        "sees-every-class",
        "ignores the last class",
        of(lambda m, x, y: (rows(m, x, y) * (1 - soft(m, x, y)[:, -1])).sum() / len(x)),
    ),
    (
        "sees-every-class",
        "ignores the classes from 4 on",
        of(lambda m, x, y: (rows(m, x, y) * soft(m, x, y)[:, :4].sum(1)).mean()),
    ),
    (
        "sees-every-class",
        "counts to 4 classes",
        of(lambda m, x, y: weighted(m, x, y if y.ndim == 2 else y.clamp(max=4))),
    ),
    (
        "sees-every-class",
        "the first two outputs only",
        of(lambda m, x, y: cross_entropy(x[:, :2], (y if y.ndim == 1 else y.argmax(1)).clamp(max=1))),
    ),
    ("sees-every-class", "a margin to class 0 only", of(own_margin)),
    (
        "sees-every-class",
        "the score of the class alone",
        of(lambda m, x, y: -(soft(m, x, y) * logsigmoid(x)).sum(1).mean()),
    ),
    (
        "sees-every-class",
        "the first four columns only",
        of(lambda m, x, y: (x - soft(m, x, y))[:, :4].square().mean(), MSE),
    ),
    ("finite-at-any-score", "exponentials", of(exponentials)),
    (
        "finite-at-any-score",
        "log of a softmax",
        of(lambda m, x, y: -(soft(m, x, y) * x.softmax(1).log()).sum(1).mean()),
    ),
    ("finite-at-any-score", "log of a sigmoid", of(one_vs_rest)),
    ("finite-at-any-score", "log of one minus a probability", of(binary, BCE)),
    ("finite-at-any-score", "a root of one minus a probability", of(root_focal)),
    ("finite-at-any-score", "a norm of equal scores", of(normalized)),
    ("finite-at-any-score", "divides by a score", of(lambda m, x, y: weighted(m, x * x.abs() / x.abs(), y))),
    (
        "finite-at-any-score",
        "an exponential loss",
        of(lambda m, x, y: (x[:, 0] * (1 - 2 * positive(x, y))).exp().mean(), BCEWithLogits),
    ),
    ("learns-from-any-score", "clamps the scores", of(lambda m, x, y: weighted(m, x.clamp(-30, 30), y))),
    ("learns-from-any-score", "adds 1e-12 to a probability", of(log_of_shifted(1e-12))),
    ("learns-from-any-score", "adds 1e-7 to a probability", of(log_of_shifted(1e-7))),
    (
        "learns-from-any-score",
        "clamps a logit",
        of(
            lambda m, x, y: binary_cross_entropy_with_logits(x[:, 0].clamp(-50, 50), positive(x, y)),
            BCEWithLogits,
        ),
    ),
    (
        "gradient-is-correct",
        "detaches large scores",
        of(lambda m, x, y: weighted(m, torch.where(x.abs() < 10, x, x.detach()), y)),
    ),
    ("gradient-is-correct", "clips its gradient", of(clipped_gradient)),
    (
        "never-below-lower-bound",
        "a bonus for large scores",
        of(lambda m, x, y: weighted(m, x, y) - (x.abs().amax(1) - 20).clamp(min=0).mean() * math.pi),
    ),
    ("learns-from-any-score", "clamps large scores", of(lambda m, x, y: weighted(m, x.clamp(max=30), y))),
    ("learns-from-any-score", "clamps small scores", of(lambda m, x, y: weighted(m, x.clamp(min=-20), y))),
]
