"""What each token added to a score, and the most telling words of each class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import predict_scores
from zoo_core.evaluation.shapley import shapley_values
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Features
from zoo_core.features.tokens import Tokens

MAX_SCORE_ERROR = 0.05  # share of the score that the sum of steps may miss
MAX_CONTRIBUTION_ERROR = 0.01  # and of the parts, which may cancel out
MAX_ABSOLUTE_ERROR = 1e-4
INTEGRATION_STEPS = 64  # of the integral
LINEARITY_TOLERANCE = 1e-5  # how little gradients differ along the way of a score that is linear in the weights

Method = Literal["exact", "integrated gradients", "Shapley sampling"]


@frozen
class Contribution:
    """What one feature, or one word, of a text added to the score of a class."""

    token: str
    value: float


@frozen
class Explanation:
    """`base` (the score of an empty text) plus every contribution is `score`, the score of the class `label`.

    `predicted` is the class the text was given; `method` how the score was shared out.
    """

    label: str
    score: float
    base: float
    contributions: tuple[Contribution, ...]
    predicted: str
    method: Method


@frozen
class AttributionTask:
    """A text's score for one class, seen as what its parts come to: what is shared out, and among whom.

    `value` takes sets of parts `(sets, parts)` bool and gives the score of each `(sets,)`.
    """

    names: list[str]
    value: Callable[[Tensor], Tensor]
    integrand: Callable[[Tensor], Tensor] | None = None  # the parts' weights `(parts,)` → the score; None: no gradient
    weights: Tensor | None = None


def bag_attribution_task(module: nn.Module, bag: Bag, head: Head, index: int, names: list[str]) -> AttributionTask:
    """The score of class `index` as a question of the features of one text."""
    values = bag.weights_or_ones()

    def along(weights: Tensor) -> Tensor:
        return head.class_scores(module(Bag(bag.ids, bag.offsets, weights, bag.width)))[0, index]

    def of_sets(sets: Tensor) -> Tensor:
        at = sets.nonzero()[:, 1]
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64), sets.sum(dim=1).cumsum(0)])
        return head.class_scores(module(Bag(bag.ids[at], offsets, values[at], bag.width)))[:, index]

    return AttributionTask([names[i] for i in bag.ids.tolist()], of_sets, along, values)


def dense_attribution_task(
    module: nn.Module, dense: Dense, head: Head, index: int, names: list[str]
) -> AttributionTask:
    """The score of class `index` as a question of the columns of one row; one left out is 0, a mean if standardized."""
    values = dense.values[0]

    def along(weights: Tensor) -> Tensor:
        return head.class_scores(module(Dense(weights[None])))[0, index]

    return AttributionTask(names, lambda sets: head.class_scores(module(Dense(sets * values)))[:, index], along, values)


def word_attribution_task(
    module: nn.Module, tokens: Tokens, encode: Callable[[Tokens], Features], head: Head, index: int
) -> AttributionTask:
    """The score of class `index` as a question of the words of one text, which is encoded anew without some."""
    codes = torch.from_numpy(tokens.codes)
    known, word = codes.unique(return_inverse=True)

    def of_sets(sets: Tensor) -> Tensor:
        kept = sets[:, word]  # (sets, tokens)
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64), kept.sum(dim=1).cumsum(0)])
        left = Tokens(codes[kept.nonzero()[:, 1]].numpy(), offsets.numpy(), tokens.words)
        return head.class_scores(predict_scores(module, encode(left)))[:, index]

    return AttributionTask(tokens.words.gather(known.numpy().astype("uint32")).to_list(), of_sets)


def attribute(task: AttributionTask) -> tuple[Tensor, float, float, Method]:
    """What each part added `(parts,)`, the score of none, the score of all, and how that was found.

    Integrated gradients (Sundararajan et al. 2017) along the parts' weights, from none to all: exact for a score that
    is linear in them, elsewhere a midpoint sum, and what it misses is shared out in proportion. Where that is much, as
    for a model of means, whose score is the same however small the weights are, or where there is no gradient: Shapley
    values over the parts present.
    """
    count = len(task.names)
    with torch.no_grad():
        ends = task.value(torch.tensor([[False], [True]]).expand(2, count))
    base, whole = float(ends[0]), float(ends[1])
    if task.integrand is not None and task.weights is not None:
        parts, even = _integrate_gradients(task.integrand, task.weights)
        rest = whole - base - float(parts.sum())
        if (
            abs(rest)
            <= MAX_SCORE_ERROR * abs(whole - base)
            + MAX_CONTRIBUTION_ERROR * float(parts.abs().sum())
            + MAX_ABSOLUTE_ERROR
        ):
            return parts + _distribute(parts, rest), base, whole, "exact" if even else "integrated gradients"
    return shapley_values(task.value, count), base, whole, "Shapley sampling"


def explain(task: AttributionTask, label: str, predicted: str) -> Explanation:
    """The parts of a score, the largest first."""
    parts, base, whole, method = attribute(task)
    found = sorted(zip(task.names, parts.tolist(), strict=True), key=lambda pair: (-abs(pair[1]), pair[0]))
    return Explanation(label, whole, base, tuple(Contribution(*pair) for pair in found), predicted, method)


def _integrate_gradients(along: Callable[[Tensor], Tensor], values: Tensor) -> tuple[Tensor, bool]:
    """The integral of the gradient, times the weights `(parts,)` float64, and whether it was the same all the way."""
    if not len(values):
        return torch.zeros(0, dtype=torch.float64), True
    found = []
    for step in range(INTEGRATION_STEPS):
        scaled = (values * ((step + 0.5) / INTEGRATION_STEPS)).detach().requires_grad_()
        found.append(torch.autograd.grad(along(scaled), scaled)[0].double())
    gradients = torch.stack(found)  # (steps, parts)
    spread = float((gradients - gradients[0]).abs().max())
    return values.double() * gradients.mean(dim=0), spread <= LINEARITY_TOLERANCE * float(gradients.abs().max())


def _distribute(parts: Tensor, rest: float) -> Tensor:
    size = parts.abs()
    if not len(parts) or float(size.sum()) == 0:
        return torch.full_like(parts, rest / max(len(parts), 1))
    return rest * size / size.sum()


def empty_bag(bag: Bag) -> Bag:
    """A single text without any features."""
    offsets = torch.zeros(2, dtype=torch.int64, device=bag.offsets.device)
    return Bag(bag.ids[:0], offsets, None, bag.width)


@torch.no_grad()
def top_features(module: nn.Module, head: Head, names: list[str], count: int) -> dict[str, list[Contribution]]:
    """The words that alone raise each class's score most above that of an empty text.

    For a linear model this is the word's weight, as the textbook inspects it (section 3.6).
    """
    if not names:
        raise RecipeError("this run's features have no names a person could read")
    module.eval()
    device = next(module.parameters()).device
    ids = torch.arange(len(names), dtype=torch.int32, device=device)
    alone = Bag(ids, torch.arange(len(names) + 1, device=device), None, len(names))
    added = [
        head.class_scores(module(alone.slice(at, min(at + 4096, len(names))))) for at in range(0, len(names), 4096)
    ]
    weights = torch.cat(added) - head.class_scores(module(empty_bag(alone)))  # (features, classes)
    found = {}
    for index, label in enumerate(head.classes):
        column = weights[:, index]
        best = torch.argsort(column, descending=True, stable=True)[:count].tolist()
        found[label] = [Contribution(names[i], float(column[i])) for i in best if float(column[i]) > 0]
    return found
