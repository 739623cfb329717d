"""From data to tokens: read, made plain and cut some rows at a time, so that a text is let go once it is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import numpy as np
import polars as pl
from attrs import evolve, frozen
from numpy.typing import NDArray

from zoo_core.components.contracts import Task
from zoo_core.components.examples import Examples, concat_examples
from zoo_core.components.table import Table
from zoo_core.data import splits
from zoo_core.data.columns import require_rows
from zoo_core.data.files.reading import TableStream, read_table
from zoo_core.data.files.sources import Data
from zoo_core.errors import RecipeError
from zoo_core.features.tokens import Tokens, tokenize_column
from zoo_core.parallel import split_chunks
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.timing import Stopwatch

SAMPLE_ROWS = 4000
SAMPLE_SEED = 1337


@frozen(eq=False)
class LoadedData:
    """All examples of some data: of their texts the tokens, and `hashes` uint64 `(rows,)`, which are equal where texts
    are; `told` says where they came from (see `Table.told`)."""

    examples: Examples  # whose texts are gone
    tokens: Tokens
    hashes: NDArray[np.uint64]
    summary: Mapping[str, Any]


def load_data(recipe: Recipe, plan: Plan, data: Data | None, reader: str, clock: Stopwatch) -> LoadedData:
    """Data as the recipe's task reads it, its texts cut: some rows at a time where the task takes each by itself."""
    tables, told = _open_tables(recipe, plan, data, reader)
    found: list[Examples] = []
    labels = ""
    hashes: list[NDArray[np.uint64]] = []

    def texts() -> Iterator[pl.Series]:
        nonlocal labels
        for table in tables:
            labels = plan.task.label_column(table)
            own = read_task_examples(recipe, plan, table, is_partial=True)
            hashes.append(own.texts.hash().to_numpy())
            found.append(evolve(own, texts=own.texts.clear(), row_numbers=None))
            columns = split_chunks(own.texts)
            del table, own  # or every text would stand in memory until all are cut
            while columns:
                clock.lap("read")
                yield columns.pop(0)
                clock.lap("normalize")

    tokens = tokenize_texts(recipe.zoo.registry, plan, texts())
    clock.lap("normalize")
    examples = concat_examples(found)
    require_rows(examples, told()["source"], labels)
    return LoadedData(examples, tokens, np.concatenate(hashes), told())


def reads_rowwise(task: Task) -> bool:
    """Whether a task promises to read by rows in the class that has its `read`, or below: another `read` asks anew."""
    lines = type(task).__mro__
    reads, promises = (next(cls for cls in lines if name in vars(cls)) for name in ("read", "reads_rows_independently"))
    return issubclass(promises, reads) and task.reads_rows_independently()


def _open_tables(
    recipe: Recipe, plan: Plan, data: Data | None, reader: str
) -> tuple[Iterable[Table], Callable[[], dict[str, Any]]]:
    if data is not None and reads_rowwise(plan.task):
        parts = TableStream(data, recipe.zoo.registry, reader=reader)
        return parts, parts.summary
    whole = [load_table(recipe, plan, data, reader=reader)]
    told = whole[0].summary()
    return (whole.pop() for _ in range(1)), lambda: told


def load_table(recipe: Recipe, plan: Plan, data: Data | None, *, reader: str = "") -> Table:
    """The table in a file, or the task's sample where no file is given."""
    if data is not None:
        return read_table(data, recipe.zoo.registry, reader=reader)
    if reader:
        raise RecipeError("a reader is for a file", hint="name one with --data FILE")
    if not plan.task.has_sample:
        raise RecipeError(f'task "{plan.task.name}" brings no sample data', hint="name a file with --data FILE")
    return Table(plan.task.sample_data(rows=SAMPLE_ROWS, seed=SAMPLE_SEED), "the synthetic sample", origin="sample")


def read_task_examples(recipe: Recipe, plan: Plan, table: Table, *, is_partial: bool = False) -> Examples:
    """What the task reads from a table; PluginError where it lost count of the rows.

    DataError where it drops every row, unless the table is but a part of the data.
    """
    found = plan.task.read(table)
    if not isinstance(found, Examples):
        raise contract_error(recipe.zoo.registry, plan.task, f"read() gave {type(found).__name__}, not Examples")
    columns = (found.texts, found.labels, found.splits, found.probabilities)
    lengths = {len(column) for column in columns if column is not None}
    if lengths != {table.frame.height - sum(found.dropped.values())}:
        raise contract_error(recipe.zoo.registry, plan.task, "rows read are not rows used and rows dropped")
    if not is_partial:
        require_rows(found, table.source, plan.task.label_column(table))
    return found


def _is_column_of(value: object, dtype: Any, length: int) -> bool:
    sound = isinstance(value, pl.Series) and value.dtype == dtype and len(value) == length
    return sound and not cast(pl.Series, value).null_count()


def tokenize_texts(registry: Registry, plan: Plan, texts: pl.Series | Iterable[pl.Series]) -> Tokens:
    """Texts made plain by the task and cut by the vectorizer; PluginError where one of them loses a text."""

    def cut(piece: pl.Series) -> pl.Series:
        plain = plan.task.normalize(piece)
        if not _is_column_of(plain, pl.String, len(piece)):
            raise contract_error(registry, plan.task, "normalize() did not give a string for each text")
        lists = plan.vectorizer.tokenize(plain)
        if not _is_column_of(lists, pl.List(pl.String), len(piece)):
            raise contract_error(registry, plan.vectorizer, "cut() did not give a list of strings for each text")
        return lists

    return tokenize_column(texts, cut)


def data_report(
    source_summary: Mapping[str, Any],
    dropped: Mapping[str, int],
    hashes: NDArray[np.uint64],
    rows: Mapping[str, Any],
    reader: str,
) -> dict[str, Any]:
    """What was read, and how its rows are split."""
    return {
        **source_summary,
        "dropped": dict(dropped),
        "rows": {name: len(at) for name, at in rows.items()},
        "leaked": splits.count_leaked(hashes, rows),
        "reader": reader,
    }
