"""Texts split into extended grapheme clusters."""

from __future__ import annotations

import polars as pl
import regex

CLUSTER = regex.compile(r"\X")
JOINED = r"[^\x00-\x7F]|\r\n"  # of other characters each is a cluster


def split_graphemes(texts: pl.Series) -> pl.Series:
    """Texts → the grapheme clusters of each; joined, they are the text. ASCII texts are split in native code."""
    is_joined = texts.str.contains(JOINED)
    if not is_joined.any():
        return texts.str.split("")
    rows = is_joined.arg_true()
    clusters = [CLUSTER.findall(text) for text in texts.gather(rows).to_list()]
    split = pl.DataFrame({"row": rows, "clusters": pl.Series(clusters, dtype=pl.List(pl.String))})
    simple = (~is_joined).arg_true()
    others = pl.DataFrame({"row": simple, "clusters": texts.gather(simple).str.split("")})
    return pl.concat([split, others]).sort("row")["clusters"]
