"""Encoder of numeric columns with missing numbers: rows of `name=value` tokens to a Bag."""

from __future__ import annotations

from typing import Self

import numpy as np
import polars as pl
import torch
from attrs import frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components.protocols import State
from zoo_core.data.numeric_columns import parse_numbers
from zoo_core.errors import DataError, Problem
from zoo_core.features.bag import Bag
from zoo_core.features.tokens import Tokens
from zoo_core.messages import name_hint, quote_name

PAIR = r"(?s)^(.+)=([^=]*)$"
UNKNOWN_COLUMN = -1  # in place of a column index
MISSING_SUFFIX = " (missing)"
Matrix = NDArray[np.float64]


def split_pairs(texts: pl.Series) -> pl.Series:
    """Split rows into lists of pairs, without surrounding blanks and without those of missing numbers."""
    pairs = pl.element().str.strip_chars()
    return texts.str.split(";").list.eval(pairs.filter((pairs != "") & ~pairs.str.ends_with("=")))


@frozen(eq=False)
class NumberEncoder:
    """Numeric columns as a Bag: (value - `shift`) / `divisor` for each column, both `(columns,)` float64.

    `filling` `(columns,)` float64 is the scaled number in place of a missing one. `indicators` are the columns, by
    index, whose missing numbers are a feature of their own: int64, ascending.
    """

    columns: tuple[str, ...]
    shift: Tensor
    divisor: Tensor
    filling: Tensor
    indicators: Tensor

    @classmethod
    def fit(cls, tokens: Tokens, *, scale: str, missing: str) -> Self:
        """Fit the scale of each column to its numbers; columns are in the order of their names.

        Raises DataError for a column with numbers that are too large.
        """
        columns = tuple(tokens.words.str.extract(PAIR, 1).drop_nulls().unique().sort().to_list())
        values = to_matrix(tokens, columns)
        fitted = np.zeros((3, len(columns)))  # shift, divisor, filling
        with np.errstate(over="ignore", invalid="ignore"):
            for at, column in enumerate(values.T):
                numbers = column[~np.isnan(column)]  # at least one
                shift, divisor = _scale_of(numbers, scale)
                number = 0.0 if missing == "zero" else numbers.mean()
                fitted[:, at] = shift, divisor, (number - shift) / divisor
        is_finite = np.isfinite(fitted).all(axis=0)
        if not is_finite.all():
            name = columns[int(is_finite.argmin())]
            raise DataError(f"the numbers in column {quote_name(name)} are too large to scale")
        has_missing = torch.from_numpy(np.isnan(values).any(axis=0)).bool()
        indicators = torch.nonzero(has_missing).flatten() if missing == "indicator" else torch.zeros(0).long()
        shifts, divisors, fillings = map(torch.from_numpy, fitted)
        return cls(columns, shifts, divisors, fillings, indicators)

    @classmethod
    def restore(cls, state: State, *, missing: str) -> Self:
        """Restore from `state()`; ValueError for any other state."""
        columns = state.get("columns")
        if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
            raise ValueError("columns must be a list of strings")
        if len(set(columns)) != len(columns):
            raise ValueError("columns contains a name twice")
        shift, divisor, filling = (_read_numbers(state, name, len(columns)) for name in ("shift", "divisor", "filling"))
        if not (divisor > 0).all():
            raise ValueError("divisor must be above 0")
        indicators = state.get("indicators")
        if not isinstance(indicators, Tensor) or indicators.dtype != torch.int64 or indicators.ndim != 1:
            raise ValueError("indicators must be a one-dimensional int64 tensor")
        if len(indicators) and (missing != "indicator" or not _are_indices(indicators, len(columns))):
            raise ValueError("indicators must be indices of columns in ascending order")
        return cls(tuple(columns), shift, divisor, filling, indicators)

    @property
    def num_features(self) -> int:
        return len(self.columns) + len(self.indicators)

    def feature_names(self) -> list[str]:
        return [*self.columns, *(f"{self.columns[at]}{MISSING_SUFFIX}" for at in self.indicators.tolist())]

    def state(self) -> State:
        return {
            "columns": list(self.columns),
            "shift": self.shift,
            "divisor": self.divisor,
            "filling": self.filling,
            "indicators": self.indicators,
        }

    def transform(self, tokens: Tokens) -> Bag:
        """Return a Bag without the entries that are 0; DataError with the number of the first invalid row."""
        values = to_matrix(tokens, self.columns)
        is_missing = np.isnan(values)
        with np.errstate(over="ignore"):
            scaled = np.where(is_missing, self.filling.numpy(), (values - self.shift.numpy()) / self.divisor.numpy())
            weights = np.hstack([scaled, is_missing[:, self.indicators.numpy()]]).astype(np.float32)
        overflows = ~np.isfinite(weights).all(axis=1)
        if overflows.any():
            raise DataError(Problem("a number is too large for 32 bits", row=int(overflows.argmax())))
        is_entry = weights != 0
        offsets = np.concatenate(([0], np.cumsum(is_entry.sum(axis=1)))).astype(np.int64)
        ids = np.nonzero(is_entry)[1].astype(np.int32)
        return Bag(
            torch.from_numpy(ids), torch.from_numpy(offsets), torch.from_numpy(weights[is_entry]), self.num_features
        )


def to_matrix(tokens: Tokens, columns: tuple[str, ...]) -> Matrix:
    """Numbers `(rows, columns)` float64, NaN for missing ones; DataError with the number of the first invalid row."""
    parts = pl.select(pl.lit(tokens.words).str.extract_groups(PAIR)).to_series().struct.unnest()
    names, values = parts["1"], parse_numbers(parts["2"])
    at = names.cast(pl.Enum(list(dict.fromkeys(columns))), strict=False).to_physical().cast(pl.Int64)
    indices = at.fill_null(UNKNOWN_COLUMN).to_numpy()
    is_invalid = (indices == UNKNOWN_COLUMN) | values.is_null().to_numpy()
    if is_invalid.any():
        _reject_invalid(tokens, is_invalid, columns)
    rows, codes = tokens.row_ids(), tokens.codes
    matrix = np.full((len(tokens), len(columns)), np.nan)
    matrix[rows, indices[codes]] = values.to_numpy()[codes]
    counts = np.bincount(rows * max(len(columns), 1) + indices[codes], minlength=1)
    if counts.max(initial=0) > 1:
        row, column = divmod(int((counts > 1).argmax()), len(columns))
        raise DataError(Problem(f"column {quote_name(columns[column])} is given twice", row=row))
    return matrix


def _reject_invalid(tokens: Tokens, is_invalid: NDArray[np.bool_], columns: tuple[str, ...]) -> None:
    """Raise DataError for the first token that is not a number of one of the columns, if there is one in a row."""
    bad = is_invalid[tokens.codes]
    if not bad.any():
        return
    position = int(bad.argmax())
    row, token = int(tokens.row_ids()[position]), tokens.words[int(tokens.codes[position])]
    name, equals, value = token.rpartition("=")
    if equals and name in columns:
        message = f"invalid number in column {quote_name(name)}: got {quote_name(value)}, expected a finite number"
        raise DataError(Problem(message, row=row))
    if equals and name:
        raise DataError(Problem(f"unknown column {quote_name(name)}", hint=name_hint(name, columns), row=row))
    raise DataError(Problem(f"invalid number: got {quote_name(token)}, expected name=value", row=row))


def _scale_of(numbers: Matrix, scale: str) -> tuple[float, float]:
    """The shift and the divisor of a column: 1 for a constant one, whose deviation rounding may make 1e-17."""
    least, most = float(numbers.min()), float(numbers.max())
    if scale == "none":
        return 0.0, 1.0
    if scale == "minmax":
        return least, (most - least) or 1.0
    deviation = float(numbers.std()) if least != most else 0.0
    return float(numbers.mean()) if least != most else least, deviation or 1.0


def _read_numbers(state: State, name: str, length: int) -> Tensor:
    tensor = state.get(name)
    if not isinstance(tensor, Tensor) or tensor.dtype != torch.float64 or tensor.shape != (length,):
        raise ValueError(f"{name} must be float64 ({length},)")
    if not torch.isfinite(tensor).all():
        raise ValueError(f"{name} must not contain NaN or infinity")
    return tensor


def _are_indices(indices: Tensor, length: int) -> bool:
    return bool((indices >= 0).all() and (indices < length).all() and (indices.diff() > 0).all())
