"""Embeddings that are learned from nothing. Their torch modules are in `modules.embeddings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Embedding, setting
from zoo_core.components.validators import Bounds, at_least_one, positive
from zoo_core.errors import RecipeError

if TYPE_CHECKING:
    from torch import nn

MAX_ONE_HOT = 5000  # ids; a text of 300 tokens then takes 6 MB


@frozen
class Learned(Embedding):
    """A vector for each token, drawn from a normal distribution and learned with the model.

    Source: Bengio et al. 2003, "A Neural Probabilistic Language Model"; Rao & McMahan, section 5.1."""

    name = "learned"
    dimensions: int = setting(100, "dimensions of a vector", at_least_one)
    scale: float = setting(1.0, "standard deviation of the first values", positive)

    def vector_size(self, num_features: int) -> int:
        return self.dimensions

    def build(self, *, num_features: int) -> nn.Module:
        from zoo_sequences.modules.embeddings import random_table

        return random_table(num_features, self.dimensions, self.scale)


@frozen
class Hashed(Embedding):
    """Σ pᵢ(w)·B[hᵢ(w)]: vectors of shared buckets, which hash functions choose, with a learned weight for each token.

    Tokens share few vectors, so that a large vocabulary takes little memory: `buckets` vectors, and `hashes` numbers
    for each token. The hash is that of the token, or of its id if ids have no names. With one hash it is the hashing
    trick, with a weight.

    Source: Svenstrup et al. 2017, "Hash Embeddings for Efficient Word Representations"; Weinberger et al. 2009."""

    name = "hashed"
    dimensions: int = setting(100, "dimensions of a vector", at_least_one)
    buckets: int = setting(10_000, "shared vectors", at_least_one)
    hashes: int = setting(2, "hash functions", Bounds(ge=1, le=8))

    def vector_size(self, num_features: int) -> int:
        return self.dimensions

    def build(self, *, num_features: int, feature_names: Sequence[str] = ()) -> nn.Module:
        from zoo_sequences.modules.embeddings import HashedVectors

        names = feature_names if len(feature_names) else [str(id) for id in range(num_features)]
        return HashedVectors(names, self.dimensions, self.buckets, self.hashes)


@frozen
class OneHot(Embedding):
    """A vector of 0 with a 1 at the place of the token, and nothing to learn: for few tokens, as characters.

    Source: Rao & McMahan, section 4.3 (the characters of surnames)."""

    name = "one-hot"

    def vector_size(self, num_features: int) -> int:
        return max(num_features - 1, 1)

    def build(self, *, num_features: int) -> nn.Module:
        from zoo_sequences.modules.embeddings import OneHotVectors

        if num_features > MAX_ONE_HOT:
            message = f"embedding one-hot takes at most {MAX_ONE_HOT:,} tokens, not {num_features:,}"
            raise RecipeError(message, hint="use the embedding learned or hashed")
        return OneHotVectors(self.vector_size(num_features))
