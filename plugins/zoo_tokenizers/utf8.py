"""Texts split into the bytes of UTF-8."""

from __future__ import annotations

import polars as pl


def split_bytes(texts: pl.Series) -> pl.Series:
    """Texts → their bytes in UTF-8, each as two hexadecimal digits, in native code."""
    return texts.cast(pl.Binary).bin.encode("hex").str.extract_all("..")
