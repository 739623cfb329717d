"""Texts split into extended grapheme clusters."""

from __future__ import annotations

import polars as pl
import regex

from zoo_tokenizers.rows import split_apart

FLAG = r"\p{RI}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*"  # \X looks back at all flags before, to count them
CLUSTER = regex.compile(rf"{FLAG}|\X")
JOINED = r"[^\x00-\x7F]|\r\n"  # of other characters each is a cluster


def split_graphemes(texts: pl.Series) -> pl.Series:
    """Texts → the grapheme clusters of each; joined, they are the text. ASCII texts are split in native code."""
    return split_apart(
        texts, texts.str.contains(JOINED), special=_find_clusters, usual=lambda others: others.str.split("")
    )


def _find_clusters(texts: pl.Series) -> pl.Series:
    return pl.Series([CLUSTER.findall(text) for text in texts.to_list()], dtype=pl.List(pl.String))
