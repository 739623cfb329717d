"""Fitted weightings: from the counts in a Bag to its weights, for encoders of bags."""

from __future__ import annotations

from typing import Any

import torch
from attrs import evolve, frozen
from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.features.bag import Bag

__all__ = ["FittedWeighting", "fit_weighting", "restore_weighting"]
CHUNK_ROWS = 1 << 12  # weighed at a time, to bound the memory


@frozen(eq=False)
class FittedWeighting:
    """A weighting with its fitted `scale` `(width,)` float32 or None; `norm` says whether rows get length 1."""

    weighting: Weighting
    scale: Tensor | None
    norm: str

    def __call__(self, counts: Bag) -> Bag:
        """The same Bag with weights instead of counts, stored as factors; None if all are 1."""
        weights = None
        norms = None if self.norm == "none" else torch.empty(len(counts))
        for start in range(0, len(counts), CHUNK_ROWS):
            rows = counts.slice(start, min(start + CHUNK_ROWS, len(counts)))
            local = self.weighting.local_weights(rows.weights_or_ones())
            if weights is None and not bool((local == 1).all()):
                weights = torch.ones(len(counts.raw_ids), dtype=torch.uint8)
            if weights is not None:
                if weights.dtype == torch.uint8 and not torch.equal(local.to(torch.uint8).to(local.dtype), local):
                    weights = weights.float()
                first = int(counts.offsets[start])
                weights[first : first + len(local)] = local
            if norms is not None:
                norms[start : start + len(rows)] = self._row_norms(rows, local)
        return evolve(counts, weights=weights, scale=self.scale, norms=norms)

    def _row_norms(self, counts: Bag, local: Tensor) -> Tensor:
        """The length of each row `(rows,)`; 1 for a row of zeros, so that neither it nor a gradient is NaN."""
        weights = local if self.scale is None else local * self.scale[counts.ids]
        squares = torch.segment_reduce(weights.square(), "sum", offsets=counts.offsets, unsafe=True, initial=0)
        return squares.sqrt().masked_fill(squares == 0, 1)

    def state(self) -> dict[str, Any]:
        return {"scaled": int(self.scale is not None), **({} if self.scale is None else {"scale": self.scale})}


def fit_weighting(weighting: Weighting, norm: str, counts: Bag, labels: Tensor) -> FittedWeighting:
    """Fit a weighting on the counts of the training split."""
    return FittedWeighting(weighting, weighting.global_weights(counts, labels), norm)


def restore_weighting(weighting: Weighting, norm: str, state: dict[str, Any], width: int) -> FittedWeighting:
    """Restore a fitted weighting from an untrusted state; ValueError if it is invalid."""
    scale = state.get("scale")
    if state.get("scaled") != int(scale is not None):
        raise ValueError("the scale does not agree with scaled")
    if scale is not None:
        if not isinstance(scale, Tensor) or scale.dtype != torch.float32 or scale.shape != (width,):
            raise ValueError(f"scale must be float32 ({width},)")
        if not torch.isfinite(scale).all():
            raise ValueError("scale has NaN or infinity")
    return FittedWeighting(weighting, scale, norm)
