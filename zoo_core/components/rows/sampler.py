"""The contract of samplers. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zoo_core.components.component import ANY_TARGETS, Component, TargetType

if TYPE_CHECKING:
    import torch


class Sampler(Component):
    """The order, and the repetition, of the training rows in an epoch.

    Attributes:
        each_row_once: `True` if an epoch has every row, and none twice.
        shuffles: `True` if epochs differ; sequences of similar length are then put in the same batch.
        balances_classes: `True` if an epoch has as many rows of a rare class as of a frequent one.
        targets: The types of targets that it supports.
    """

    required_methods = ("order",)
    each_row_once: ClassVar[bool] = True
    shuffles: ClassVar[bool] = True
    balances_classes: ClassVar[bool] = False
    targets: ClassVar[tuple[TargetType, ...]] = ANY_TARGETS

    def num_rows(self, classes: torch.Tensor) -> int:
        """The rows of an epoch, at least 1, the same in all epochs; as many as there are by default.

        Called before training: the steps of an epoch, and so the scheduler, follow from it."""
        return len(classes)

    def order(self, classes: torch.Tensor, *, epoch: int, generator: torch.Generator) -> torch.Tensor:
        """The training rows in the order of an epoch, int64 `(num_rows,)`, on the CPU; a row may be repeated.

        `classes` are the class indices of all training rows, int64 `(rows,)`, of probabilities the most probable class;
        of multi-label targets a matrix `(rows, classes)` bool of the labels of each row.
        Epochs count from 1. `generator` is a generator on the CPU for this epoch, seeded by the training seed: draw
        from it alone, and keep no state, so that a resumed training has the same batches. Called in each epoch, in the
        thread that trains, and once after training unless it declares `each_row_once`: `Model.finish` is told how often
        a row of each class was drawn."""
        raise NotImplementedError
