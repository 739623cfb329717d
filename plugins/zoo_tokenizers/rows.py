"""Columns of which some texts are split in another way than the others."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Split = Callable[[pl.Series], pl.Series]  # texts → lists of tokens


def split_apart(texts: pl.Series, is_special: pl.Series, *, special: Split, usual: Split) -> pl.Series:
    """Split the special texts, a column of booleans, by one function and all others by another; in order."""
    if not is_special.any():
        return usual(texts)
    parts = [(is_special.arg_true(), special), ((~is_special).arg_true(), usual)]
    frames = [pl.DataFrame({"row": rows, "tokens": split(texts.gather(rows))}) for rows, split in parts]
    return pl.concat(frames).sort("row")["tokens"]
