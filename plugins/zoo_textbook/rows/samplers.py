"""Samplers: the order of the training rows in an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Sampler

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@frozen
class Shuffled(Sampler):
    """Every row once, in a random order, another one in each epoch.

    Source: Rao & McMahan, section 3.6 (`DataLoader(shuffle=True)`)."""

    name = "shuffled"

    def order(self, classes: Tensor, *, epoch: int, generator: torch.Generator) -> Tensor:
        import torch

        return torch.randperm(len(classes), generator=generator)


@frozen
class Sequential(Sampler):
    """Every row once, in the order of the file: for data whose order is itself the method, as a curriculum.

    Source: torch's `SequentialSampler`."""

    name = "sequential"
    shuffles = False

    def order(self, classes: Tensor, *, epoch: int, generator: torch.Generator) -> Tensor:
        import torch

        return torch.arange(len(classes))


@frozen
class Balanced(Sampler):
    """As many rows of each class: those of a small class are repeated, of a large one others are left out each time.

    An epoch has as many rows as there are, or up to a row a class fewer. Of each class it has n = rows // classes:
    all rows ⌊n / size⌋ times, and different random ones for the rest. Classes without a row are not counted.

    Source: resampling of classes as in Japkowicz & Stephen, *The class imbalance problem* (2002)."""

    name = "balanced"
    each_row_once = False
    balances_classes = True
    targets = ("single-label",)

    def num_rows(self, classes: Tensor) -> int:
        present = int((classes.bincount() > 0).sum())
        return len(classes) // present * present

    def order(self, classes: Tensor, *, epoch: int, generator: torch.Generator) -> Tensor:
        import torch

        present = classes.unique().tolist()
        share = len(classes) // len(present)
        chosen = []
        for number in present:
            rows = torch.nonzero(classes == number).flatten()
            shuffled = rows[torch.randperm(len(rows), generator=generator)]
            chosen.append(shuffled.repeat(-(-share // len(rows)))[:share])
        order = torch.cat(chosen)
        return order[torch.randperm(len(order), generator=generator)]
