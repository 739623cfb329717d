"""What tasks promise."""

from __future__ import annotations

from typing import cast

import polars as pl

from zoo_core.components.contracts import Task
from zoo_core.components.examples import concat_examples
from zoo_core.components.table import Table
from zoo_core.errors import DataError
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import TEXTS

ROWS = 60


@register_check("task", "rows in, rows out: a lost row shifts every label after it")
def normalizes_row_for_row(subject: Subject) -> None:
    odd = [*TEXTS, "  spaced  ", "NA", "null", "Ünïcode ☕ 名前", "a\nb", "x" * 5000, TEXTS[0]]
    made = cast(Task, subject.part).normalize(pl.Series("text", odd, dtype=pl.String))
    assert len(made) == len(odd) and made.dtype == pl.String and made.null_count() == 0
    single = [cast(Task, subject.part).normalize(pl.Series("text", [text]))[0] for text in odd]
    assert made.to_list() == single, "a text is made plain differently among others"


def small(subject: Subject) -> pl.DataFrame:
    """A table that the task can read: its own sample, or one made of the columns that its settings name."""
    part = cast(Task, subject.part)
    if part.has_sample:
        return part.sample_data(rows=ROWS, seed=3)
    nothing = Table(pl.DataFrame(), "small")
    texts, label = list(part.text_columns(nothing)), part.label_column(nothing)
    if part.output_type == "numbers":
        texts = texts or ["height", "weight"]
    if not texts or not label or part.has_soft_targets():
        skip("it brings no sample, and its settings name no columns `text` and `label` to make one of")
    rows = [f"{row}.5" if part.output_type == "numbers" else f"{TEXTS[row % len(TEXTS)]} {row}" for row in range(ROWS)]
    columns = dict.fromkeys(texts, rows)
    return pl.DataFrame({**columns, label: [("bad", "good")[row * 7 % 3 % 2] for row in range(ROWS)]})


@register_check("task", "what it reads is what stands in the table")
def reads_what_it_says_it_reads(subject: Subject) -> None:
    part, frame = cast(Task, subject.part), small(subject)
    found = part.read(Table(frame, "small"))
    assert frame.height == len(found.texts) + sum(found.dropped.values()) == ROWS, "a row is gone and not counted"
    assert len(found.labels) == len(found.texts) and found.labels.n_unique() >= 2
    for column in (found.texts, found.labels):
        assert column.dtype == pl.String and column.null_count() == 0, f"{column.name} is no column of strings"
    assert part.texts(Table(frame, "small")).len() == ROWS, "a text to be predicted is gone"


@register_check("task", "a label belongs to its text, wherever both stand")
def reads_row_for_row(subject: Subject) -> None:
    part, frame = cast(Task, subject.part), small(subject)
    one, two = part.read(Table(frame, "small")), part.read(Table(frame.reverse(), "small"))
    texts = one.texts.equals(two.texts.reverse()) and part.texts(Table(frame, "small")).equals(
        part.texts(Table(frame.reverse(), "small")).reverse()
    )
    assert texts and one.labels.equals(two.labels.reverse()), "turned round, the table's rows hold something else"


@register_check("task", "a training reads a large file in parts, and none of them may change what a row says")
def parts_are_the_whole(subject: Subject) -> None:
    part, frame = cast(Task, subject.part), small(subject)
    if not part.reads_rows_independently():
        skip("it does not say that it reads each row by itself, so a file is read at once")
    label = part.label_column(Table(frame, "small"))
    if label in frame.columns:  # a part may be without a label from end to end
        beyond = pl.int_range(pl.len()) >= ROWS // 2
        frame = frame.with_columns(pl.when(beyond).then(pl.lit("")).otherwise(label).alias(label))
    whole = part.read(Table(frame, "small"))
    for size in (1, 7, ROWS // 2):
        found = concat_examples([part.read(Table(piece, "small")) for piece in frame.iter_slices(size)])
        for name in ("texts", "labels", "splits", "probabilities"):
            one, two = getattr(found, name), getattr(whole, name)
            equal = one is two if one is None or two is None else one.equals(two)
            assert equal, f"other {name} in parts of {size} rows"
        assert found.dropped == whole.dropped, f"other rows are left out in parts of {size} rows"


@register_check("task", "a row without a label must be seen to be left out")
def counts_rows_without_a_label(subject: Subject) -> None:
    part, frame = cast(Task, subject.part), small(subject)
    label = part.label_column(Table(frame, "small"))
    if label not in frame.columns:
        skip("no setting `label` names a column of its table")
    blank = frame.with_columns(pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("")).otherwise(label).alias(label))
    found = part.read(Table(blank, "small"))
    assert len(found.texts) == len(found.labels) == ROWS - 1, "it is kept, or others are gone"
    assert sum(found.dropped.values()) == 1, "it is not counted"


@register_check("task", "an example that cannot be made again is none")
def samples_the_same_again(subject: Subject) -> None:
    part = cast(Task, subject.part)
    if not part.has_sample:
        skip("it brings no sample")
    assert part.sample_data(rows=ROWS, seed=3).equals(part.sample_data(rows=ROWS, seed=3)), (
        "the same seed gave another sample"
    )
    assert not part.sample_data(rows=ROWS, seed=3).equals(part.sample_data(rows=ROWS, seed=4)), (
        "another seed gave the same"
    )
    assert part.sample_data(rows=31, seed=3).height == 31, "it has other rows than it was asked for"


@register_check("task", "a file has columns that are nobody's business")
def reads_only_its_own_columns(subject: Subject) -> None:
    part, frame = cast(Task, subject.part), small(subject)
    if part.output_type == "numbers" and not getattr(part, "columns", ()):
        skip("it takes every column, and names none")
    plain, wide = part.read(Table(frame, "s")), part.read(Table(frame.with_columns(zyzzyva=pl.lit("x")), "s"))
    assert plain.texts.equals(wide.texts) and plain.labels.equals(wide.labels), "a strange column changes what is read"


@register_check("task", "a wrong column is the user's commonest mistake")
def tells_of_a_missing_column(subject: Subject) -> None:
    table = Table(pl.DataFrame({"nothing": ["x"], "useful": ["y"]}), "file.csv")
    try:
        cast(Task, subject.part).read(table)
    except DataError as error:
        assert "file.csv" in str(error)
        return
    raise AssertionError("a table without its columns was read")
