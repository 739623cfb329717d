"""The search for the threshold of each of several labels a text, by itself."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.components.decisions.decision import Decision, LabelThresholds
from zoo_core.runs.decisions.objectives import Objective
from zoo_core.runs.decisions.one_threshold import search, threshold_intervals
from zoo_core.seeds import make_generator

MAX_ROWS = 10_000  # that are searched over: of more, a random sample with a fixed seed
PER_ROUND = 30  # thresholds
TIMES_OWN, FEWEST = 4, 40  # rows that may be predicted as a label: so many times as have it, and at least so many
DEFAULT = 0.5


def search_label_thresholds(probabilities: Tensor, targets: Tensor, objective: Objective) -> Decision:
    """The thresholds `(classes,)` with which each label by itself is best over these rows; 0.5 where nothing is better.

    `probabilities` and `targets` are `(rows, classes)`. The objective is computed for one label at a time. A label that
    all rows have, or none, keeps 0.5, and so do the others if the metric is that of one label. The time is bounded:
    of many thresholds some are tried, then those around the best; none that predicts a label for more than `TIMES_OWN`
    times as many rows as have it, but the one for all rows. Source: the strategy SCut of Yang, *A study of thresholding
    strategies for text categorization* (2001). Raises RecipeError for a metric of an unknown label.
    """
    objective.check()
    if len(targets) > MAX_ROWS:
        rows = torch.randperm(len(targets), generator=make_generator(0, "decision", "rows"))[:MAX_ROWS]
        probabilities, targets = probabilities[rows], targets[rows]
    columns = zip(objective.head.classes, probabilities.double().unbind(1), targets.unbind(1), strict=True)
    thresholds = tuple(_search_label(name, values, labels, objective) for name, values, labels in columns)
    return LabelThresholds(thresholds if any(value != DEFAULT for value in thresholds) else ())


def _search_label(name: str, probabilities: Tensor, has_label: Tensor, objective: Objective) -> float:
    """The threshold of a label, from its probabilities and which rows have it, both `(rows,)`."""
    own = int(has_label.sum())
    alone = objective.of_label(name)
    if alone is None or own in (0, len(has_label)):
        return DEFAULT
    targets = has_label.unsqueeze(1)

    def cost(threshold: float) -> object:
        return alone.key((probabilities >= threshold).unsqueeze(1), targets)

    values = probabilities.unique().tolist()
    intervals = threshold_intervals(values)
    most = max(TIMES_OWN * own, FEWEST)
    tried = [intervals[0], *intervals[-most:]] if len(intervals) > most else intervals
    return search(tried, cost, near=DEFAULT, per_round=PER_ROUND)
