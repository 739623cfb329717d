"""The inputs of tasks: a small table that a task reads, and variants of it; texts to normalize."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import polars as pl
from attrs import evolve, frozen

from zoo_core.components.contracts import Task
from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.errors import ZooError
from zoo_core.testing.any_kind.calls import without_recording
from zoo_core.testing.checks import Subject, skip
from zoo_core.testing.input_sets import InputSet
from zoo_core.testing.inputs import TEXTS

ROWS = 60
MANY_ROWS = 512
UNUSUAL = (
    *TEXTS,
    "  spaced  ",
    "NA",
    "null",
    "Ünïcode ☕ 名前 👩‍🚀",
    "e\u0301 ﬁ Straße İ",
    "a\nb",
    "a\r\nb\rc",
    "a\u2028b\x85c\ufeffd",
    "tab\there",
    "\u00a0",
    '{"a": 1}',
    "x" * 5000,
    "x" * 4999 + "y",
    "007",
    TEXTS[0],
)
LABELS = ("Zoo", "zoo", "ZOO", "1", "01", "1.0", "a b", "a c", "ä", "a", "a;b", "no")


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

    @property
    def text_names(self) -> list[str]:
        """The columns of texts that are in the table; none for a task of numbers."""
        names = () if self.task.output_type == "numbers" else self.task.text_columns(self.table)
        return [name for name in names if name in self.frame.columns]

    def read(self) -> Examples:
        return self.task.read(self.table)

    def texts(self) -> pl.Series:
        return self.task.texts(self.table)

    def with_frame(self, frame: pl.DataFrame) -> TaskTable:
        """The task with another table."""
        return evolve(self, frame=frame)

    def with_texts(self, texts: list[str]) -> TaskTable:
        """The first rows with these texts, in every column of texts."""
        frame = _repeat(self.frame, len(texts))
        column = pl.Series(texts, dtype=pl.String)
        return self.with_frame(frame.with_columns(column.alias(name) for name in self.text_names))

    def without_labels(self, rows: pl.Expr) -> TaskTable:
        """The same with an empty label in these rows."""
        blank = pl.when(rows).then(pl.lit("")).otherwise(self.label).alias(self.label)
        return self.with_frame(self.frame.with_columns(blank))


def as_table(frame: pl.DataFrame) -> Table:
    """Return a table with a source name for messages."""
    return Table(frame, "small")


def inputs_of(subject: Subject, texts: list[str]) -> pl.Series:
    """Texts as the task gives them before it normalizes them: for rows of fields, every column of texts has them."""
    if cast(Task, subject.component).output_type == "fields":
        return make_task_table(subject).with_texts(texts).texts()
    return pl.Series("text", texts, dtype=pl.String)


def make_task_table(subject: Subject) -> TaskTable:
    """Return the task with its example, its sample, or a table of the columns that its settings name."""
    task = cast(Task, subject.component)
    with without_recording():
        example = task.example()
    if example is not None:
        texts_only = all(dtype == pl.String for dtype in example.dtypes)
        assert texts_only, f"example() has columns that are not texts: {example.schema}"
        return TaskTable(task, example)
    if task.has_sample:
        return TaskTable(task, task.sample_data(rows=ROWS, seed=3))
    empty = as_table(pl.DataFrame())
    texts, label = list(task.text_columns(empty)), task.label_column(empty)
    if task.output_type == "numbers":
        texts = texts or ["height", "weight"]
    if not texts or not label or task.has_soft_targets():
        skip("it has no sample, and its settings name no columns of texts and labels: give it an example()")
    values = [
        f"{row}.5" if task.output_type == "numbers" else f"{TEXTS[row % len(TEXTS)]} {row}" for row in range(ROWS)
    ]
    columns = dict.fromkeys(texts, values)
    return TaskTable(task, pl.DataFrame({**columns, label: [("bad", "good")[row * 7 % 3 % 2] for row in range(ROWS)]}))


def _repeat(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """The first rows of a table, repeated as often as needed."""
    return pl.concat([frame] * (rows // max(frame.height, 1) + 1)).head(rows)


Variant = Callable[[TaskTable], TaskTable | None]


def _with_splits(small: TaskTable) -> TaskTable | None:
    name = small.task.split_column(small.table)
    if not name or name in small.frame.columns:
        return None
    splits = pl.Series(name, [("train", "val", "test")[row % 3] for row in range(small.frame.height)])
    return small.with_frame(small.frame.with_columns(splits))


def _with_others(small: TaskTable) -> TaskTable | None:
    if small.task.output_type == "numbers":
        return None  # it may read every column
    frame = small.frame
    numbers = pl.Series([str(row) for row in range(frame.height)], dtype=pl.String)
    return small.with_frame(frame.select(numbers.alias("id"), pl.all(), numbers.alias("zyzzyva")))


def _repeated(small: TaskTable) -> TaskTable:
    frame = small.frame
    return small.with_frame(pl.concat([frame.head(6), frame.head(6), frame.slice(3, 6), frame.head(1)]))


VARIANTS = InputSet[Variant](
    "tables",
    1,
    {
        "the table": lambda: lambda small: small,
        "the first row": lambda: lambda small: small.with_frame(small.frame.head(1)),
        "12 rows": lambda: lambda small: small.with_frame(_repeat(small.frame, 12)),
        f"{MANY_ROWS} rows": lambda: lambda small: small.with_frame(_repeat(small.frame, MANY_ROWS)),
        "repeated rows": lambda: _repeated,
        "columns in reverse order": lambda: lambda small: small.with_frame(small.frame[small.frame.columns[::-1]]),
        "a first and a last column that it does not use": lambda: _with_others,
        "a column of splits": lambda: _with_splits,
        "unusual texts": lambda: lambda small: small.with_texts(list(UNUSUAL)) if small.text_names else None,
    },
)


def variants_of(small: TaskTable) -> Iterator[tuple[str, TaskTable]]:
    """The variants of a table that a task can read, each with its description; the table itself in any case."""
    for description, change in VARIANTS:
        changed = change(small)
        if changed is None:
            continue
        if description == "unusual texts":
            try:
                changed.read(), changed.texts()
            except ZooError:  # it expects texts of another kind
                continue
        yield description, changed
