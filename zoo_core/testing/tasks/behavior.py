"""Checks of tasks."""

from __future__ import annotations

from typing import cast

import polars as pl
from attrs import frozen

from zoo_core.components.contracts import Task
from zoo_core.components.examples import Examples, concat_examples
from zoo_core.components.table import Table
from zoo_core.data.files.column_choice import columns_of
from zoo_core.errors import DataError
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.inputs import TEXTS

ROWS = 60
UNUSUAL_TEXTS = (*TEXTS, "  spaced  ", "NA", "null", "Ünïcode ☕ 名前", "a\nb", "x" * 5000, TEXTS[0])


@frozen
class TaskTable:
    """A task and a small table that it reads."""

    task: Task
    frame: pl.DataFrame

    @property
    def table(self) -> Table:
        return as_table(self.frame)

    @property
    def label(self) -> str:
        """The name of the column of labels, "" if there is none."""
        name = self.task.label_column(self.table)
        return name if name in self.frame.columns else ""

    def read(self) -> Examples:
        return self.task.read(self.table)


def as_table(frame: pl.DataFrame) -> Table:
    """Return a table with a source name for messages."""
    return Table(frame, "small")


def make_task_table(subject: Subject) -> TaskTable:
    """Return the task with its own sample, or with a table of the columns that its settings name."""
    task = cast(Task, subject.component)
    if task.has_sample:
        return TaskTable(task, task.sample_data(rows=ROWS, seed=3))
    empty = as_table(pl.DataFrame())
    texts, label = list(task.text_columns(empty)), task.label_column(empty)
    if task.output_type == "numbers":
        texts = texts or ["height", "weight"]
    if not texts or not label or task.has_soft_targets():
        skip("it has no sample, and its settings name no columns of texts and labels")
    values = [
        f"{row}.5" if task.output_type == "numbers" else f"{TEXTS[row % len(TEXTS)]} {row}" for row in range(ROWS)
    ]
    columns = dict.fromkeys(texts, values)
    return TaskTable(task, pl.DataFrame({**columns, label: [("bad", "good")[row * 7 % 3 % 2] for row in range(ROWS)]}))


def blank_labels(frame: pl.DataFrame, label: str, rows: pl.Expr) -> pl.DataFrame:
    """Replace the labels of these rows by the empty text."""
    return frame.with_columns(pl.when(rows).then(pl.lit("")).otherwise(label).alias(label))


@register_check("task", "normalization must keep one text per row, independent of the other texts")
def normalizes_rows_independently(subject: Subject) -> None:
    task, texts = cast(Task, subject.component), pl.Series("text", UNUSUAL_TEXTS, dtype=pl.String)
    normalized = task.normalize(texts)
    assert len(normalized) == len(texts), f"normalize() makes {len(normalized)} of {len(texts)} texts"
    is_text = normalized.dtype == pl.String and normalized.null_count() == 0
    assert is_text, f"normalize() gives {normalized.dtype} with {normalized.null_count()} nulls, not strings"
    one_by_one = [task.normalize(pl.Series("text", [text]))[0] for text in UNUSUAL_TEXTS]
    assert normalized.to_list() == one_by_one, "a text is normalized differently among others"


@register_check("task", "a row must be read or reported as dropped")
def reads_every_row(subject: Subject) -> None:
    small = make_task_table(subject)
    examples = small.read()
    read_rows = len(examples.texts) + sum(examples.dropped.values())
    assert small.frame.height == read_rows == ROWS, "a row is missing and not counted as dropped"
    rows, labels = len(examples.texts), len(examples.labels)
    assert labels == rows, f"read() gives {labels} labels for {rows} texts"
    assert examples.labels.n_unique() >= 2, "read() gives the same label for every row of a table with two classes"
    for column in (examples.texts, examples.labels):
        assert column.dtype == pl.String and column.null_count() == 0, f"{column.name} is not a column of strings"
    assert small.task.texts(small.table).len() == ROWS, "a text to predict is missing"


@register_check("task", "a label must stay with its text")
def row_order_does_not_matter(subject: Subject) -> None:
    small = make_task_table(subject)
    reversed_table = as_table(small.frame.reverse())
    examples, reversed_examples = small.read(), small.task.read(reversed_table)
    same_texts = examples.texts.equals(reversed_examples.texts.reverse())
    same_labels = examples.labels.equals(reversed_examples.labels.reverse())
    same_predictions = small.task.texts(small.table).equals(small.task.texts(reversed_table).reverse())
    assert same_texts and same_labels and same_predictions, "rows are read differently if the table is reversed"


@register_check("task", "training may read a large file in chunks, which must not change rows")
def chunks_equal_whole_table(subject: Subject) -> None:
    small = make_task_table(subject)
    if not small.task.reads_rows_independently():
        skip("it does not declare that it reads rows independently")
    if small.label:  # chunks without any label
        frame = blank_labels(small.frame, small.label, pl.int_range(pl.len()) >= ROWS // 2)
        small = TaskTable(small.task, frame)
    examples = small.read()
    for size in (1, 7, ROWS // 2):
        of_chunks = concat_examples([small.task.read(as_table(chunk)) for chunk in small.frame.iter_slices(size)])
        for name in ("texts", "labels", "splits", "probabilities"):
            chunked, whole = getattr(of_chunks, name), getattr(examples, name)
            is_equal = chunked is whole if chunked is None or whole is None else chunked.equals(whole)
            assert is_equal, f"{name} differ in chunks of {size} rows"
        assert of_chunks.dropped == examples.dropped, f"other rows are dropped in chunks of {size} rows"


@register_check("task", "a dropped row without a label must be reported")
def reports_rows_without_label(subject: Subject) -> None:
    small = make_task_table(subject)
    if not small.label:
        skip("its table has no column of labels")
    frame = blank_labels(small.frame, small.label, pl.int_range(pl.len()) == 4)
    examples = small.task.read(as_table(frame))
    assert len(examples.texts) == len(examples.labels) == ROWS - 1, "the row is kept, or others are dropped"
    assert sum(examples.dropped.values()) == 1, "the row is not counted as dropped"


@register_check("task", "a sample must be reproducible from its seed")
def sample_is_reproducible(subject: Subject) -> None:
    task = cast(Task, subject.component)
    if not task.has_sample:
        skip("it has no sample")
    sample = task.sample_data(rows=ROWS, seed=3)
    assert sample.equals(task.sample_data(rows=ROWS, seed=3)), "the same seed gives another sample"
    assert not sample.equals(task.sample_data(rows=ROWS, seed=4)), "another seed gives the same sample"
    assert task.sample_data(rows=31, seed=3).height == 31, "the sample does not have the requested number of rows"


@register_check("task", "a file may have columns that the task does not use")
def ignores_other_columns(subject: Subject) -> None:
    small = make_task_table(subject)
    if small.task.output_type == "numbers" and not small.task.text_columns(as_table(pl.DataFrame())):
        skip("it reads every column by default")
    examples, others = small.read(), small.task.read(as_table(small.frame.with_columns(zyzzyva=pl.lit("x"))))
    is_equal = examples.texts.equals(others.texts) and examples.labels.equals(others.labels)
    assert is_equal, "another column changes what is read"


@register_check("task", "columns that the task does not declare as used are not decoded")
def declares_used_columns(subject: Subject) -> None:
    small = make_task_table(subject)
    choose = columns_of(small.task)
    used = as_table(small.frame.select(choose(small.frame.columns)))
    examples, of_used = small.read(), small.task.read(used)
    columns = [(read.texts, read.labels, read.splits) for read in (examples, of_used)]
    is_equal = all(
        (one is None) == (other is None) and (one is None or one.equals(other))
        for one, other in zip(*columns, strict=True)
    )
    is_equal = is_equal and small.task.texts(small.table).equals(small.task.texts(used))
    assert is_equal, "used_columns() leaves out a column that the task uses"


@register_check("task", "a wrong column is the most common mistake of users")
def reports_missing_column(subject: Subject) -> None:
    table = Table(pl.DataFrame({"nothing": ["x"], "useful": ["y"]}), "file.csv")
    try:
        cast(Task, subject.component).read(table)
    except DataError as error:
        assert "file.csv" in str(error), f"the error does not name the file: {error}"
        return
    raise AssertionError("a table without the columns of the task is read")
