"""The rows of each split and fold: those of the file, and what the splitter of a plan makes of its training rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from attrs import evolve, frozen

from zoo_core.components.contracts import Splitter
from zoo_core.components.examples import Examples
from zoo_core.data import splits
from zoo_core.data.splits import Rows
from zoo_core.data.splitting.columns import SplitColumns
from zoo_core.errors import DataError, PluginError, RecipeError
from zoo_core.messages import join_names, pluralize
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan

FOLD_PARTS = ("train", "val", "fold")


@frozen(eq=False)
class RowSplit:
    """The ascending rows of each split `(rows,)`, and the number of rows left out, by reason."""

    rows: Mapping[str, Rows]
    dropped: Mapping[str, int]


@frozen(eq=False)
class RowSplitter:
    """Splits examples as a plan says, and checks what its splitter gives.

    `locate` gives the place of an example, and `source` that of all, for messages.
    """

    registry: Registry
    plan: Plan
    source: str
    locate: Callable[[int], str]

    def split(self, examples: Examples, columns: SplitColumns) -> RowSplit:
        """The rows of each split. Those that the file gives stay; the splitter divides the others.

        Raises DataError for an empty split and for values that the splitter cannot split by, PluginError if it breaks
        its contract.
        """
        shares = {name: getattr(self.plan.split, name) for name in splits.SPLIT_NAMES}
        dropped: dict[str, int] = {}
        draw = partial(self._draw, examples.labels, columns, dropped)
        with self._placed_errors():
            return RowSplit(splits.split_rows(examples.labels, examples.splits, shares, draw), dropped)

    def folds(
        self, examples: Examples, columns: SplitColumns, rows: Mapping[str, Rows], k: int
    ) -> list[dict[str, Rows]]:
        """The rows "train", "val" and "fold" of k folds of all rows that are in "train" or "val" of `rows`.

        Raises RecipeError if the splitter makes no folds, and errors as `split` does.
        """
        splitter = self.plan.splitter
        if type(splitter).folds is Splitter.folds:
            raise RecipeError(f'splitter "{splitter.name}" makes no folds', hint="leave out --folds")
        pool = np.sort(np.concatenate([rows["train"], rows["val"]]))
        shares = {name: float(len(rows[name])) for name in ("train", "val")}
        with self._placed_errors(pool):
            at = pl.Series(pool.astype(np.uint32))
            made = splitter.folds(examples.labels.gather(at), columns.take(at), shares, k, self.plan.split.seed)
            self._check_folds(made, len(pool), k)
            for fold in made:
                for name in FOLD_PARTS:
                    if not len(fold[name]):
                        raise DataError(f'the part "{name}" of a fold has no rows', hint="use fewer folds, or add rows")
        return [{name: pool[np.sort(fold[name])] for name in FOLD_PARTS} for fold in made]

    def _draw(
        self, labels: pl.Series, columns: SplitColumns, dropped: dict[str, int], pool: Rows, shares: Mapping[str, float]
    ) -> dict[str, Rows]:
        """The rows of `pool` in each split with a share."""
        with self._placed_errors(pool):
            at = pl.Series(pool.astype(np.uint32))
            parts = self.plan.splitter.split(labels.gather(at), columns.take(at), shares, self.plan.split.seed)
        if not isinstance(parts, Mapping):
            raise self._broken(f"split() gave {type(parts).__name__}, expected the rows of each split by name")
        self._check_rows(parts, len(pool), "split()")
        given = sum(map(len, parts.values()))
        if given != len(pool):
            raise self._broken(f"split() gave {given} of {pluralize(len(pool), 'row')}, expected each in one split")
        dropped.update({str(reason): len(rows) for reason, rows in parts.items() if reason not in shares and len(rows)})
        return {name: pool[np.sort(parts[name])] for name in shares if name in parts}

    def _check_folds(self, made: Any, height: int, k: int) -> None:
        if not isinstance(made, Sequence) or len(made) != k:
            found = pluralize(len(made), "fold") if isinstance(made, Sequence) else type(made).__name__
            raise self._broken(f"folds() gave {found}, expected {k} folds")
        for fold in made:
            if not isinstance(fold, Mapping) or set(fold) != set(FOLD_PARTS):
                found = join_names(map(str, fold)) if isinstance(fold, Mapping) else type(fold).__name__
                raise self._broken(f"folds() gave a fold of {found}, expected {join_names(FOLD_PARTS)}")
            self._check_rows(fold, height, "folds()")
        self._check_rows({f"fold {number}": fold["fold"] for number, fold in enumerate(made, 1)}, height, "folds()")

    def _check_rows(self, parts: Mapping[str, Any], height: int, method: str) -> None:
        """The rows of parts must be whole numbers of rows, none of them twice."""
        for name, rows in parts.items():
            if not isinstance(rows, np.ndarray) or rows.ndim != 1 or rows.dtype != np.int64:
                found = f"{rows.dtype} {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
                raise self._broken(f'{method} gave {found} as the rows of "{name}", expected int64 (rows,)')
            if len(rows) and not 0 <= rows.min() <= rows.max() < height:
                wrong = int(rows.min() if rows.min() < 0 else rows.max())
                raise self._broken(f'{method} gave row {wrong} in "{name}": there are only {pluralize(height, "row")}')
        counts = np.bincount(np.concatenate([np.arange(0), *parts.values()]), minlength=height)
        if counts.max(initial=0) > 1:
            row = int(counts.argmax())
            places = [name for name, rows in parts.items() if (rows == row).any()]
            raise self._broken(f"{method} gave row {row} {counts[row]} times, in {join_names(places)}")

    def _broken(self, behavior: str) -> PluginError:
        return contract_error(self.registry, self.plan.splitter, behavior)

    @contextmanager
    def _placed_errors(self, pool: Rows | None = None) -> Iterator[None]:
        """Give errors in data their place: that of a row, which is one of `pool` if it is given, or the source."""
        try:
            yield
        except DataError as error:
            located = error.at_rows(lambda row: self.locate(row if pool is None else int(pool[row])))
            if all(problem.where for problem in located.problems):
                raise located from None
            raise DataError(*(evolve(one, where=one.where or self.source) for one in located.problems)) from None
