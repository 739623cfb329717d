"""Torch modules of the embeddings: ids `(batch, length)` → vectors `(batch, length, dimensions)`."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import torch
from torch import Tensor, nn
from torch.nn import functional


def random_table(num_ids: int, dimensions: int, scale: float = 1.0) -> nn.Embedding:
    """A table of vectors with normal random values of this standard deviation, and 0 for padding."""
    table = nn.Embedding(num_ids, dimensions, padding_idx=0)
    if scale != 1:
        with torch.no_grad():
            table.weight.mul_(scale)
    return table


class HashedVectors(nn.Module):
    """Weighted sums of the vectors of a token's buckets.

    The buckets follow from the tokens, so that they are not stored.
    """

    buckets: Tensor  # (ids, hashes)

    def __init__(self, tokens: Sequence[str], dimensions: int, buckets: int, hashes: int, scale: float) -> None:
        super().__init__()
        self.vectors = nn.Embedding(buckets, dimensions)
        with torch.no_grad():
            self.vectors.weight.mul_(scale)
        self.importance = nn.Embedding(len(tokens), hashes, padding_idx=0)
        self.register_buffer("buckets", _bucket_indices(tokens, buckets, hashes), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        shared = self.vectors(self.buckets[ids])  # (batch, length, hashes, dimensions)
        weights: Tensor = self.importance(ids)  # (batch, length, hashes)
        return torch.einsum("blh,blhd->bld", weights, shared)


def _bucket_indices(tokens: Sequence[str], buckets: int, hashes: int) -> Tensor:
    """The buckets of each token `(tokens, hashes)` int64, the same on every machine."""
    size = 8 * hashes
    digests = b"".join(blake2b(token.encode("utf-8", "surrogatepass"), digest_size=size).digest() for token in tokens)
    numbers = torch.frombuffer(bytearray(digests), dtype=torch.int64)
    return (numbers.view(len(tokens), hashes) % buckets).contiguous()


class OneHotVectors(nn.Module):
    """The vector of the id i has a 1 at i - 1; that of padding is 0."""

    one: Tensor

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.register_buffer("one", torch.ones(()), persistent=False)  # has the type of the vectors

    def forward(self, ids: Tensor) -> Tensor:
        vectors = functional.one_hot(ids, self.dimensions + 1)[..., 1:]
        return vectors.to(self.one)
