"""Checks of tasks."""

from __future__ import annotations

from typing import cast

import polars as pl

from zoo_core.components.contracts import Task
from zoo_core.components.examples import Examples, concat_examples
from zoo_core.components.table import Table
from zoo_core.data.files.column_choice import columns_of
from zoo_core.data.label_sets.labels import LABEL_SETS, as_label_sets, class_names
from zoo_core.data.targets import SUM_TOLERANCE
from zoo_core.errors import DataError, ZooError
from zoo_core.messages import join_names, pluralize
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.tasks.tables import LABELS, ROWS, as_table, make_task_table, variants_of


@register_check("task", "a row must be read or reported as dropped")
def reads_every_row(subject: Subject) -> None:
    for description, small in variants_of(make_task_table(subject)):
        try:
            examples = small.read()
        except Exception as error:
            raise AssertionError(f"for {description}, read() raises {type(error).__name__}: {error}") from error
        texts, dropped, rows = len(examples.texts), sum(examples.dropped.values()), small.frame.height
        assert texts + dropped == rows, f"for {description}, of {rows} rows, {texts} are read and {dropped} dropped"
        assert len(examples.labels) == texts, f"for {description}, {texts} texts have {len(examples.labels)} labels"
        of_labels = LABEL_SETS if small.task.targets == "multi-label" else pl.String
        for name, column, dtype in (("texts", examples.texts, pl.String), ("labels", examples.labels, of_labels)):
            is_plain = column.dtype == dtype and column.null_count() == 0
            assert is_plain, f"for {description}, {name} are {column.dtype} with {column.null_count()} nulls"
        splits = set() if examples.splits is None else set(examples.splits.unique()) - {"train", "val", "test"}
        assert not splits, f"for {description}, a row is in the split {splits.pop()!r}, not in train, val or test"
        if examples.labels.dtype == LABEL_SETS:
            is_set = as_label_sets(examples.labels).equals(examples.labels)
            assert is_set, f"for {description}, labels of a row are not sorted, each once"
    classes = len(class_names(make_task_table(subject).read().labels))
    assert classes >= 2, f"its table has {pluralize(classes, 'class')}, expected two or more"


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
    rows = small.frame.height
    if small.label:  # chunks without any label
        small = small.without_labels(pl.int_range(pl.len()) >= rows // 2)
    repeated = small.with_frame(pl.concat([small.frame, small.frame.head(rows // 2)]))
    for description, one, sizes in (("the table", small, (1, 7, rows // 2)), ("repeated rows", repeated, (1, rows))):
        examples = one.read()
        for size in sizes:
            chunks = [one.with_frame(chunk).read() for chunk in one.frame.iter_slices(size)]
            _require_same(concat_examples(chunks), examples, f"for {description}, in chunks of {size} rows")


def _require_same(of_chunks: Examples, examples: Examples, where: str) -> None:
    """Fail if examples of chunks are not those of the whole table."""
    for name in ("texts", "labels", "splits", "probabilities"):
        chunked, whole = getattr(of_chunks, name), getattr(examples, name)
        is_equal = chunked is whole if chunked is None or whole is None else chunked.equals(whole)
        assert is_equal, f"{where}, read() gives other {name}"
    assert of_chunks.dropped == examples.dropped, f"{where}, other rows are dropped: {of_chunks.dropped}"


@register_check("task", "a dropped row without a label must be reported")
def reports_rows_without_label(subject: Subject) -> None:
    small = make_task_table(subject)
    if not small.label:
        skip("its table has no column of labels")
    rows = small.frame.height
    examples = small.without_labels(pl.int_range(pl.len()) == 4).read()
    kept, dropped = len(examples.texts), sum(examples.dropped.values())
    if small.task.targets == "multi-label":
        assert (kept, dropped) == (rows, 0), f"of {rows} rows, one with an empty set of labels, {kept} are read"
        assert len(examples.labels[4]) == 0, f"a row without a label has the labels {examples.labels[4].to_list()}"
        return
    assert kept == rows - 1, f"of {rows} rows, one without a label, {kept} are read"
    assert dropped == 1, f"{dropped} rows are counted as dropped, and one has no label"


@register_check("task", "an error names the line of a row, also behind rows that were dropped")
def row_numbers_are_correct(subject: Subject) -> None:
    small = make_task_table(subject)
    if not small.label:
        skip("its table has no column of labels")
    blank = [1, 4]
    examples = small.without_labels(pl.int_range(pl.len()).is_in(blank)).read()
    found = examples.row_numbers
    kept = [row for row in range(small.frame.height) if row not in blank]
    if len(examples.texts) == len(kept):
        assert found is not None, "rows were dropped, and the row_numbers of the others are None: use Examples.drop"
        assert found.to_list() == kept, f"rows 1 and 4 were dropped, and row_numbers begins {found.head(4).to_list()}"


@register_check("task", "labels that differ in a file are different classes")
def keeps_labels_distinct(subject: Subject) -> None:
    small = make_task_table(subject)
    if not small.label:
        skip("its table has no column of labels")
    if set(class_names(small.read().labels)) != set(small.frame[small.label].str.strip_chars()) - {""}:
        skip("its classes are not the labels of the file")
    labels = pl.Series(small.label, [LABELS[row % len(LABELS)] for row in range(small.frame.height)])
    try:
        found = small.with_frame(small.frame.with_columns(labels)).read().labels.to_list()
    except ZooError:
        skip("it accepts only labels that it knows")
    if len(found) == len(labels):
        names: dict[str, str] = {}
        for label, name in zip(labels, found, strict=True):
            other = names.setdefault(name, label)
            assert other == label, f'the labels "{other}" and "{label}" both become "{name}"'


@register_check("task", "the probabilities of a row are those of its classes")
def probabilities_sum_to_one(subject: Subject) -> None:
    small = make_task_table(subject)
    examples = small.read()
    if examples.probabilities is None:
        assert not small.task.has_soft_targets(), "has_soft_targets() is true, and read() gives no probabilities"
        skip("it reads labels, not probabilities")
    frame = examples.probabilities
    types = set(map(str, frame.dtypes))
    assert types == {"Float32"}, f"probabilities are {', '.join(sorted(types))}, expected Float32"
    assert frame.height == len(examples.texts), f"{len(examples.texts)} texts have {frame.height} rows of probabilities"
    sums, least = frame.sum_horizontal(), frame.min_horizontal()
    for row, (total, lowest) in enumerate(zip(sums, least, strict=True)):
        assert abs(total - 1) <= SUM_TOLERANCE, f"the probabilities of row {row + 1} sum to {total:g}, expected 1"
        assert lowest >= 0, f"a probability of row {row + 1} is {lowest:g}"
        values = dict(zip(frame.columns, frame.row(row), strict=True))
        label = examples.labels[row]
        is_largest = label in values and values[label] >= max(values.values())
        assert is_largest, f'the label of row {row + 1} is "{label}", which is not its most probable class: {values}'


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
    numbers = pl.Series([str(row) for row in range(small.frame.height)], dtype=pl.String)
    other = small.with_frame(small.frame.select(numbers.alias("id"), pl.all(), numbers.alias("zyzzyva")))
    examples, others = small.read(), other.read()
    is_equal = examples.texts.equals(others.texts) and examples.labels.equals(others.labels)
    assert is_equal, "another column changes what is read"
    assert small.texts().equals(other.texts()), "another column changes the texts to predict"


@register_check("task", "columns that the task does not declare as used are not decoded")
def declares_used_columns(subject: Subject) -> None:
    for description, small in variants_of(make_task_table(subject)):
        used = as_table(small.frame.select(columns_of(small.task)(small.frame.columns)))
        read, of_used = small.read(), small.task.read(used)
        texts = small.task.texts(small.table), small.task.texts(used)
        for name, one, other in (
            ("texts", read.texts, of_used.texts),
            ("labels", read.labels, of_used.labels),
            ("splits", read.splits, of_used.splits),
            ("texts to predict", *texts),
        ):
            is_equal = one is other if one is None or other is None else one.equals(other)
            left_out = join_names(sorted(set(small.frame.columns) - set(used.frame.columns)))
            assert is_equal, f"for {description}, used_columns() leaves out {left_out}, and the {name} are others then"


@register_check("task", "a wrong column is the most common mistake of users")
def reports_missing_column(subject: Subject) -> None:
    table = Table(pl.DataFrame({"nothing": ["x"], "useful": ["y"]}), "file.csv")
    try:
        cast(Task, subject.component).read(table)
    except DataError as error:
        assert "file.csv" in str(error), f"the error does not name the file: {error}"
        return
    raise AssertionError("a table without the columns of the task is read")
