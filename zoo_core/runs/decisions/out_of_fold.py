"""Whether a decision that is best over some rows is better on others, by cross-validation over these rows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.decisions.decision import Decision
from zoo_core.runs.decisions.objectives import Objective
from zoo_core.seeds import make_generator

FOLDS = 5
RESAMPLES = 100  # of the bootstrap
Search = Callable[[Tensor, Tensor], Decision]  # from probabilities (rows, classes) and targets (rows,)


@frozen
class OutOfFold:
    """What a search reaches on rows that it did not see, beside a simple decision, and the error of its gain.

    `gain` is above 0 if the search is better; `error` is its standard error.
    """

    value: float
    simple_value: float
    gain: float
    error: float

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the gain is more than one standard error, as in the rule of Breiman et al. (1984)."""
        return self.gain > self.error


def measure_out_of_fold(
    search: Search, simple: Decision, probabilities: Tensor, targets: Tensor, objective: Objective
) -> OutOfFold:
    """Compare a search with a simple decision over rows that the search did not see.

    Each of 5 folds, stratified by class, is predicted with the decision that is found on the others. The standard error
    of the gain is that of a bootstrap over the rows. The folds and the bootstrap have a fixed seed.
    """
    folds = _stratified_folds(objective.head.form.row_codes(targets))
    found = torch.empty_like(targets)
    for number in range(FOLDS):
        inside = folds == number
        if inside.any():
            decision = search(probabilities[~inside], targets[~inside]) if not inside.all() else simple
            found[inside] = decision.choose(probabilities[inside])
    base = simple.choose(probabilities)
    generator = make_generator(0, "decision", "bootstrap")

    def gain(rows: Tensor) -> float:
        values = (objective.lower_is_better(objective.value(one[rows], targets[rows])) for one in (base, found))
        before, after = values
        return before - after

    resampled = torch.tensor(
        [gain(torch.randint(len(targets), (len(targets),), generator=generator)) for _ in range(RESAMPLES)]
    )
    after, before = (objective.value(predicted, targets) for predicted in (found, base))
    return OutOfFold(after, before, gain(torch.arange(len(targets))), float(resampled.std()))


def _stratified_folds(targets: Tensor) -> Tensor:
    """The fold of each row, int64 `(rows,)`: the rows of each code `(rows,)` in turn, in random order."""
    order = torch.randperm(len(targets), generator=make_generator(0, "decision", "folds"))
    order = order[targets[order].argsort(stable=True)]
    folds = torch.empty_like(targets)
    folds[order] = torch.arange(len(targets)) % FOLDS
    return folds
