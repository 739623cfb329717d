"""Embeddings: learned, hashed, one-hot, and pretrained. Their torch modules are in `modules.embeddings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from attrs import frozen

from zoo_core import Embedding, StartReport, setting
from zoo_core.components.validators import Bounds, at_least_one, positive
from zoo_core.errors import RecipeError

if TYPE_CHECKING:
    from torch import nn

    from zoo_core.features.batches import EncodedSplit

MAX_ONE_HOT = 5000  # ids; a text of 300 tokens then takes 6 MB


@frozen
class Learned(Embedding):
    """A vector for each token, drawn from a normal distribution and learned with the model.

    Small first values generalize better than those of torch and the textbook, whose `scale` is 1: a rare token then has
    little effect.

    Source: Bengio et al. 2003, "A Neural Probabilistic Language Model"; Rao & McMahan, section 5.1."""

    name = "learned"
    dimensions: int = setting(100, "dimensions of a vector", at_least_one)
    scale: float = setting(0.1, "standard deviation of the first values", positive)

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
    scale: float = setting(0.1, "standard deviation of the first values of shared vectors", positive)

    def vector_size(self, num_features: int) -> int:
        return self.dimensions

    def build(self, *, num_features: int, feature_names: Sequence[str] = ()) -> nn.Module:
        from zoo_sequences.modules.embeddings import HashedVectors

        names = feature_names if len(feature_names) else [str(id) for id in range(num_features)]
        return HashedVectors(names, self.dimensions, self.buckets, self.hashes, self.scale)


@frozen
class OneHot(Embedding):
    """A vector of 0 with a 1 at the place of the token, and nothing to learn: for few tokens, as characters.

    Source: Rao & McMahan, section 4.4 (the characters of surnames)."""

    name = "one-hot"

    def vector_size(self, num_features: int) -> int:
        return max(num_features - 1, 1)

    def build(self, *, num_features: int) -> nn.Module:
        from zoo_sequences.modules.embeddings import OneHotVectors

        if num_features > MAX_ONE_HOT:
            message = f"embedding one-hot takes at most {MAX_ONE_HOT:,} tokens, not {num_features:,}"
            raise RecipeError(message, hint="use the embedding learned or hashed")
        return OneHotVectors(self.vector_size(num_features))


@frozen
class Pretrained(Embedding):
    """Vectors of a file for the tokens that it has, and random ones, with the same spread, for the others.

    The file is read once, before the first epoch: text files of GloVe, word2vec and fastText (a word and its numbers a
    line, with or without a first line of two numbers), compressed with gzip, bzip2 or zstd or not; or safetensors (a
    matrix, with its words as a JSON list in the metadata `words`, or one a line in a text file of the same name). A
    token is looked up as it is, then in lower case. How many tokens have a vector is reported, with the SHA-256 of the
    file. The run has the vectors of its own tokens, and needs the file no more.

    Source: Kim 2014, section 3 (static and non-static vectors); Pennington et al. 2014, "GloVe"; Rao & McMahan, section
    5.3."""

    name = "vectors"
    file: str = setting("", "the file of vectors", is_file=True)
    dimensions: int = setting(100, "numbers of a vector, as the file has them", at_least_one)
    tuned: bool = setting(True, "whether the vectors are trained with the model, or stay as they are")

    def vector_size(self, num_features: int) -> int:
        return self.dimensions

    def build(self, *, num_features: int) -> nn.Module:
        from zoo_sequences.modules.embeddings import random_table

        table = random_table(num_features, self.dimensions)
        table.weight.requires_grad_(self.tuned)
        return table

    def start(self, module: nn.Module, *, train: EncodedSplit, feature_names: Sequence[str]) -> StartReport:
        from zoo_sequences.pretrained.start import load_vectors

        return load_vectors(cast("nn.Embedding", module), self.file, train, feature_names)
