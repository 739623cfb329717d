"""An activation and its loss whose probabilities can be exactly 0, of the package entmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen
from zoo_core import Activation, Loss, hookimpl, setting

if TYPE_CHECKING:
    from torch import Tensor, nn


@frozen
class Entmax(Activation):
    """argmax over probabilities p of p·x + H(p), H being Tsallis' entropy: rows of probabilities, some of them 0.

    Its α is 2 in sparsemax and 1.5 in entmax15, between that and softmax.

    Source: Martins & Astudillo 2016, "From Softmax to Sparsemax"; Peters et al. 2019, "Sparse Sequence-to-Sequence
    Models"."""

    name = "entmax"
    acts = "rowwise"
    range = (0.0, 1.0)
    is_probability = True
    mapping: Literal["sparsemax", "entmax15"] = setting("entmax15", "which of the two")

    def build(self) -> nn.Module:
        import entmax

        made: nn.Module = {"sparsemax": entmax.Sparsemax, "entmax15": entmax.Entmax15}[self.mapping](dim=-1)
        return made


@frozen
class EntmaxLoss(Loss):
    """(p - y)·x + Ω(y) - Ω(p), with p the mapping's answer to x and Ω its entropy, turned round: 0 once p is y.

    Source: Blondel et al. 2020, "Learning with Fenchel-Young Losses"."""

    name = "entmax-loss"
    expects = "logits"
    link = "none"  # its probabilities are the mapping's, which no link of a head is
    mapping: Literal["sparsemax", "entmax15"] = setting("entmax15", "whose loss it is")

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from textzoo_entmax.modules import FenchelYoung

        return FenchelYoung(self.mapping, class_weights)


@hookimpl
def zoo_activations() -> list[type[Activation]]:
    return [Entmax]


@hookimpl
def zoo_losses() -> list[type[Loss]]:
    return [EntmaxLoss]
