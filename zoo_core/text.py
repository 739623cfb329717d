"""Making texts plain, whole columns at a time, in native code on every core."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

import polars as pl

T = TypeVar("T")
Style = Literal["book", "unicode", "none"]
CHUNK = 4096  # rows


def by_chunks(column: pl.Series, work: Callable[[pl.Series], T], *, chunk: int = CHUNK) -> list[T]:
    """`work` on consecutive pieces of a column, on all cores (polars lets go of the interpreter)."""
    pieces = [column.slice(start, chunk) for start in range(0, max(len(column), 1), chunk)]
    if len(pieces) == 1:
        return [work(pieces[0])]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, pieces))


def pieces(column: pl.Series) -> list[pl.Series]:
    """A column as the pieces it was read in, each of which can be let go alone; as one where they are small."""
    return column.get_chunks() if len(column) >= CHUNK * column.n_chunks() else [column]


def normalise(texts: pl.Series, style: Style) -> pl.Series:
    """Texts in one of three styles, each made from itself alone.

    - "book": lower case; a space on both sides of each of `. , ! ?`; every other run of characters that
      are not a to z becomes one space (Rao & McMahan, section 3.6).
    - "unicode": the same idea for every script: NFKC, lower case, letters, marks and digits of any script; each
      symbol (an emoji, a currency, a sign) stands alone.
    - "none": as it is.

    >>> normalise(pl.Series(["Très GOOD food,isn't it?"]), "book").to_list()
    ['tr s good food , isn t it ? ']
    >>> normalise(pl.Series(["Très GOOD food,isn't it?"]), "unicode").to_list()
    ["très good food , isn't it ? "]
    >>> normalise(pl.Series(["So good😍😍 for 3€"]), "unicode").to_list()
    ['so good 😍 😍 for 3 € ']
    """
    if style == "none":
        return texts
    return _book(texts) if style == "book" else _unicode(texts)


def _book(texts: pl.Series) -> pl.Series:
    lower = texts.str.to_lowercase().str.replace_all(r"([.,!?])", " $1 ")
    return lower.str.replace_all(r"[^a-z.,!?]+", " ")


def _unicode(texts: pl.Series) -> pl.Series:
    if not (texts.str.len_bytes() == texts.str.len_chars()).all():  # ASCII is as NFKC would have it
        texts = texts.str.normalize("NFKC").str.replace_all("’", "'", literal=True)
    lower = texts.str.to_lowercase()
    spaced = lower.str.replace_all(r"([.,!?。，！？]|\p{S})", " $1 ")
    return spaced.str.replace_all(r"[^\p{L}\p{M}\p{N}\p{S}.,!?。，！？']+", " ")
