"""Metrics that fail for some classes, probabilities or rows, and unusual ones that are sound."""

from __future__ import annotations

import math

import torch

from tests.contracts.faulty import faulty
from tests.contracts.faulty.metrics import Rows, of, share
from zoo_textbook.metrics.label_metrics import Accuracy, LogLoss
from zoo_textbook.metrics.probability_metrics import Brier, RocAUC


def with_head(metric, accumulator=Rows, base=Accuracy, **members):
    """A metric whose function also takes the head."""
    usual = {"is_accuracy": False, "targets": ("single-label",)}
    build = lambda self, head: accumulator(lambda p, y: metric(head, p, y))  # noqa: E731
    return faulty(base, build=build, **{**usual, **members})


def recalls(predicted, targets, classes):
    return [float((predicted == c)[targets == c].double().mean()) if (targets == c).any() else 0.0 for c in classes]


def macro_recall(head, predicted, targets):
    values = recalls(predicted, targets, range(len(head.classes)))
    return sum(values) / len(values)


def balanced(predicted, targets):
    values = recalls(predicted, targets, targets.unique().tolist())
    return sum(values) / len(values)


def kappa(predicted, targets):
    chance = sum(float((predicted == c).double().mean() * (targets == c).double().mean()) for c in targets.unique())
    return (share(predicted, targets) - chance) / (1 - chance)


def by_counts(predicted, targets):
    hits = torch.bincount(targets[predicted == targets], minlength=0)
    return float((hits / torch.bincount(targets)).mean())


def precision_of(positive):
    def metric(head, predicted, targets):
        if len(head.classes) > 2:
            return share(predicted, targets)
        called = predicted == positive(head)
        return float((called & (targets == positive(head))).sum() / called.sum().clamp(min=1))

    return metric


def own(p, y):
    return p[torch.arange(len(y)), y].double()


def log_loss(p, y):
    return float(-own(p, y).clamp(1e-12).log().mean())


def brier(head, p, y):
    column = 0 if len(head.classes) == 2 else 1
    return float((p[:, column].double() - (y == 1).double()).square().mean())


def area(p, y):
    """The share of pairs in the right order for one class; None without pairs."""
    return float((p[y].unsqueeze(1) > p[~y]).double().mean()) if 0 < y.sum() < len(y) else None


def macro_area(head, p, y):
    areas = [area(p[:, c], y == c) or 0.0 for c in range(len(head.classes))]
    return sum(areas) / len(areas)


def entropy_skill(p, y):
    return float(-own(p, y).clamp(1e-9).log().mean() - 0 * (p * p.log()).sum())


def confusion_of_three(predicted, targets):
    matrix = torch.zeros(3, 3)
    for p, y in zip(predicted.tolist(), targets.tolist(), strict=True):
        matrix[y, p] += 1
    return float(matrix.diag().sum() / matrix.sum())


def quadratic_kappa(head, p, y):
    k = len(head.classes)
    weights = (torch.arange(k).unsqueeze(1) - torch.arange(k)).double().square()
    observed = torch.zeros(k, k, dtype=torch.float64).index_put((y, p), torch.ones(len(y)).double(), accumulate=True)
    expected = observed.sum(1, keepdim=True) * observed.sum(0) / len(y)
    disagreement = float((weights * expected).sum())
    return 1 - float((weights * observed).sum()) / disagreement if disagreement else 0.0


def cohen(p, y):
    chance = sum(float((p == c).double().mean() * (y == c).double().mean()) for c in y.unique().tolist())
    return (share(p, y) - chance) / (1 - chance) if chance < 1 else 0.0


def worst_recall(p, y):
    return min(recalls(p, y, y.unique().tolist()))


def top(k):
    return lambda p, y: float((p.topk(min(k, p.shape[1])).indices == y.unsqueeze(1)).any(1).double().mean())


def brier_of_all(p, y):
    return float((p - torch.nn.functional.one_hot(y, p.shape[1])).square().mean(1).mean())


SLOW = True
SOUND = [
    with_head(quadratic_kappa, range=(-1.0, 1.0)),
    of(cohen, range=(-1.0, 1.0)),
    of(balanced),
    of(worst_recall),
    of(lambda p, y: float((p - y).abs().double().mean()), higher_is_better=False, range=(0.0, math.inf)),
    of(lambda p, y: float((p != y).sum()), higher_is_better=False, range=(0.0, math.inf)),
    of(lambda p, y: float(((p == 1) | (y != 1)).double().mean())),
    of(lambda p, y: float(((p == 0) & (y == 0)).sum() / max(int((y == 0).sum()), 1))),
    of(top(1), base=RocAUC),
    of(top(2), base=RocAUC),
    of(top(5), base=RocAUC),
    of(log_loss, base=LogLoss),
    of(brier_of_all, base=Brier),
    of(lambda p, y: share(p.argmax(1), y), base=RocAUC, is_accuracy=True),
    of(lambda p, y: float(own(p, y).mean()), base=RocAUC),
]
FAULTS = [
    ("independent-of-batches-and-order", "three classes only", of(confusion_of_three)),
    ("absent-classes-change-nothing", "recall over all classes", with_head(macro_recall)),
    ("absent-classes-change-nothing", "an area of 0 for absent classes", with_head(macro_area, base=RocAUC)),
    ("finite-for-any-rows", "kappa of one class", of(kappa)),
    ("finite-for-any-rows", "counts of different lengths", of(by_counts)),
    ("finite-for-any-rows", "an infinite loss at p = 0", of(lambda p, y: float(-own(p, y).log().mean()), base=LogLoss)),
    ("finite-for-any-rows", "0 · log 0", of(entropy_skill, base=LogLoss)),
    (
        "finite-for-any-rows",
        "divides by the rows minus one",
        of(lambda p, y: share(p, y) * len(y) / (len(y) - 1), range=(0.0, 2.0)),
    ),
    (
        "values-are-in-range",
        "a negative loss at p = 1",
        of(lambda p, y: float(-(own(p, y) + 1e-3).log().mean()), base=LogLoss),
    ),
    ("values-are-in-range", "kappa below 0", of(lambda p, y: 2 * share(p, y) - 1)),
    ("correct-is-better-than-wrong", "the first column of two", with_head(brier, base=Brier)),
    (
        "correct-is-better-than-wrong",
        "the wrong direction from 4 classes on",
        with_head(lambda h, p, y: share(p, y) if len(h.classes) < 4 else 1 - share(p, y)),
    ),
    (
        "correct-is-better-than-wrong",
        "the wrong direction for two classes",
        with_head(lambda h, p, y: share(p, y) if len(h.classes) > 2 else 1 - share(p, y)),
    ),
    ("correct-is-better-than-wrong", "constant", of(lambda p, y: 0.5)),
    (
        "independent-of-class-names",
        "the last name in the alphabet",
        with_head(precision_of(lambda head: head.classes.index(max(head.classes)))),
    ),
    (
        "independent-of-class-names",
        "the one that is called yes",
        with_head(precision_of(lambda head: head.classes.index("yes") if "yes" in head.classes else 0)),
    ),
    ("is-accuracy-as-declared", "balanced", of(balanced, is_accuracy=True)),
    ("is-accuracy-as-declared", "rounded", of(lambda p, y: round(share(p, y), 2), is_accuracy=True)),
    (
        "is-accuracy-as-declared",
        "without the class 4",
        of(lambda p, y: float(((p == y) & (y != 4)).double().mean()), is_accuracy=True),
    ),
    (
        "independent-of-the-threshold",
        "a Brier score of labels",
        with_head(
            lambda h, p, y: float(((p[:, 1] >= h.threshold).double() - (y == 1).double()).square().mean()), base=Brier
        ),
    ),
    (
        "independent-of-the-threshold",
        "scaled by the threshold",
        with_head(lambda h, p, y: share(p, y) * min(1.0, 2 * h.threshold)),
    ),
    ("finite-for-any-rows", "float32 only", of(lambda p, y: float((p @ torch.ones(p.shape[1])).mean()), base=LogLoss)),
    ("finite-for-any-rows", "the whole number 0", of(lambda p, y: share(p, y) or 0)),
]
