"""Data loading: files are read, normalized and tokenized in chunks, so that a text is freed after tokenization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, cast

import numpy as np
import polars as pl
from attrs import evolve, frozen
from numpy.typing import NDArray

from zoo_core.components.contracts import Splitter, Task
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.examples import Examples, concat_examples
from zoo_core.components.table import Table
from zoo_core.data.columns import require_labels, require_rows
from zoo_core.data.files.chunks import CHUNK_BYTES
from zoo_core.data.files.column_choice import columns_of, keeps_promise
from zoo_core.data.files.detection import DETECT
from zoo_core.data.files.reading import TableStream, read_table
from zoo_core.data.files.sources import Data, Paths, expand_paths, is_stream
from zoo_core.data.label_rules import describe_rare, read_kept_rows, settle_rare_classes
from zoo_core.data.memory.reading import is_in_memory, read_memory
from zoo_core.data.missing_columns import complete_missing_columns
from zoo_core.data.splitting.columns import SplitColumns, concat_split_columns, read_split_columns
from zoo_core.data.splitting.rows import RowSplit
from zoo_core.data.task_results.columns import check_sample
from zoo_core.data.task_results.examples import check_examples
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
    """All examples of some data, without their texts: their tokens, and the hashes of the texts uint64 `(rows,)`.

    `examples.row_numbers` are the numbers of the examples among those that were read, before rare classes were dropped.
    `summary` is where they came from; see `Table.summary`. `columns` are those of the splitter. `texts` are kept only
    if the plan changes the texts of the training split.
    """

    examples: Examples
    tokens: Tokens
    hashes: NDArray[np.uint64]
    summary: Mapping[str, Any]
    columns: SplitColumns
    texts: pl.Series | None = None


def load_data(
    recipe: Recipe, plan: Plan, data: Data | None, clock: Stopwatch, *, chunk_bytes: int = CHUNK_BYTES
) -> LoadedData:
    """Read data as the recipe's task does and tokenize it, in chunks if the task reads rows independently."""
    tables, summarize = _open_tables(recipe, plan, data, chunk_bytes)
    chunks: list[Examples] = []
    hashes: list[NDArray[np.uint64]] = []
    split_columns: list[SplitColumns] = []
    kept_texts: list[pl.Series] = []
    label_column = ""

    def iter_texts() -> Iterator[pl.Series]:
        nonlocal label_column
        for table in tables:
            label_column = plan.task.label_column(table)
            examples = read_task_examples(recipe, plan, table, is_partial=True)
            hashes.append(examples.texts.hash().to_numpy())
            split_columns.append(read_split_columns(plan.splitter, table, examples))
            kept_texts.extend([examples.texts] if plan.augmenter.changes_texts else [])
            chunks.append(evolve(examples, texts=examples.texts.clear(), row_numbers=None))
            columns = split_chunks(examples.texts)
            del table, examples  # or all texts would stay in memory until the last one is tokenized
            while columns:
                clock.lap("read")
                yield columns.pop(0)
                clock.lap("normalize")

    tokens = tokenize_texts(recipe.zoo.registry, plan, iter_texts())
    clock.lap("normalize")
    text_hashes = np.concatenate(hashes)
    examples = concat_examples(chunks)
    examples = settle_rare_classes(plan.task, evolve(examples, texts=examples.labels))  # the texts are gone
    examples = evolve(examples, texts=examples.texts.clear())
    require_rows(examples, summarize()["source"], label_column)
    require_labels(examples, summarize()["source"])
    columns, texts = concat_split_columns(split_columns), pl.concat(kept_texts) if kept_texts else None
    if examples.row_numbers is not None:
        kept = examples.row_numbers.to_numpy().astype(np.int64)
        tokens, text_hashes = tokens.take(kept), text_hashes[kept]
        columns = columns.select(examples.row_numbers)
        texts = None if texts is None else texts.gather(examples.row_numbers)
    return LoadedData(examples, tokens, text_hashes, summarize(), columns, texts)


def find_data(
    data: Data | None, task: Task, reader: ReaderSettings = DETECT, splitter: Splitter | None = None
) -> list[str] | Table | None:
    """The files that data names, or its table if it is in memory, so that it can be read again; None for a sample.

    Raises RecipeError for data in memory with a reader.
    """
    if data is None or not is_in_memory(data):
        return None if data is None else expand_paths(cast(Paths, data))
    if reader != DETECT:
        raise RecipeError("a reader needs a file, got data in memory", hint="leave the reader out")
    return read_memory(data, task, columns_of(task, splitter))


def reads_rowwise(task: Task) -> bool:
    """Whether a task promises to read rows independently."""
    return keeps_promise(task, "reads_rows_independently") and task.reads_rows_independently()


def load_table(recipe: Recipe, plan: Plan, data: Data | None, *, reader: ReaderSettings | None = None) -> Table:
    """Read the table of a file, by the plan's reader or another; without a file, make the task's sample data."""
    reader = plan.reader if reader is None else reader
    data = find_data(data, plan.task, reader, plan.splitter)
    if isinstance(data, Table):
        return data
    if data is not None:
        return read_table(data, recipe.zoo.registry, reader=reader, choose=columns_of(plan.task, plan.splitter))
    if reader != DETECT:
        raise RecipeError("a reader needs a file", hint="name one with --data FILE")
    if not plan.task.has_sample:
        raise RecipeError(f'task "{plan.task.name}" has no sample data', hint="name a file with --data FILE")
    sample = check_sample(plan.task, plan.task.sample_data(rows=SAMPLE_ROWS, seed=SAMPLE_SEED), SAMPLE_ROWS)
    return Table(sample, "the synthetic sample", origin="sample")


def read_task_examples(
    recipe: Recipe, plan: Plan, table: Table, *, is_partial: bool = False, rare: Mapping[str, Any] | None = None
) -> Examples:
    """Read a table as the task does, and drop or merge its rare classes, or those that a run stored as `rare`.

    Raises PluginError if the task loses count of the rows, and DataError if it drops all of them, unless the table is
    only a part of the data.
    """
    examples = read_kept_rows(plan.task, table, partial(_read_checked, recipe, plan))
    if not is_partial:
        examples = settle_rare_classes(plan.task, examples, rare)
        require_rows(examples, table.source, plan.task.label_column(table))
        if rare is None:
            require_labels(examples, table.source)
    return examples


def _read_checked(recipe: Recipe, plan: Plan, table: Table) -> Examples:
    with complete_missing_columns(plan.task, table):
        return check_examples(recipe.zoo.registry, plan.task, table, plan.task.read(table))


def tokenize_texts(registry: Registry, plan: Plan, texts: pl.Series | Iterable[pl.Series]) -> Tokens:
    """Normalize texts with the task and tokenize them with the vectorizer; PluginError if one of them loses a text."""

    return tokenize_column(texts, lambda chunk: _split_words(registry, plan, normalize_texts(registry, plan, chunk)))


def tokenize_normalized(registry: Registry, plan: Plan, texts: pl.Series) -> Tokens:
    """Tokenize normalized texts with the vectorizer; PluginError if it loses one."""
    return tokenize_column(texts, lambda chunk: _split_words(registry, plan, chunk))


def normalize_texts(registry: Registry, plan: Plan, texts: pl.Series) -> pl.Series:
    """Normalize texts with the task; PluginError if it loses one."""
    normalized = plan.task.normalize(texts)
    if not is_column_of(normalized, pl.String, len(texts)):
        raise contract_error(registry, plan.task, "normalize() did not give a string for each text")
    return normalized


def _split_words(registry: Registry, plan: Plan, normalized: pl.Series) -> pl.Series:
    """The lists of tokens of normalized texts, by the vectorizer; PluginError if it loses one."""
    lists = plan.vectorizer.tokenize(normalized)
    if not is_column_of(lists, pl.List(pl.String), len(normalized)):
        raise contract_error(registry, plan.vectorizer, "tokenize() did not give a list of strings for each text")
    return lists


def data_report(
    source_summary: Mapping[str, Any],
    task: Task,
    examples: Examples,
    leaked: Mapping[str, NDArray[np.bool_]],
    split: RowSplit,
    reader: ReaderSettings,
) -> dict[str, Any]:
    """What was read, and how its rows are split, as a run stores it; `leaked` is that of `find_leaked`."""
    return {
        **source_summary,
        "dropped": {**examples.dropped, **split.dropped},
        "rare": describe_rare(task, examples),
        "missing": dict(examples.missing),
        "rows": {name: len(indices) for name, indices in split.rows.items()},
        "leaked": {name: int(rows.sum()) for name, rows in leaked.items()},
        "reader": "" if reader.is_detected else reader.use,
    }


def locate_example(recipe: Recipe, plan: Plan, data: Data | None, row: int) -> str:
    """The place of an example (from 0) in the data, for a message; the data is read again."""
    data = find_data(data, plan.task, plan.reader)
    if isinstance(data, list) and any(map(is_stream, data)):
        return f"row {row + 1}"
    for table in _open_tables(recipe, plan, data, CHUNK_BYTES)[0]:
        examples = read_kept_rows(plan.task, table, plan.task.read)
        if row < len(examples.labels):
            return examples.location(table, row)
        row -= len(examples.labels)
    return f"row {row + 1}"


def _open_tables(
    recipe: Recipe, plan: Plan, data: Data | None, chunk_bytes: int
) -> tuple[Iterable[Table], Callable[[], dict[str, Any]]]:
    """The tables of some data, and the summary of them, which is known once all were read."""
    data = find_data(data, plan.task, plan.reader, plan.splitter)
    if isinstance(data, list) and reads_rowwise(plan.task):
        choose = columns_of(plan.task, plan.splitter)
        stream = TableStream(data, recipe.zoo.registry, reader=plan.reader, chunk_bytes=chunk_bytes, choose=choose)
        return stream, stream.summary
    tables = [load_table(recipe, plan, data)]
    summary = tables[0].summary()
    return (tables.pop() for _ in range(1)), lambda: summary  # popped, so that the table can be freed


def is_column_of(value: object, dtype: Any, length: int) -> bool:
    """Whether a value is a column of this type and length, without nulls."""
    is_column = isinstance(value, pl.Series) and value.dtype == dtype and len(value) == length
    return is_column and not cast(pl.Series, value).null_count()
