"""From counts to weights: what encoders with a weighting do with their Bag of counts."""

from __future__ import annotations

from typing import Any

import torch
from attrs import evolve, frozen
from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.features.bag import Bag

CHUNK_ROWS = 1 << 12  # weighed together


@frozen(eq=False)
class FittedWeighting:
    """A weighting with what it learned: `scale` `(width,)` float32 or None, and whether rows get length 1."""

    weighting: Weighting
    scale: Tensor | None
    norm: str

    def __call__(self, counts: Bag) -> Bag:
        """The same Bag with weights in place of its counts, kept as their factors; None where all are 1."""
        given = None
        norms = None if self.norm == "none" else torch.empty(len(counts))
        for start in range(0, len(counts), CHUNK_ROWS):  # by pieces, so that memory is bounded
            piece = counts.slice(start, min(start + CHUNK_ROWS, len(counts)))
            own = self.weighting.local_weights(piece.weights_or_ones())
            if given is None and not bool((own == 1).all()):
                given = torch.ones(len(counts.raw_ids), dtype=torch.uint8)
            if given is not None:
                if given.dtype == torch.uint8 and not torch.equal(own.to(torch.uint8).to(own.dtype), own):
                    given = given.float()
                first = int(counts.offsets[start])
                given[first : first + len(own)] = own
            if norms is not None:
                norms[start : start + len(piece)] = self._lengths(piece, own)
        return evolve(counts, weights=given, scale=self.scale, norms=norms)

    def _lengths(self, counts: Bag, own: Tensor) -> Tensor:
        """The length of each row `(rows,)`, 1 for one that weighs nothing, so that neither it nor a gradient is NaN."""
        weights = own if self.scale is None else own * self.scale[counts.ids]
        squares = torch.segment_reduce(weights.square(), "sum", offsets=counts.offsets, unsafe=True, initial=0)
        return squares.sqrt().masked_fill(squares == 0, 1)

    def state(self) -> dict[str, Any]:
        return {"scaled": int(self.scale is not None), **({} if self.scale is None else {"scale": self.scale})}


def fit_weighting(weighting: Weighting, norm: str, counts: Bag, labels: Tensor) -> FittedWeighting:
    """The weigher of a training split's counts."""
    return FittedWeighting(weighting, weighting.global_weights(counts, labels), norm)


def restore_weighting(weighting: Weighting, norm: str, state: dict[str, Any], width: int) -> FittedWeighting:
    """From a state that may say anything; ValueError where it cannot be."""
    scale = state.get("scale")
    if state.get("scaled") != int(scale is not None):
        raise ValueError("the scale does not agree with scaled")
    if scale is not None:
        if not isinstance(scale, Tensor) or scale.dtype != torch.float32 or scale.shape != (width,):
            raise ValueError(f"scale must be float32 ({width},)")
        if not torch.isfinite(scale).all():
            raise ValueError("scale holds NaN or infinity")
    return FittedWeighting(weighting, scale, norm)
