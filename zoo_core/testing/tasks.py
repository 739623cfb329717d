"""What tasks promise."""

from __future__ import annotations

from typing import cast

import polars as pl

from zoo_core.contracts import Task
from zoo_core.errors import DataError
from zoo_core.table import Table
from zoo_core.testing.cases import Subject, check, skip
from zoo_core.testing.examples import TEXTS


@check("task", "rows in, rows out: a lost row shifts every label after it")
def normalises_row_for_row(subject: Subject) -> None:
    odd = [*TEXTS, "  spaced  ", "NA", "null", "Ünïcode ☕ 名前", "a\nb", "x" * 5000]
    made = cast(Task, subject.part).normalise(pl.Series("text", odd, dtype=pl.String))
    assert len(made) == len(odd) and made.dtype == pl.String and made.null_count() == 0
    single = [cast(Task, subject.part).normalise(pl.Series("text", [text]))[0] for text in odd]
    assert made.to_list() == single, "a text is made plain differently among others"


@check("task", "an example that cannot be read is none")
def reads_its_own_sample(subject: Subject) -> None:
    part = cast(Task, subject.part)
    if not part.has_sample:
        skip("it brings no sample")
    frame = part.sample(rows=60, seed=3)
    found = part.read(Table(frame, "sample"))
    assert frame.height == len(found.texts) + sum(found.dropped.values()) == 60
    assert len(found.labels) == len(found.texts) and found.labels.n_unique() >= 2
    assert part.sample(rows=60, seed=3).equals(frame), "the same seed gave another sample"
    assert part.texts(Table(frame, "sample")).len() == 60


@check("task", "a file has columns that are nobody's business")
def reads_only_its_own_columns(subject: Subject) -> None:
    part = cast(Task, subject.part)
    if not part.has_sample:
        skip("it brings no sample")
    frame = part.sample(rows=60, seed=3)
    plain, wide = part.read(Table(frame, "s")), part.read(Table(frame.with_columns(zyzzyva=pl.lit("x")), "s"))
    assert plain.texts.equals(wide.texts) and plain.labels.equals(wide.labels), "a strange column changes what is read"


@check("task", "a wrong column is the user's commonest mistake")
def tells_of_a_missing_column(subject: Subject) -> None:
    table = Table(pl.DataFrame({"nothing": ["x"], "useful": ["y"]}), "file.csv")
    try:
        cast(Task, subject.part).read(table)
    except DataError as error:
        assert "file.csv" in str(error)
        return
    raise AssertionError("a table without its columns was read")
