"""The search for thresholds by class: one class after another, over the rows that each would win."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from zoo_core.components.decisions.decision import Decision
from zoo_core.runs.decisions.objectives import Key, Objective
from zoo_core.seeds import make_generator

MAX_ROWS = 10_000  # that are searched over: of more, a random sample with a fixed seed
MAX_CLASSES = 30  # whose thresholds are searched: those with the most rows
PASSES = 2
SHARES = (0, 0.3, 0.6, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3)  # of the rows of a class, that would be predicted as it
REFINED = 6
DIGITS = 4  # of a stored threshold, if these suffice
LOWEST, HIGHEST = 1e-9, 1e9  # of a weight, 1 / threshold


def search_thresholds(probabilities: Tensor, targets: Tensor, objective: Objective) -> Decision:
    """The thresholds t `(classes,)` with which the class of the largest p/t is best over these rows.

    `probabilities` are `(rows, classes)`, `targets` `(rows,)`. Starts from the most probable class, and changes one
    threshold at a time as long as that is better, so that the result is never worse on these rows: a coordinate search,
    as that of the weights of classes in Lachiche & Flach (2003). The time is bounded by `MAX_ROWS` and `MAX_CLASSES`.
    """
    decision = _to_decision(
        _search_weights(*_sample(probabilities, targets), objective), probabilities, targets, objective
    )
    before = objective.key(probabilities.argmax(dim=1), targets)
    return decision if objective.key(decision.choose(probabilities), targets) < before else Decision()


def _sample(probabilities: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    probabilities = probabilities.double()
    if len(targets) <= MAX_ROWS:
        return probabilities, targets
    rows = torch.randperm(len(targets), generator=make_generator(0, "decision", "rows"))[:MAX_ROWS]
    return probabilities[rows], targets[rows]


def _search_weights(probabilities: Tensor, targets: Tensor, objective: Objective) -> Tensor:
    """The weights w `(classes,)` with which the class of the largest w·p is best."""
    rows = torch.bincount(targets, minlength=probabilities.shape[1])
    classes = rows.argsort(descending=True, stable=True)[:MAX_CLASSES].tolist()
    weights = torch.ones(probabilities.shape[1], dtype=torch.float64)
    best = objective.key(probabilities.argmax(dim=1), targets)
    for _ in range(PASSES):
        before = best
        for index in classes:
            weight, best = _best_weight(index, weights, probabilities, targets, objective, best)
            weights[index] = weight
        if best == before:
            break
    return weights


def _best_weight(
    index: int, weights: Tensor, probabilities: Tensor, targets: Tensor, objective: Objective, best: Key
) -> tuple[float, Key]:
    """The best weight of a class, those of the others unchanged, and its key."""
    scores = probabilities * weights
    scores[:, index] = -1
    highest, other = scores.max(dim=1)
    ratios = (highest / probabilities[:, index]).clamp(LOWEST, HIGHEST)  # rows with a lower one are predicted as it
    ordered = ratios.sort().values
    current = float(weights[index])
    count = int((ratios < current).sum())
    found: dict[int, Key] = {count: best}
    chosen = count

    def try_counts(counts: set[int]) -> int:
        for number in sorted(counts - set(found)):
            predicted = torch.where(ratios < _between(ordered, number), index, other)
            found[number] = objective.key(predicted, targets)
        return min(found, key=lambda number: (found[number], abs(number - count)))

    own = int((targets == index).sum())
    chosen = try_counts({min(math.ceil(share * own), len(targets)) for share in SHARES})
    tried = sorted(found)
    at = tried.index(chosen)
    low, high = tried[max(at - 1, 0)], tried[min(at + 1, len(tried) - 1)]
    chosen = try_counts({low + round((high - low) * step / (REFINED + 1)) for step in range(1, REFINED + 1)})
    if found[chosen] >= best:
        return current, best
    return _between(ordered, chosen), found[chosen]


def _between(ordered: Tensor, count: int) -> float:
    """A weight with which the first `count` rows are predicted as the class, by their ordered ratios."""
    low = float(ordered[count - 1]) if count else float(ordered[0]) / 4
    high = float(ordered[count]) if count < len(ordered) else low * 4
    return math.sqrt(low * high)


def _to_decision(weights: Tensor, probabilities: Tensor, targets: Tensor, objective: Objective) -> Decision:
    """The decision of these weights, with thresholds of few digits if they are no worse."""
    if bool((weights == 1).all()):
        return Decision()
    thresholds = (1 / weights) / (1 / weights).sum()
    exact = Decision(tuple(thresholds.tolist()))
    rounded = torch.tensor([float(f"{value:.{DIGITS}g}") for value in thresholds.tolist()], dtype=torch.float64)
    short = Decision(tuple(rounded.tolist()))
    keys = [objective.key(one.choose(probabilities), targets) for one in (short, exact)]
    return short if keys[0] <= keys[1] else exact
