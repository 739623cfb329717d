"""Normalization of texts, whole columns at a time, in native code on all cores."""

from __future__ import annotations

from typing import Literal

import polars as pl

Style = Literal["book", "unicode", "none"]


def normalize(texts: pl.Series, style: Style) -> pl.Series:
    """Normalize texts in one of three styles, each text by itself.

    - "book": lower case; a space on both sides of each of `. , ! ?`; every other run of characters that
      are not a to z becomes one space (Rao & McMahan, section 3.6).
    - "unicode": the same for every script: NFKC, lower case; letters, marks and digits of any script are kept; a
      space on both sides of each symbol (emoji, currency, sign).
    - "none": unchanged.

    >>> normalize(pl.Series(["Très GOOD food,isn't it?"]), "book").to_list()
    ['tr s good food , isn t it ? ']
    >>> normalize(pl.Series(["Très GOOD food,isn't it?"]), "unicode").to_list()
    ["très good food , isn't it ? "]
    >>> normalize(pl.Series(["So good😍😍 for 3€"]), "unicode").to_list()
    ['so good 😍 😍 for 3 € ']
    """
    if style == "none":
        return texts
    return _book(texts) if style == "book" else _unicode(texts)


def _book(texts: pl.Series) -> pl.Series:
    lower = texts.str.to_lowercase().str.replace_all(r"([.,!?])", " $1 ")
    return _replace_others(lower, "a-z.,!?")


def _unicode(texts: pl.Series) -> pl.Series:
    if not (texts.str.len_bytes() == texts.str.len_chars()).all():  # NFKC does not change ASCII
        texts = texts.str.normalize("NFKC").str.replace_all("’", "'", literal=True)
    lower = texts.str.to_lowercase()
    spaced = lower.str.replace_all(r"([.,!?。，！？]|\p{S})", " $1 ")
    return _replace_others(spaced, r"\p{L}\p{M}\p{N}\p{S}.,!?。，！？'")


def _replace_others(texts: pl.Series, kept: str) -> pl.Series:
    """Replace every run of characters that are not `kept` by one space; single spaces, the most frequent, stay."""
    return texts.str.replace_all(f"[^{kept}]{{2,}}|[^{kept} ]", " ")
