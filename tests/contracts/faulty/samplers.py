"""Faulty samplers."""

from __future__ import annotations

import numpy as np
import torch

from tests.contracts.faulty import faulty
from zoo_textbook.rows.samplers import Balanced, Sequential, Shuffled

ORDERS: dict[int, torch.Tensor] = {}


def of(rule, base=Shuffled, **members):
    """A sampler of `rule(classes, epoch, generator)`."""

    def order(self, classes, *, epoch, generator):
        return rule(classes, epoch, generator)

    return faulty(base, order=order, **{"targets": ("single-label",), **members})


def shuffled(classes, epoch, generator):
    return torch.randperm(len(classes), generator=generator)


def with_replacement(classes, epoch, generator):
    return torch.randint(len(classes), (len(classes),), generator=generator)


def once_and_kept(classes, epoch, generator):
    """Shuffles the order of the epoch before, which a resumed training does not have."""
    before = ORDERS.get(len(classes), torch.arange(len(classes)))
    ORDERS[len(classes)] = before[torch.randperm(len(classes), generator=generator)]
    return ORDERS[len(classes)]


def weighted(classes, epoch, generator):
    """torch's WeightedRandomSampler, with the weight 1 / size of each class."""
    weights = 1 / classes.bincount().clamp(min=1).double()[classes]
    return torch.multinomial(weights, len(classes), replacement=True, generator=generator)


def by_size_of_all_classes(classes, epoch, generator):
    """The same number of rows of each class up to the highest, also of one without rows."""
    share = len(classes) // (int(classes.max()) + 1)
    rows = [torch.nonzero(classes == number).flatten() for number in range(int(classes.max()) + 1)]
    return torch.cat([own[torch.randint(len(own), (share,), generator=generator)] for own in rows])


def sorts_in_place(classes, epoch, generator):
    order = classes.argsort(stable=True)
    classes.sort(out=(classes, torch.empty_like(classes)))
    return order


def drop_last(classes, epoch, generator):
    order = torch.randperm(len(classes), generator=generator)
    return order[: max(len(order) // 32 * 32, 1)]


SOUND = [
    of(weighted, each_row_once=False),
    of(lambda c, e, g: c.argsort(stable=True), shuffles=False),
    faulty(Balanced),
    of(shuffled),
]
FAULTS = [
    ("rows-exist", "counts rows from 1", of(lambda c, e, g: shuffled(c, e, g) + 1)),
    ("rows-exist", "gives int32", of(lambda c, e, g: shuffled(c, e, g).int())),
    ("rows-exist", "gives a list", of(lambda c, e, g: shuffled(c, e, g).tolist())),
    ("rows-exist", "gives an array of numpy", of(lambda c, e, g: np.arange(len(c)))),
    ("rows-exist", "leaves out the last batch, unannounced", of(drop_last)),
    ("rows-exist", "looks for a class without rows", of(by_size_of_all_classes, Balanced)),
    ("num-rows-is-a-number", "announces a share", faulty(Balanced, num_rows=lambda self, classes: len(classes) / 2)),
    ("num-rows-is-a-number", "announces no row", faulty(Shuffled, num_rows=lambda self, classes: len(classes) // 64)),
    (
        "num-rows-is-a-number",
        "draws the number of rows",
        faulty(Balanced, num_rows=lambda self, classes: 1 + int(torch.randint(1 << 30, ()))),
    ),
    ("each-row-once-as-declared", "draws with replacement", of(with_replacement)),
    ("each-row-once-as-declared", "weighs classes, undeclared", of(weighted)),
    (
        "each-row-once-as-declared",
        "announces and gives half of the rows",
        of(lambda c, e, g: shuffled(c, e, g)[: max(len(c) // 2, 1)], num_rows=lambda s, c: max(len(c) // 2, 1)),
    ),
    (
        "shuffles-as-declared",
        "seeds by the training alone",
        of(lambda c, e, g: shuffled(c, e, torch.Generator().manual_seed(1))),
    ),
    ("shuffles-as-declared", "sorts by class, undeclared", of(lambda c, e, g: c.argsort(stable=True))),
    ("shuffles-as-declared", "shuffles, but declares an order", of(shuffled, Sequential)),
    ("order-follows-from-the-generator", "shuffles the epoch before", of(once_and_kept)),
    ("order-follows-from-the-generator", "draws from torch's generator", of(lambda c, e, g: torch.randperm(len(c)))),
    (
        "order-follows-from-the-generator",
        "seeds by the epoch alone",
        of(lambda c, e, g: shuffled(c, e, torch.Generator().manual_seed(e))),
    ),
    ("balances-classes-as-declared", "draws all rows alike", of(shuffled, balances_classes=True)),
    ("balances-classes-as-declared", "keeps a share of the rows of each class", of(weighted, Balanced)),
    ("classes-are-unchanged", "sorts the classes in place", of(sorts_in_place, shuffles=False)),
]
