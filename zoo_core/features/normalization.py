"""Normalization of texts, whole columns at a time, in native code on all cores."""

from __future__ import annotations

from typing import Literal

import polars as pl

__all__ = ["Style", "normalize"]
Style = Literal["book", "unicode", "none"]
VERSIONS: dict[Style, int] = {"book": 1, "unicode": 2, "none": 1}  # one more if a style reads a text in another way

# Unseen inside words: soft hyphens, joiners, variation selectors, direction marks. A zero-width space separates words.
INVISIBLE = r"[\p{Default_Ignorable_Code_Point}--\x{200B}]+"
APOSTROPHES = "[’‘‛ʼ´]"  # before NFKC, which makes a space and a combining accent of ´
LONE_MARKS = r"(^|[^\p{L}\p{M}\p{N}])\p{M}+"


def normalize(texts: pl.Series, style: Style) -> pl.Series:
    """Normalize texts in one of three styles, each text by itself.

    - "book": lower case; a space on both sides of each of `. , ! ?`; every other run of characters that
      are not a to z becomes one space (Rao & McMahan, section 3.6).
    - "unicode": the same for every script: NFKC, lower case; letters, marks and digits of any script are kept, and
      apostrophes inside words; a space on both sides of each symbol (emoji, currency, sign). Characters that are not
      seen, such as soft hyphens, joiners and variation selectors, are removed, so that they split no word.
    - "none": unchanged.

    >>> normalize(pl.Series(["Très GOOD food,isn't it?"]), "book").to_list()
    ['tr s good food , isn t it ? ']
    >>> normalize(pl.Series(["Très GOOD food,isn't it?"]), "unicode").to_list()
    ["très good food , isn't it ? "]
    >>> normalize(pl.Series(["So good😍😍 for 3€"]), "unicode").to_list()
    ['so good 😍 😍 for 3 € ']
    >>> normalize(pl.Series(["I ❤️ 'auto\u00admobiles', don’t I?"]), "unicode").to_list()
    ["i ❤ automobiles , don't i ? "]
    """
    if style == "none":
        return texts
    return _book(texts) if style == "book" else _unicode(texts)


def _book(texts: pl.Series) -> pl.Series:
    lower = texts.str.to_lowercase().str.replace_all(r"([.,!?])", " $1 ")
    return lower.str.replace_all("[^a-z.,!?]{2,}|[^a-z.,!? ]", " ")  # single spaces, the most frequent, stay


def _unicode(texts: pl.Series) -> pl.Series:
    is_other = texts.str.len_bytes() != texts.str.len_chars()
    if is_other.any():  # the rest is ASCII, which this does not change
        texts = texts.clone().scatter(is_other.arg_true(), _plain(texts.filter(is_other)))
    spaced = texts.str.to_lowercase().str.replace_all(r"([.,!?。，！？]|\p{S})", " $1 ")
    kept = r"\p{L}\p{M}\p{N}\p{S}.,!?。，！？"
    return spaced.str.replace_all(f"[^{kept}]{{2,}}|[^{kept}' ]|^'|'$", " ")  # keeps ' between two other characters


def _plain(texts: pl.Series) -> pl.Series:
    """The same texts with one spelling of what looks the same, and without what is not seen."""
    visible = texts.str.replace_all(INVISIBLE, "").str.replace_all(APOSTROPHES, "'")
    return visible.str.normalize("NFKC").str.replace_all(LONE_MARKS, "$1")
