r"""Tokens of the columns of a row: each begins with its column, as the name of its feature does.

Of a column `subject` of texts "subject: good", of a column `category` of categories "category=Fast food", of a column
`price` of numbers "price = 3". In the name of a column, `=`, `\`, and `:` before a space or at the end, have a `\`
before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import numpy as np
import polars as pl
from attrs import frozen

from zoo_core.features.field_groups import FieldGroup
from zoo_core.features.tokens import Codes, Tokens

ROWS = 1 << 14  # examined at once
SEPARATORS: dict[FieldGroup, str] = {"text": ": ", "categories": "=", "numbers": " = "}
PREFIX = re.compile(r"((?:[^\\=:]|\\.|:(?! ))*)(: |=)", re.DOTALL)


@frozen
class Column:
    """A column: its name and its group."""

    name: str
    group: FieldGroup

    @property
    def shown(self) -> str:
        """The name in tokens and in the names of features."""
        return re.sub(r"[\\=]|:(?= |$)", r"\\\g<0>", self.name)

    @property
    def prefix(self) -> str:
        """The start of every token of the column."""
        return f"{self.shown}{SEPARATORS[self.group]}"

    def token(self, value: pl.Expr) -> pl.Expr:
        """The token of a value; an empty text of an empty or missing value."""
        return pl.when(value != "").then(pl.lit(self.prefix) + value).otherwise(pl.lit(""))

    def feature(self, name: str) -> str:
        """The name of a feature, of the one that its vectorizer gives it."""
        if self.group == "numbers":
            return f"{self.shown}{name.removeprefix(self.name)}"
        return f"{self.prefix}{name}"


def column_of(token: str) -> Column | None:
    """The column whose prefix a token has; None if it has none.

    >>> column_of("price = 3"), column_of("a\\\\=b=x"), column_of("good")
    (Column(name='price', group='numbers'), Column(name='a=b', group='categories'), None)
    """
    match = PREFIX.match(token)
    if match is None:
        return None
    shown, separator = match.groups()
    group: FieldGroup = "text" if separator == ": " else "categories"
    if separator == "=" and shown.endswith(" ") and token[match.end() : match.end() + 1] == " ":
        shown, group = shown[:-1], "numbers"
    return Column(re.sub(r"(?s)\\(.)", r"\1", shown), group)


def find_columns(words: pl.Series) -> Iterator[tuple[Column, int, int]]:
    """Each column of sorted words with the range of its words, from start to stop."""
    start = 0
    while start < len(words):
        column = column_of(words[start])
        if column is None:
            start += 1
            continue
        others = (~words.slice(start).str.starts_with(column.prefix)).arg_true()
        stop = start + int(others[0]) if len(others) else len(words)
        yield column, start, stop
        start = stop


def tokens_of_column(tokens: Tokens, column: Column, start: int, stop: int) -> Tokens:
    """The tokens of one column, whose words are those from start to stop, as its vectorizer has them.

    Of texts and categories without the prefix, of numbers as `name=value`.
    """
    words = tokens.words.slice(start, stop - start).str.slice(len(column.prefix))
    if column.group == "numbers":
        words = pl.select(pl.lit(f"{column.name}=") + pl.lit(words)).to_series()
    lengths = np.zeros(len(tokens), dtype=np.int64)
    parts: list[Codes] = [np.empty(0, dtype=tokens.raw_codes.dtype)]
    for first in range(0, len(tokens), ROWS):
        last = min(first + ROWS, len(tokens))
        offsets = tokens.offsets[first : last + 1]
        codes = tokens.raw_codes[offsets[0] : offsets[-1]]
        is_inside = (codes >= start) & (codes < stop)
        counts = np.concatenate(([0], np.cumsum(is_inside)))
        lengths[first:last] = np.diff(counts[offsets - offsets[0]])
        parts.append(codes[is_inside] - codes.dtype.type(start))
    return Tokens(cast(Codes, np.concatenate(parts)), np.concatenate(([0], np.cumsum(lengths))), words)
