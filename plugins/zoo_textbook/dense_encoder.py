"""Encoder of numeric columns: rows written as `name=value` pairs to a matrix."""

from __future__ import annotations

from typing import Self

import numpy as np
import polars as pl
import torch
from attrs import evolve, frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components.protocols import State
from zoo_core.data.numeric_columns import parse_numbers
from zoo_core.errors import DataError, Problem
from zoo_core.features.layouts import Dense
from zoo_core.features.tokens import Tokens
from zoo_core.messages import name_hint

PAIR = r"(?s)^(.+)=([^=]*)$"
UNKNOWN_COLUMN = -1  # in place of a column index
MAX_EXAMPLE_COLUMNS = 3


def split_pairs(texts: pl.Series) -> pl.Series:
    """Split rows into lists of pairs, without surrounding blanks."""
    return texts.str.split(";").list.eval(pl.element().str.strip_chars())


@frozen(eq=False)
class DenseEncoder:
    """Numeric columns as a matrix: (value - `mean`) / `scale` for each column, both `(columns,)` float64."""

    columns: tuple[str, ...]
    mean: Tensor
    scale: Tensor

    @classmethod
    def fit(cls, tokens: Tokens, *, standardize: bool) -> Self:
        """Take the columns from the first row, and their means and standard deviations, 1 for a constant column."""
        columns = tuple(pair.rpartition("=")[0] for pair in tokens.row(0)) if len(tokens) else ()
        unscaled = cls(columns, torch.zeros(len(columns)).double(), torch.ones(len(columns)).double())
        if not standardize or not columns:
            return unscaled
        values = unscaled.to_matrix(tokens)
        with np.errstate(over="ignore", invalid="ignore"):
            mean, deviation = values.mean(axis=0), values.std(axis=0)
        overflows = ~np.isfinite(deviation)
        if overflows.any():
            raise DataError(f'the numbers in column "{columns[int(overflows.argmax())]}" are too large to standardize')
        is_constant = values.min(axis=0) == values.max(axis=0)  # rounding may give a deviation of 1e-17
        scale = np.where(is_constant | (deviation == 0), 1.0, deviation)
        return cls(columns, torch.from_numpy(mean), torch.from_numpy(scale))

    @classmethod
    def restore(cls, state: State) -> Self:
        """Restore from `state()`; ValueError for any other state."""
        columns, mean, scale = state.get("columns"), state.get("mean"), state.get("scale")
        if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
            raise ValueError("columns must be a list of strings")
        if len(set(columns)) != len(columns):
            raise ValueError("columns contains a name twice")
        for tensor in (mean, scale):
            if not isinstance(tensor, Tensor) or tensor.dtype != torch.float64 or tensor.shape != (len(columns),):
                raise ValueError(f"mean and scale must be float64 ({len(columns)},)")
            if not torch.isfinite(tensor).all():
                raise ValueError("mean and scale must not contain NaN or infinity")
        assert isinstance(mean, Tensor) and isinstance(scale, Tensor)
        if not (scale > 0).all():
            raise ValueError("scale must be above 0")
        return cls(tuple(columns), mean, scale)

    @property
    def num_features(self) -> int:
        return len(self.columns)

    def feature_names(self) -> list[str]:
        return list(self.columns)

    def state(self) -> State:
        return {"columns": list(self.columns), "mean": self.mean, "scale": self.scale}

    def transform(self, tokens: Tokens) -> Dense:
        """Return a matrix `(rows, columns)` float32; DataError with the number of the first invalid row."""
        scaled = (self.to_matrix(tokens) - self.mean.numpy()) / self.scale.numpy()
        with np.errstate(over="ignore"):
            values = torch.from_numpy(scaled.astype(np.float32))
        overflows = ~torch.isfinite(values).all(dim=1)
        if overflows.any():
            raise DataError(Problem("a number is too large for 32 bits", row=int(overflows.int().argmax())))
        return Dense(values)

    def to_matrix(self, tokens: Tokens) -> NDArray[np.float64]:
        """Return the unscaled numbers, float64 `(rows, columns)`."""
        width = len(self.columns)
        column_indices, values = self._parse_pairs(tokens.words)
        columns, rows = column_indices[tokens.codes], tokens.row_ids()
        is_unknown = columns == UNKNOWN_COLUMN
        if is_unknown.any():
            first = int(is_unknown.argmax())
            problem = self._pair_problem(tokens.words[int(tokens.codes[first])])
            raise DataError(evolve(problem, row=int(rows[first])))
        positions = rows * width + columns
        occurrences = np.bincount(positions, minlength=len(tokens) * width)
        if (occurrences != 1).any():
            first = int((occurrences != 1).argmax())
            row, column = divmod(first, width)
            problem_text = "occurs twice" if occurrences[first] else "is missing"
            raise DataError(
                Problem(f'"{self.columns[column]}" {problem_text}', hint=f"as in {self._example()}", row=int(row))
            )
        matrix = np.empty(len(tokens) * width)
        matrix[positions] = values[tokens.codes]
        return matrix.reshape(len(tokens), width)

    def _parse_pairs(self, words: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the column index and the number of each pair; UNKNOWN_COLUMN for an invalid pair."""
        names, values = words.str.extract(PAIR, 1), parse_numbers(words.str.extract(PAIR, 2).fill_null(""))
        indices = names.str.strip_chars().cast(pl.Enum(list(self.columns)), strict=False).to_physical().cast(pl.Int64)
        indices = indices.fill_null(UNKNOWN_COLUMN).set(values.is_null(), UNKNOWN_COLUMN)
        return indices.to_numpy(), values.fill_null(0).to_numpy()

    def _pair_problem(self, pair: str) -> Problem:
        name, equals, _ = pair.rpartition("=")
        if equals and name.strip() not in self.columns:
            return Problem(f'unknown column "{name}": not in the training data', hint=name_hint(name, self.columns))
        return Problem(f'"{pair}" is not a name and a finite number', hint=f"as in {self._example()}")

    def _example(self) -> str:
        shown = "; ".join(f"{name}=1.5" for name in self.columns[:MAX_EXAMPLE_COLUMNS])
        return shown + ("; …" if len(self.columns) > MAX_EXAMPLE_COLUMNS else "")
