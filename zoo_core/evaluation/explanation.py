"""Explanations: the contribution of each token to a score, and the top features of each class."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

import polars as pl
import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.head import Head
from zoo_core.errors import NumericalError, RecipeError
from zoo_core.evaluation.evaluator import WEIGHTS_HINT, predict_scores
from zoo_core.evaluation.shapley import MAX_EVALUATIONS, shapley_values
from zoo_core.evaluation.shown_tables import ShownAsTable
from zoo_core.evaluation.word_pieces import Contribution, group_pieces, rank
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Features
from zoo_core.features.tokens import Tokens

INTEGRATION_STEPS = 64
MAX_SCORE_ERROR = 0.05  # of the integral, relative to the difference of the scores …
MAX_CONTRIBUTION_ERROR = 0.01  # … plus relative to the sum of absolute contributions, which may cancel …
MAX_ABSOLUTE_ERROR = 1e-4  # … plus this
LINEARITY_TOLERANCE = 1e-5  # relative difference of gradients along the path, if the score is linear in the weights
BATCH_FEATURES = 4096

Method = Literal["exact", "integrated gradients", "Shapley sampling"]


@frozen(repr=False)
class Explanation(ShownAsTable):
    """The score of the class `label`: `base`, the score of an empty text (the bias), plus all contributions.

    Of a sequence, `base` is the score of as many tokens whose vectors are 0. It prints as a table. Features that are
    pieces of a word, such as character n-grams, are summed under the word.

    `predicted` is the predicted class of the text; `method` is how the contributions were computed.
    """

    label: str
    score: float
    base: float
    contributions: tuple[Contribution, ...]
    predicted: str
    method: Method

    def frame(self) -> pl.DataFrame:
        """A row for each contribution, the largest first: its word or feature, and what it adds to the score."""
        tokens = [one.token for one in self.contributions]
        values = [one.value for one in self.contributions]
        return pl.DataFrame({"token": tokens, "value": values}, schema={"token": pl.String, "value": pl.Float64})


@frozen
class AttributionTask:
    """A score to attribute to its players, which are the features or words of a text.

    `value` takes sets of players `(sets, players)` bool and gives the score of each `(sets,)`. `integrand` takes the
    weights of the players `(players,)` and gives the score; None if it has no gradient. It is integrated along weights
    that grow as t to the power of `curve`, in more steps if `steps` of them are too coarse. `owners` are the words of
    which each player is a piece. `max_evaluations` limits Shapley sampling.
    """

    names: list[str]
    value: Callable[[Tensor], Tensor]
    integrand: Callable[[Tensor], Tensor] | None = None
    weights: Tensor | None = None
    owners: Sequence[Sequence[str]] | None = None
    curve: float = 1.0
    steps: tuple[int, ...] = (INTEGRATION_STEPS,)
    max_evaluations: int = MAX_EVALUATIONS


def bag_attribution_task(
    module: nn.Module,
    bag: Bag,
    head: Head,
    index: int,
    names: list[str],
    owners: Sequence[Sequence[str]] | None = None,
) -> AttributionTask:
    """The score of class `index`, to attribute to the features of a text, which is the single row of `bag`."""
    values = bag.weights_or_ones()

    def score_of_weights(weights: Tensor) -> Tensor:
        return head.class_scores(module(Bag(bag.ids, bag.offsets, weights, bag.width)))[0, index]

    def scores_of_sets(sets: Tensor) -> Tensor:
        at = sets.nonzero()[:, 1]
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64), sets.sum(dim=1).cumsum(0)])
        return head.class_scores(module(Bag(bag.ids[at], offsets, values[at], bag.width)))[:, index]

    return AttributionTask([names[i] for i in bag.ids.tolist()], scores_of_sets, score_of_weights, values, owners)


def dense_attribution_task(
    module: nn.Module, dense: Dense, head: Head, index: int, names: list[str]
) -> AttributionTask:
    """The score of class `index`, to attribute to the columns of a single row.

    A column that is left out is 0, which is its mean if it is standardized.
    """
    values = dense.values[0]

    def score_of_weights(weights: Tensor) -> Tensor:
        return head.class_scores(module(Dense(weights[None])))[0, index]

    def scores_of_sets(sets: Tensor) -> Tensor:
        return head.class_scores(module(Dense(sets * values)))[:, index]

    return AttributionTask(names, scores_of_sets, score_of_weights, values)


def word_attribution_task(
    module: nn.Module, tokens: Tokens, encode: Callable[[Tokens], Features], head: Head, index: int
) -> AttributionTask:
    """The score of class `index`, to attribute to the distinct words of a text, which is encoded again without some."""
    codes = torch.from_numpy(tokens.codes)
    distinct, word = codes.unique(return_inverse=True)

    def scores_of_sets(sets: Tensor) -> Tensor:
        present = sets[:, word]  # (sets, tokens)
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64), present.sum(dim=1).cumsum(0)])
        texts = Tokens(codes[present.nonzero()[:, 1]].numpy(), offsets.numpy(), tokens.words)
        return head.class_scores(predict_scores(module, encode(texts)))[:, index]

    return AttributionTask(tokens.words.gather(distinct.numpy().astype("uint32")).to_list(), scores_of_sets)


def explain(task: AttributionTask, label: str, predicted: str) -> Explanation:
    """The contributions to a score, the largest first. Raises NumericalError if one is NaN or infinite."""
    contributions, base, score, method = attribute(task)
    if not (math.isfinite(base) and math.isfinite(score) and bool(torch.isfinite(contributions).all())):
        raise NumericalError("the contributions to the score are not finite", hint=WEIGHTS_HINT)
    grouped = group_pieces(task.names, contributions.tolist(), task.owners or [()] * len(task.names))
    return Explanation(label, score, base, tuple(sorted(grouped, key=rank)), predicted, method)


def attribute(task: AttributionTask) -> tuple[Tensor, float, float, Method]:
    """The contribution of each player `(players,)`, the score of none, the score of all, and the method.

    Integrated gradients (Sundararajan et al. 2017) along the weights of the players, from 0 to all: exact for a score
    that is linear in them, else a midpoint sum whose error is distributed in proportion. If the error is large, as for
    a model of means, whose score does not depend on the size of the weights, or if there is no gradient: Shapley values
    over the players.
    """
    num_players = len(task.names)
    with torch.no_grad():
        ends = task.value(torch.tensor([[False], [True]]).expand(2, num_players))
    base, score = float(ends[0]), float(ends[1])
    for steps in task.steps if task.integrand is not None else ():
        contributions, is_linear = _integrate_gradients(task, steps)
        error = score - base - float(contributions.sum())
        tolerance = MAX_SCORE_ERROR * abs(score - base) + MAX_CONTRIBUTION_ERROR * float(contributions.abs().sum())
        if abs(error) <= tolerance + MAX_ABSOLUTE_ERROR:
            method: Method = "exact" if is_linear else "integrated gradients"
            return contributions + _distribute(error, contributions), base, score, method
    values = shapley_values(task.value, num_players, max_evaluations=task.max_evaluations)
    return values, base, score, "Shapley sampling"


@torch.no_grad()
def top_features(module: nn.Module, head: Head, names: list[str], count: int) -> dict[str, list[Contribution]]:
    """The features that alone raise each class's score most above that of an empty text, at most `count` of them.

    For a linear model this is the weight of a word, as the textbook inspects it (section 3.6). Raises NumericalError.
    """
    if not names:
        raise RecipeError("the features of this run have no readable names")
    module.eval()
    device = next(module.parameters()).device
    ids = torch.arange(len(names), dtype=torch.int32, device=device)
    alone = Bag(ids, torch.arange(len(names) + 1, device=device), None, len(names))  # a text for each feature
    starts = range(0, len(names), BATCH_FEATURES)
    batches = [alone.slice(start, min(start + BATCH_FEATURES, len(names))) for start in starts]
    scores = torch.cat([head.class_scores(module(batch)) for batch in batches])
    added = scores - head.class_scores(module(empty_bag(alone)))  # (features, classes)
    if not bool(torch.isfinite(added).all()):
        raise NumericalError("the scores of single features are not finite", hint=WEIGHTS_HINT)
    top = {}
    for index, label in enumerate(head.classes):
        values = added[:, index]
        best = torch.argsort(values, descending=True, stable=True)[:count].tolist()
        top[label] = [Contribution(names[i], float(values[i])) for i in best if float(values[i]) > 0]
    return top


def empty_bag(bag: Bag) -> Bag:
    """A single text without features."""
    offsets = torch.zeros(2, dtype=torch.int64, device=bag.offsets.device)
    return Bag(bag.ids[:0], offsets, None, bag.width)


def _integrate_gradients(task: AttributionTask, steps: int) -> tuple[Tensor, bool]:
    """The integral of the gradient times the weights `(players,)` float64, and whether the gradient is constant."""
    assert task.integrand is not None and task.weights is not None
    weights = task.weights
    if not len(weights):
        return torch.zeros(0, dtype=torch.float64), True
    found = []
    ends = [(step / steps) ** task.curve for step in range(steps + 1)]
    for start, end in pairwise(ends):
        scaled = (weights * ((start + end) / 2)).detach().requires_grad_()
        found.append(torch.autograd.grad(task.integrand(scaled), scaled)[0].double())
    gradients = torch.stack(found)  # (steps, players)
    sizes = torch.tensor(ends, dtype=torch.float64).diff()
    spread = float((gradients - gradients[0]).abs().max())
    is_constant = spread <= LINEARITY_TOLERANCE * float(gradients.abs().max())
    return weights.double() * (sizes @ gradients), is_constant


def _distribute(error: float, contributions: Tensor) -> Tensor:
    """The error as a share for each contribution, in proportion to its size; equal shares if all are 0."""
    size = contributions.abs()
    if not len(contributions) or float(size.sum()) == 0:
        return torch.full_like(contributions, error / max(len(contributions), 1))
    return error * size / size.sum()
