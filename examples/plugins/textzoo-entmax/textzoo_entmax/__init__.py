"""Activation with probabilities of exactly 0, and its loss, from the package entmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen
from zoo_core import Activation, Loss, hookimpl, setting

if TYPE_CHECKING:
    from torch import Tensor, nn


@frozen
class Entmax(Activation):
    """argmax over probabilities p of p·x + H(p), with Tsallis' entropy H: sparse softmax.

    The α of the entropy is 2 for sparsemax and 1.5 for entmax15; softmax has 1.

    Source: Martins & Astudillo 2016, "From Softmax to Sparsemax"; Peters et al. 2019, "Sparse Sequence-to-Sequence
    Models"."""

    name = "entmax"
    acts = "rowwise"
    range = (0.0, 1.0)
    is_probability = True
    mapping: Literal["sparsemax", "entmax15"] = setting("entmax15", "the mapping: α is 2 or 1.5")

    def build(self) -> nn.Module:
        import entmax

        module: nn.Module = {"sparsemax": entmax.Sparsemax, "entmax15": entmax.Entmax15}[self.mapping](dim=-1)
        return module


@frozen
class EntmaxLoss(Loss):
    """(p - y)·x + Ω(y) - Ω(p), with p the mapping of x and Ω its negative entropy; 0 if p is y.

    Source: Blondel et al. 2020, "Learning with Fenchel-Young Losses"."""

    name = "entmax-loss"
    expects = "logits"
    link = "none"  # a head has no link for the mapping
    mapping: Literal["sparsemax", "entmax15"] = setting("entmax15", "the mapping that it is the loss of")

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from textzoo_entmax.modules import FenchelYoung

        return FenchelYoung(self.mapping, class_weights)


@hookimpl
def zoo_activations() -> list[type[Activation]]:
    return [Entmax]


@hookimpl
def zoo_losses() -> list[type[Loss]]:
    return [EntmaxLoss]
