"""The encoder of numbers that a file brings: rows told as `name=value` pairs → a matrix."""

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
from zoo_core.features.layouts import Dense
from zoo_core.features.tokens import Tokens
from zoo_core.messages import name_hint

PAIR = r"(?s)^(.+)=([^=]*)$"


def cut(texts: pl.Series) -> pl.Series:
    """Rows → lists of pairs, without blanks around them."""
    return texts.str.split(";").list.eval(pl.element().str.strip_chars())


@frozen(eq=False)
class DenseEncoder:
    """Rows of numbers as a matrix: for each column its number, less `mean`, divided by `scale` (both `(columns,)`)."""

    columns: tuple[str, ...]
    mean: Tensor
    scale: Tensor

    @classmethod
    def fitted(cls, tokens: Tokens, *, standardize: bool) -> Self:
        """The columns of the first row; their means and standard deviations, 1 for a column of one value alone."""
        columns = tuple(pair.rpartition("=")[0] for pair in tokens.row(0)) if len(tokens) else ()
        bare = cls(columns, torch.zeros(len(columns)).double(), torch.ones(len(columns)).double())
        if not standardize or not columns:
            return bare
        values = bare.matrix(tokens)
        with np.errstate(over="ignore", invalid="ignore"):
            mean, spread = values.mean(axis=0), values.std(axis=0)
        wide = ~np.isfinite(spread)
        if wide.any():
            raise DataError(f'the numbers in column "{columns[int(wide.argmax())]}" are too large to be standardized')
        same = values.min(axis=0) == values.max(axis=0)  # a spread of 0 may come out as 1e-17
        return cls(columns, torch.from_numpy(mean), torch.from_numpy(np.where(same | (spread == 0), 1.0, spread)))

    @classmethod
    def restored(cls, state: State) -> Self:
        """From `state()`; ValueError for anything else."""
        columns, mean, scale = state.get("columns"), state.get("mean"), state.get("scale")
        if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
            raise ValueError("columns must be a list of strings")
        if len(set(columns)) != len(columns):
            raise ValueError("columns names one twice")
        for tensor in (mean, scale):
            if not isinstance(tensor, Tensor) or tensor.dtype != torch.float64 or tensor.shape != (len(columns),):
                raise ValueError(f"mean and scale must be float64 ({len(columns)},)")
            if not torch.isfinite(tensor).all():
                raise ValueError("mean or scale holds NaN or infinity")
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
        """A matrix `(rows, columns)` float32; DataError with the number of the first row that is not of these."""
        values = (self.matrix(tokens) - self.mean.numpy()) / self.scale.numpy()
        with np.errstate(over="ignore"):
            found = torch.from_numpy(values.astype(np.float32))
        wide = ~torch.isfinite(found).all(dim=1)
        if wide.any():
            raise DataError(f"row {int(wide.int().argmax()) + 1}: a number is too large for 32 bits")
        return Dense(found)

    def matrix(self, tokens: Tokens) -> NDArray[np.float64]:
        """The numbers as they are told, float64 `(rows, columns)`."""
        width = len(self.columns)
        at, values = self._read(tokens.words)
        own, rows = at[tokens.codes], tokens.row_ids()
        if (own < 0).any():
            first = int((own < 0).argmax())
            problem = self._strange(tokens.words[int(tokens.codes[first])])
            raise DataError(f"row {rows[first] + 1}: {problem.message}", hint=problem.hint)
        cells = rows * width + own
        often = np.bincount(cells, minlength=len(tokens) * width)
        if (often != 1).any():
            row, column = divmod(int((often != 1).argmax()), width)
            told = "stands there twice" if often[row * width + column] else "is missing"
            raise DataError(f'row {row + 1}: "{self.columns[column]}" {told}', hint=f"as in {self._example()}")
        matrix = np.empty(len(tokens) * width)
        matrix[cells] = values[tokens.codes]
        return matrix.reshape(len(tokens), width)

    def _read(self, words: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The column and the number of each pair; column -1 for what is no pair of these."""
        names, values = words.str.extract(PAIR, 1), parse_numbers(words.str.extract(PAIR, 2).fill_null(""))
        at = names.str.strip_chars().cast(pl.Enum(list(self.columns)), strict=False).to_physical().cast(pl.Int64)
        at = at.fill_null(-1).set(values.is_null(), -1)
        return at.to_numpy(), values.fill_null(0).to_numpy()

    def _strange(self, pair: str) -> Problem:
        name, equals, _ = pair.rpartition("=")
        if equals and name.strip() not in self.columns:
            return Problem(f'no column was called "{name}" in training', hint=name_hint(name, self.columns))
        return Problem(f'"{pair}" is no name and finite number', hint=f"as in {self._example()}")

    def _example(self) -> str:
        return "; ".join(f"{name}=1.5" for name in self.columns[:3]) + ("; …" if len(self.columns) > 3 else "")
