"""Weights of naive Bayes beside those of a trained linear model."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor
from torch.nn import functional

from zoo_core.components.head import Head
from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import BagLinear, bag_sum
from zoo_core.features.batches import EncodedSplit
from zoo_ngrams.stacking import stack_scores

CHUNK_ROWS = 1 << 13  # to bound memory
MAX_ROWS = 5000  # of the validation split: enough for two factors
ALPHAS = (0.03, 0.1, 0.3, 1.0)


def add_naive_bayes(
    module: BagLinear, train: EncodedSplit, val: EncodedSplit, head: Head, weights: Tensor | None = None
) -> None:
    """Replace the weights W by a·W + b·R, and the bias β by a·β + c·π.

    R are the weights of complement naive Bayes, π the logarithms of the frequencies of the classes in train. The
    factors a, b, c ≥ 0 and the smoothing of R have the lowest cross-entropy on the validation split: where features say
    nothing, the most frequent class remains. A feature with a weight below 0, as a number that is scaled, is not a
    count: its R are 0. Changes nothing if the scores of the head's loss are not logits.
    Of several labels a text, each one has factors of its own: having it and not having it are two classes.
    `weights` `(classes,)` weigh the rows of a class, or those that have a label, in both splits.
    """
    if head.link not in ("softmax", "sigmoid"):
        return
    classes = len(head.classes)
    rows = evenly_spaced(len(val), MAX_ROWS).to(val.targets.device)  # of all classes, also if rows are sorted by class
    features, targets = as_bag(val).take(rows), as_probabilities(val.targets[rows], classes).double()
    scores = module(features).double()
    if head.targets == "multi-label":
        _add_by_label(module, train, features, scores, targets, weights)
        return
    (sums, is_count), prior = class_sums(train, classes), class_frequencies(train, classes)
    if weights is not None:
        sums, prior, targets = sums * weights, prior * weights, targets * weights
    found = _fit(features, head.class_scores(scores), targets, sums, is_count, prior)
    _add(module, found.of_one_output() if head.outputs == 1 else found)


def _add_by_label(
    module: BagLinear,
    train: EncodedSplit,
    features: Bag,
    scores: Tensor,
    targets: Tensor,
    positive_weights: Tensor | None,
) -> None:
    """Add those of each label, one after the other; `scores` and `targets` of the validation rows are float64."""
    every = torch.cat([train.targets, torch.ones_like(train.targets[:, :1])], dim=1)
    sums, is_count = class_sums(EncodedSplit(train.features, every), every.shape[1])
    counts = every.sum(dim=0)
    ones = torch.ones_like(counts[:-1])
    both = torch.stack([ones, ones if positive_weights is None else positive_weights], dim=1)  # (classes, 2)
    for label, (score, target) in enumerate(zip(scores.unbind(1), targets.unbind(1), strict=True)):
        own, pair = torch.stack([-score, score], dim=1), torch.stack([1 - target, target], dim=1)
        with_label = torch.stack([sums[:, -1] - sums[:, label], sums[:, label]], dim=1)
        prior = torch.stack([counts[-1] - counts[label], counts[label]])
        weight = both[label]
        found = _fit(features, own, pair * weight, with_label.clamp(min=0) * weight, is_count, prior * weight)
        _add(module, found.of_one_output(), slice(label, label + 1))


@frozen(eq=False)
class _Added:
    """The factor of the trained weights, and what is added to weights and bias: `(features, outputs)`, `(outputs,)`."""

    own_factor: Tensor
    weights: Tensor
    prior: Tensor

    def of_one_output(self) -> _Added:
        """Those of one output s, which stands for the scores -s and s of two classes."""
        weights, prior = self.weights, self.prior
        return _Added(self.own_factor, (weights[:, 1:] - weights[:, :1]) / 2, (prior[1:] - prior[:1]) / 2)


def _add(module: BagLinear, added: _Added, columns: slice = slice(None)) -> None:
    module.weight[:, columns].mul_(added.own_factor).add_(added.weights)
    if module.bias is not None:
        module.bias[columns].mul_(added.own_factor).add_(added.prior)


def _fit(features: Bag, own: Tensor, targets: Tensor, sums: Tensor, is_count: Tensor, frequencies: Tensor) -> _Added:
    """What is best over validation rows, from their own scores and targets `(rows, classes)`, float64."""
    prior = centered(frequencies.log1p())
    fits = []
    for alpha in ALPHAS:
        weights = complement_weights(sums, alpha) * is_count
        kinds = torch.stack([own, bag_sum(features, weights).double(), prior.double().expand_as(own)])
        sizes = kinds.std(dim=(1, 2)).clamp(min=1e-6)  # to make all scores of similar size
        sizes[0] = 1
        factors, loss = stack_scores(kinds / sizes[:, None, None], targets)
        fits.append((loss, alpha, factors / sizes))
    _, alpha, factors = min(fits, key=lambda fit: fit[:2])
    own_factor, factor, prior_factor = factors.float()
    weights = complement_weights(sums, alpha) * is_count
    return _Added(own_factor, weights * factor, prior * prior_factor)


def evenly_spaced(rows: int, most: int) -> Tensor:
    """At most so many of the row numbers, in order and evenly spaced: int64."""
    count = min(rows, most)
    return torch.arange(count) * rows // max(count, 1)


def as_bag(split: EncodedSplit) -> Bag:
    """The features of a split, which the model accepts as a bag only."""
    if not isinstance(split.features, Bag):
        raise TypeError(f"naive Bayes needs a bag of features, not {split.features.layout}")
    return split.features


def as_probabilities(targets: Tensor, classes: int) -> Tensor:
    """Targets `(rows,)` int64 or `(rows, classes)` as probabilities, float32 `(rows, classes)`."""
    return (functional.one_hot(targets, classes) if targets.ndim == 1 else targets).float()


def class_frequencies(split: EncodedSplit, classes: int) -> Tensor:
    """The number of rows of each class, or the sum of their probabilities: float32 `(classes,)`."""
    targets = split.targets
    return (torch.bincount(targets, minlength=classes) if targets.ndim == 1 else targets.sum(dim=0)).float()


def class_sums(split: EncodedSplit, classes: int) -> tuple[Tensor, Tensor]:
    """The sum of the weights of each feature over the rows of each class, and which features are counts.

    Sums are float32 `(features, classes)`. A feature that has a weight below 0 in a row, as a scaled number, is not a
    count: its sums are 0. Counts are 1 and others 0, float32 `(features, 1)`."""
    bag = as_bag(split)
    sums = torch.zeros(classes, bag.width, device=split.targets.device)
    is_count = torch.ones(bag.width, 1, device=split.targets.device)
    for start in range(0, len(split), CHUNK_ROWS):
        rows = bag.slice(start, min(start + CHUNK_ROWS, len(split)))
        targets = as_probabilities(split.targets[start : start + len(rows)], classes)
        lengths, ids, values = rows.lengths(), rows.ids, rows.weights_or_ones()
        for total, column in zip(sums, targets.unbind(1), strict=True):
            total.index_add_(0, ids, values * column.repeat_interleave(lengths, output_size=len(ids)))
        is_count[ids[values < 0].long()] = 0
    return sums.T.contiguous() * is_count, is_count


def complement_weights(sums: Tensor, alpha: float) -> Tensor:
    """-log((α + the sum of a feature over all other classes) / the sum of these), less its mean over the classes.

    For sums `(features, classes)`, float32 `(features, classes)`. Source: Rennie et al. 2003."""
    others = sums.sum(dim=1, keepdim=True) - sums + alpha
    weights = others.sum(dim=0).log() - others.log()
    return centered(weights)


def centered(scores: Tensor) -> Tensor:
    """Scores `(…, classes)` less their mean over the classes, which changes no probability."""
    return scores - scores.mean(dim=-1, keepdim=True)
