"""The accuracy of a model beside that of a constant answer, the most frequent class."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist

from attrs import frozen
from torch import Tensor

from zoo_core.components.head import Head

EXACT_TRIALS = 1000  # up to so many, the tail of a binomial distribution is summed


@frozen
class Baseline:
    """The accuracy of predictions, and the `share` of the most frequent class or label set, `majority`, among `rows`.

    `p` is the probability that predictions no better than the constant answer are at least so much better by chance.
    """

    accuracy: float
    majority: str
    share: float
    rows: int
    p: float


def majority_baseline(head: Head, predicted: Tensor, targets: Tensor) -> Baseline:
    """Compare predicted and true labels of one row or more with always answering one class, or one set of labels.

    Only rows count that one of both gets right and the other wrong: the one-sided exact test of McNemar 1947.
    """
    answer = head.form.best_constant(targets)
    is_right, is_majority = (head.form.is_correct(one, targets) for one in (predicted, answer))
    only_model, only_constant = int((is_right & ~is_majority).sum()), int((~is_right & is_majority).sum())
    rows = len(targets)
    p = binomial_upper_tail(only_model, only_model + only_constant)
    majority = head.form.describe(answer[0], head.classes)
    return Baseline(int(is_right.sum()) / rows, majority, int(is_majority.sum()) / rows, rows, p)


def binomial_upper_tail(successes: int, trials: int) -> float:
    """The probability of so many successes or more in fair trials; a normal approximation for many trials.

    >>> binomial_upper_tail(0, 0), binomial_upper_tail(3, 3), binomial_upper_tail(2, 3)
    (1.0, 0.125, 0.5)
    """
    if trials > EXACT_TRIALS:
        return 1 - NormalDist(trials / 2, math.sqrt(trials) / 2).cdf(successes - 0.5)
    ways = sum(math.comb(trials, count) for count in range(successes, trials + 1))
    return float(Fraction(ways, 2**trials))
