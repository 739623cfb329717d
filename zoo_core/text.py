"""Making texts plain, whole columns at a time, in native code on every core."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeVar

import polars as pl

from zoo_core.ahead import ahead

T = TypeVar("T")
Style = Literal["book", "unicode", "none"]
CHUNK = 4096  # rows
PIECE = 1 << 15  # rows


def by_chunks(
    columns: pl.Series | Iterable[pl.Series], work: Callable[[pl.Series], T], *, chunk: int = CHUNK
) -> Iterator[T]:
    """`work` on consecutive pieces of a column, or of one after another, in order, on all cores."""
    if isinstance(columns, pl.Series):
        columns = [columns]
    starts = ((column, start) for column in columns for start in range(0, max(len(column), 1), chunk))
    pieces = (column.slice(start, chunk) for column, start in starts)
    return ahead(work, pieces, threads=os.cpu_count() or 1)


def pieces(column: pl.Series) -> list[pl.Series]:
    """A column in pieces that can be let go one by one: as it was read, small ones together."""
    found: list[pl.Series] = []
    for chunk in column.get_chunks():
        if found and len(found[-1]) < PIECE:
            found[-1].append(chunk)
        else:
            found.append(chunk)
    return found


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
    return _spaced(lower, "a-z.,!?")


def _unicode(texts: pl.Series) -> pl.Series:
    if not (texts.str.len_bytes() == texts.str.len_chars()).all():  # ASCII is as NFKC would have it
        texts = texts.str.normalize("NFKC").str.replace_all("’", "'", literal=True)
    lower = texts.str.to_lowercase()
    spaced = lower.str.replace_all(r"([.,!?。，！？]|\p{S})", " $1 ")
    return _spaced(spaced, r"\p{L}\p{M}\p{N}\p{S}.,!?。，！？'")


def _spaced(texts: pl.Series, kept: str) -> pl.Series:
    """Every run of characters that are not `kept` as one space; what is one already, most of all, is not replaced."""
    return texts.str.replace_all(f"[^{kept}]{{2,}}|[^{kept} ]", " ")
