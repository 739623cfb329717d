"""What a run made of a split, as points: confusion, reliability, ROC and precision-recall. All in float64."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.evaluation.calibration import CalibrationBins, confidence_and_correct
from zoo_core.evaluation.classification import ClassCounts
from zoo_core.evaluation.ranking import average_precision, cumulative_counts, roc_auc

MAX_CLASSES = 1000  # classes of a confusion matrix
Floats = tuple[float, ...]


@frozen
class Confusion:
    """`counts[i][j]` rows of class i were called class j."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def most_confused(self, max_classes: int) -> Confusion:
        """The classes that take part in the most mistakes, at most so many, in the order they had."""
        if len(self.classes) <= max_classes:
            return self
        counts = torch.tensor(self.counts)
        wrong = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
        kept = sorted(torch.argsort(wrong, descending=True, stable=True)[:max_classes].tolist())
        return Confusion(
            tuple(self.classes[i] for i in kept), tuple(tuple(self.counts[i][j] for j in kept) for i in kept)
        )


@frozen
class Reliability:
    """How often what was given a probability came true: one entry for each of ten equal bins that holds a row.

    `of` says which probability it is. `gap` is the mean distance of the two, weighted by rows: the expected
    calibration error (Guo et al. 2017).
    """

    of: str
    probability: Floats
    came_true: Floats
    rows: tuple[int, ...]
    expected_calibration_error: float


@frozen
class RankingCurve:
    """A curve of one class against the rest as the threshold falls: `x`, `y`, the `area`, the `share` of its rows."""

    label: str
    x: Floats
    y: Floats
    area: float
    share: float


def confusion(head: Head, scores: Tensor, targets: Tensor) -> Confusion:
    """Counts of true class by predicted class, from scores `(rows, outputs)` and targets `(rows,)`.

    RecipeError for more than a thousand classes.
    """
    size = len(head.classes)
    if size > MAX_CLASSES:
        raise RecipeError(f"a confusion matrix of {size} classes is more than can be read")
    cells = torch.bincount(targets.cpu() * size + head.predict(scores).cpu(), minlength=size * size)
    return Confusion(head.classes, tuple(map(tuple, cells.view(size, size).tolist())))


@frozen
class ClassReport:
    """How well one class is told from the others, and how many `rows` there are of it."""

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


def class_reports(head: Head, scores: Tensor, targets: Tensor) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each class; 0 where there is none, as for a class that is never predicted."""
    tally = ClassCounts.from_labels(head.predict(scores), targets, len(head.classes))
    figures = (tally.precision().tolist(), tally.recall().tolist(), tally.f1().tolist(), tally.actual.int().tolist())
    return tuple(ClassReport(*row) for row in zip(head.classes, *figures, strict=True))


def reliability(head: Head, scores: Tensor, targets: Tensor) -> Reliability:
    """For two classes the second one's probability; for more, the predicted label's.

    RecipeError where the loss gives no probabilities.
    """
    if not head.has_probabilities:
        raise RecipeError("this run's loss gives no probabilities, so there is no reliability to draw")
    two = len(head.classes) == 2
    of = f'probability of "{head.classes[1]}"' if two else "probability of the label predicted"
    values, true = confidence_and_correct(head.probabilities(scores.double()), targets)
    found = CalibrationBins.from_confidence(values, true)
    kept = found.rows > 0
    mean, share = (found.confidence_sums / found.rows)[kept], (found.correct_counts / found.rows)[kept]
    rows = tuple(map(int, found.rows[kept].tolist()))
    return Reliability(of, tuple(mean.tolist()), tuple(share.tolist()), rows, found.expected_calibration_error())


def roc(head: Head, scores: Tensor, targets: Tensor) -> tuple[RankingCurve, ...]:
    """x: share of the other classes' rows above the threshold; y: share of the class's own. Area: by trapezoids."""
    found = []
    for label, values, positive in _binary_problems(head, scores, targets):
        hits, misses = cumulative_counts(values, positive)
        turns = (hits.diff(n=2) != 0) | (misses.diff(n=2) != 0)  # between them the curve is straight
        kept = torch.cat([torch.ones(1, dtype=torch.bool), turns, torch.ones(min(1, len(hits) - 1), dtype=torch.bool)])
        zero = torch.zeros(1, dtype=torch.float64)
        x = torch.cat([zero, misses[kept] / misses[-1]])
        y = torch.cat([zero, hits[kept] / hits[-1]])
        share = float(positive.double().mean())
        found.append(RankingCurve(label, tuple(x.tolist()), tuple(y.tolist()), roc_auc(hits, misses), share))
    return tuple(found)


def precision_recall(head: Head, scores: Tensor, targets: Tensor) -> tuple[RankingCurve, ...]:
    """x: recall; y: precision, from a recall of 0 up. Area: average precision, the sum of steps."""
    found = []
    for label, values, positive in _binary_problems(head, scores, targets):
        hits, misses = cumulative_counts(values, positive)
        recall, precision = hits / hits[-1], hits / (hits + misses)
        level = (hits.diff()[:-1] == 0) & (hits.diff()[1:] == 0)  # a fall along one recall needs its ends alone
        ends = torch.ones(1, dtype=torch.bool)
        kept = torch.cat([ends, ~level, ends]) if len(hits) > 1 else ends
        x = (0.0, *recall[kept].tolist())
        y = (1.0, *precision[kept].tolist())
        share = float(positive.double().mean())
        found.append(RankingCurve(label, x, y, average_precision(hits, misses), share))
    return tuple(found)


def _binary_problems(head: Head, scores: Tensor, targets: Tensor) -> list[tuple[str, Tensor, Tensor]]:
    """The second of two classes, or each of more: its values and which rows are its own, where there are both."""
    scores = scores.double()
    values = head.probabilities(scores) if head.has_probabilities else head.class_scores(scores)
    own = [1] if len(head.classes) == 2 else range(len(head.classes))
    found = [(head.classes[i], values[:, i], targets == i) for i in own]
    return [one for one in found if bool(one[2].any()) and not bool(one[2].all())]
