"""The vectors of a file put into the table of an embedding, and how many tokens have one."""

from __future__ import annotations

from collections.abc import Sequence as List

import numpy
import torch
from torch import nn

from zoo_core import DataError, StartReport
from zoo_core.data.settings.files import locate_file
from zoo_core.errors import RecipeError
from zoo_core.features.batches import EncodedSplit
from zoo_core.features.layouts import Sequence
from zoo_sequences.pretrained.files import read_vectors


def load_vectors(table: nn.Embedding, file: str, train: EncodedSplit, feature_names: List[str]) -> StartReport:
    """Set the vectors of the tokens that a file has; the others keep their random ones, with the spread of the file's.

    Raises DataError if the file has no token of the training texts, or is wrong in itself.
    """
    tokens = list(feature_names)[1:]  # the first is padding
    if not tokens:
        hint = "use a vectorizer with readable tokens, as token-ids"
        raise RecipeError("embedding vectors needs features with names", hint=hint)
    needed = {*tokens, *(token.lower() for token in tokens)}
    read = read_vectors(locate_file(file), needed, table.embedding_dim)
    rows = [read.vectors.get(token, read.vectors.get(token.lower())) for token in tokens]
    ids = torch.tensor([id for id, row in enumerate(rows, start=1) if row is not None], dtype=torch.int64)
    if not len(ids):
        hint = "are they of the same language, and tokens words?"
        raise DataError(f"the file has no vector of any of {len(tokens):,} tokens", where=file, hint=hint)
    found = torch.from_numpy(numpy.stack([row for row in rows if row is not None]))
    spread = float(found.double().std()) if found.numel() > 1 else 1.0
    table.weight.mul_(spread)
    table.weight[ids.to(table.weight.device)] = found.to(table.weight)
    if not table.weight.isfinite().all():
        raise DataError(
            f"the numbers of the vectors are too large: their standard deviation is {spread:.3g}", where=file
        )
    counts = _token_counts(train, table.num_embeddings)
    return {
        "vectors": file,
        "tokens": len(tokens),
        "tokens with a vector": len(ids),
        "share of tokens": len(ids) / len(tokens),
        "share of the training texts": float(counts[ids].sum() / counts.sum().clamp(min=1)),
        "sha256": read.sha256,
    }


def _token_counts(train: EncodedSplit, num_ids: int) -> torch.Tensor:
    """How often each id is in the training texts `(ids,)`."""
    if not isinstance(train.features, Sequence):
        return torch.ones(num_ids)
    return torch.bincount(train.features.ids.cpu().long(), minlength=num_ids).float()
