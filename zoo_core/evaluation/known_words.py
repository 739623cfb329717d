"""Texts without a known word: an encoder gives them no feature, or only those of a word that it never saw."""

from __future__ import annotations

import numpy as np
import polars as pl
import torch
from torch import Tensor

from zoo_core.components.protocols import Encoder
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.features.tokens import Tokens

# Words of private characters, without one in common
NEVER_SEEN = ("".join(map(chr, range(0xE000, 0xE003))), "".join(map(chr, range(0xF000, 0xF003))))
CHUNK_ROWS = 1 << 16  # examined at once


def unknown_rows(encoder: Encoder, features: Bag | Dense | Sequence, ids: Tensor | None = None) -> Tensor:
    """Which texts have no known word `(rows,)` bool; none of a table of numbers. `ids` are those of `unknown_ids`.

    A feature that two words without a common character share, neither of which is in any training text, stands for
    unknown words, as the index 0 of the textbook's vocabulary does. Encoders that hash words know every word.
    """
    unknown = torch.zeros(len(features), dtype=torch.bool)
    if isinstance(features, Dense):
        return unknown
    ids = unknown_ids(encoder) if ids is None else ids
    lengths = features.lengths().cpu()
    if not len(ids):
        return lengths == 0
    for start in range(0, len(features), CHUNK_ROWS):
        chunk = features.slice(start, min(start + CHUNK_ROWS, len(features)))
        is_known = torch.isin(chunk.ids.cpu(), ids, invert=True).numpy()
        counts = np.concatenate(([0], np.cumsum(is_known)))
        offsets = (chunk.row_offsets() if isinstance(chunk, Sequence) else chunk.offsets).cpu().numpy()
        unknown[start : start + len(chunk)] = torch.from_numpy(counts[offsets[1:]] == counts[offsets[:-1]])
    return unknown


def unknown_ids(encoder: Encoder) -> Tensor:
    """The features that stand for any unknown word `(ids,)` int32; empty for an encoder that rejects such a word."""
    words = pl.Series(sorted(NEVER_SEEN), dtype=pl.String)
    tokens = Tokens(np.arange(len(words), dtype=np.int32), np.arange(len(words) + 1), words)
    try:
        features = encoder.transform(tokens)
    except Exception:  # a plugin's: only its unknown words are not recognized
        return torch.zeros(0, dtype=torch.int32)
    if isinstance(features, Dense):
        return torch.zeros(0, dtype=torch.int32)
    first, second = (features.slice(row, row + 1).ids.cpu() for row in range(2))
    shared: Tensor = first[torch.isin(first, second)].unique()
    return shared
