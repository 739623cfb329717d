"""What each token added to a score, and the most telling words of each class."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.errors import RecipeError
from zoo_core.features import Bag
from zoo_core.head import Head

MISSED = 0.5  # share of the score that the sum of steps may miss
SLACK = 0.01  # and of the parts, which may cancel out
TINY = 1e-4
STEPS = 64  # of the integral; a linear model needs one, and gets the same from many


@frozen
class Contribution:
    """What one feature of a text added to the score of the class predicted."""

    token: str
    value: float


@frozen
class Explanation:
    """`base` (the score of an empty text) plus every contribution is `score`, the score of `label`."""

    label: str
    score: float
    base: float
    contributions: tuple[Contribution, ...]


def contributions(module: nn.Module, bag: Bag, head: Head, names: list[str]) -> Explanation:
    """Integrated gradients (Sundararajan et al. 2017) along a text's feature weights, from none to all.

    Exact for a model whose score is linear in them; elsewhere a midpoint sum, and what it misses is shared
    out in proportion, so that the parts always sum to the score. RecipeError where it misses much: for a model of
    means, whose score is the same however small the weights are.
    """
    module.eval()
    values = bag.values()
    with torch.no_grad():
        scores = head.by_class(module(bag))  # (1, classes)
        index = int(head.labels(module(bag))[0])
        base = float(head.by_class(module(empty(bag)))[0, index])
    score = float(scores[0, index])
    total = torch.zeros_like(values)
    for step in range(STEPS):
        scaled = (values * ((step + 0.5) / STEPS)).detach().requires_grad_()
        along = head.by_class(module(Bag(bag.ids, bag.offsets, scaled, bag.width)))[0, index]
        total += torch.autograd.grad(along, scaled)[0]
    parts = (values * total / STEPS).double()
    rest = score - base - float(parts.sum())
    if abs(rest) > MISSED * abs(score - base) + SLACK * float(parts.abs().sum()) + TINY:
        raise RecipeError("this model's score cannot be shared out among words: it does not grow with their weights")
    parts = parts + _shared(parts, rest)
    tokens = [names[i] for i in bag.ids.tolist()]
    found = sorted(zip(tokens, parts.tolist(), strict=True), key=lambda pair: (-abs(pair[1]), pair[0]))
    return Explanation(head.classes[index], score, base, tuple(Contribution(*pair) for pair in found))


def _shared(parts: Tensor, rest: float) -> Tensor:
    size = parts.abs()
    if not len(parts) or float(size.sum()) == 0:
        return torch.full_like(parts, rest / max(len(parts), 1))
    return rest * size / size.sum()


def empty(bag: Bag) -> Bag:
    """A single text without any features."""
    offsets = torch.zeros(2, dtype=torch.int64, device=bag.offsets.device)
    return Bag(bag.ids[:0], offsets, None, bag.width)


@torch.no_grad()
def telling(module: nn.Module, head: Head, names: list[str], most: int) -> dict[str, list[Contribution]]:
    """The words that alone raise each class's score most above that of an empty text.

    For a linear model this is the word's weight, as the textbook inspects it (section 3.6).
    """
    if not names:
        raise RecipeError("this run's features have no names a person could read")
    module.eval()
    device = next(module.parameters()).device
    ids = torch.arange(len(names), dtype=torch.int32, device=device)
    alone = Bag(ids, torch.arange(len(names) + 1, device=device), None, len(names))
    added = [head.by_class(module(alone.slice(at, min(at + 4096, len(names))))) for at in range(0, len(names), 4096)]
    weights = torch.cat(added) - head.by_class(module(empty(alone)))  # (features, classes)
    found = {}
    for index, label in enumerate(head.classes):
        column = weights[:, index]
        best = torch.argsort(column, descending=True, stable=True)[:most].tolist()
        found[label] = [Contribution(names[i], float(column[i])) for i in best if float(column[i]) > 0]
    return found
