"""Activations and a loss whose probabilities can be exactly 0, of the package entmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen
from zoo_core import Activation, Loss, hookimpl, setting

if TYPE_CHECKING:
    from torch import Tensor, nn


@frozen
class Sparsemax(Activation):
    """argmin over probabilities p of ‖p - x‖²: each row becomes a distribution, and small scores exactly 0.

    Source: Martins & Astudillo 2016, "From Softmax to Sparsemax"."""

    name = "sparsemax"
    acts = "rowwise"
    range = (0.0, 1.0)
    probability = True

    def build(self) -> nn.Module:
        from entmax import Sparsemax

        made: nn.Module = Sparsemax(dim=-1)
        return made


@frozen
class Entmax15(Activation):
    """argmax over probabilities p of p·x + H(p), H being Tsallis' entropy of α = 1.5: between softmax and sparsemax.

    Source: Peters et al. 2019, "Sparse Sequence-to-Sequence Models"."""

    name = "entmax15"
    acts = "rowwise"
    range = (0.0, 1.0)
    probability = True

    def build(self) -> nn.Module:
        from entmax import Entmax15

        made: nn.Module = Entmax15(dim=-1)
        return made


@frozen
class EntmaxLoss(Loss):
    """(p - y)·x + Ω(y) - Ω(p), with p the mapping's answer to x and Ω its entropy, turned round: 0 once p is y.

    Source: Blondel et al. 2020, "Learning with Fenchel-Young Losses"."""

    name = "entmax-loss"
    wants = "logits"
    link = "none"  # its probabilities are the mapping's, which no link of a head is
    mapping: Literal["sparsemax", "entmax15"] = setting("entmax15", "whose loss it is")

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from textzoo_entmax.modules import FenchelYoung

        return FenchelYoung(self.mapping, class_weights)


@hookimpl
def zoo_activations() -> list[type[Activation]]:
    return [Sparsemax, Entmax15]


@hookimpl
def zoo_losses() -> list[type[Loss]]:
    return [EntmaxLoss]
