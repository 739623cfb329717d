"""Checks of the texts that a task gives: the same in training and prediction, of every row, whole, normalized alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import polars as pl

from zoo_core.components.contracts import Task
from zoo_core.errors import ZooError
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.tasks.tables import MANY_ROWS, UNUSUAL, TaskTable, inputs_of, make_task_table, variants_of
from zoo_core.testing.truncation import is_explained

SINGLE_ROWS = 12
PIECE_ROWS = 100
LENGTHS = (8, 1000, 6000, 12_000, 40_000, 120_000)  # characters
FIRST, SECOND = "fine", "poor"  # last words that must be seen


@register_check("task", "a prediction must see the texts that training saw: no label, no other change")
def reads_the_texts_it_predicts(subject: Subject) -> None:
    for description, small in variants_of(make_task_table(subject)):
        examples, texts = small.read(), small.texts()
        if len(examples.texts) < len(texts):
            if examples.row_numbers is None:
                continue  # see row-numbers-are-correct
            texts = texts.gather(examples.row_numbers)
        problem = _difference(examples.texts, texts)
        assert not problem, f"for {description}, read() and texts() give other texts: {problem}"
        names = (*small.task.label_columns(small.table), small.task.split_column(small.table))
        unlabeled = small.with_frame(small.frame.drop(*(name for name in names if name in small.frame.columns)))
        try:
            without = unlabeled.texts()
        except ZooError as error:
            raise AssertionError(f"texts() of a table without labels, as in a prediction, raises: {error}") from error
        problem = _difference(without, small.texts())
        assert not problem, f"for {description}, texts() gives other texts without the columns of labels: {problem}"


def _difference(found: pl.Series, expected: pl.Series) -> str:
    """Where texts differ, in words; "" if they do not."""
    if len(found) != len(expected):
        return f"{len(found)} of them, and {len(expected)}"
    for row, (one, other) in enumerate(zip(found.to_list(), expected.to_list(), strict=True), start=1):
        if one != other:
            return f"{_show(one)} and {_show(other)} in row {row}"
    return ""


def _show(text: object) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 60 else f"{shown[:40]}… of {len(str(text)):,} characters"


@register_check("task", "a prediction has a text for every row, in order")
def texts_of_every_row(subject: Subject) -> None:
    for description, small in variants_of(make_task_table(subject)):
        texts, rows = small.texts(), small.frame.height
        assert len(texts) == rows, f"for {description}, texts() gives {len(texts)} texts for {rows} rows"
        is_plain = texts.dtype == pl.String and texts.null_count() == 0
        assert is_plain, f"for {description}, texts() gives {texts.dtype} with {texts.null_count()} nulls"
        reversed_texts = small.with_frame(small.frame.reverse()).texts()
        problem = _difference(reversed_texts.reverse(), texts)
        assert not problem, f"for {description} in reverse order, texts() gives others: {problem}"
        if not small.task.reads_rows_independently():
            continue
        for row in sorted({*range(min(SINGLE_ROWS, rows)), rows - 1}):
            alone = small.with_frame(small.frame.slice(row, 1)).texts()
            problem = _difference(alone, texts.slice(row, 1))
            assert not problem, f"for {description}, texts() gives another text for row {row + 1} alone: {problem}"


@register_check("task", "normalization must keep one text per row, independent of the other texts")
def normalizes_rows_independently(subject: Subject) -> None:
    texts = [*UNUSUAL, *(f"the place {row} is good" for row in range(MANY_ROWS - len(UNUSUAL)))]
    normalized = _normalize(subject, texts)
    is_column = len(normalized) == len(texts) and normalized.dtype == pl.String
    assert is_column, f"normalize() makes {len(normalized)} values {normalized.dtype} of {len(texts)} texts"
    assert normalized.null_count() == 0, f"normalize() makes {normalized.null_count()} texts null"
    pieces = [(at, 1) for at in range(len(UNUSUAL))] + [(at, PIECE_ROWS) for at in range(0, MANY_ROWS, PIECE_ROWS)]
    for start, length in pieces:
        problem = _difference(normalized.slice(start, length), _normalize(subject, texts[start : start + length]))
        assert not problem, f"normalize() depends on the other texts, of {MANY_ROWS} and of {length}: {problem}"


def _normalize(subject: Subject, texts: list[str]) -> pl.Series:
    """The normalized texts; AssertionError with the first text for which it raises."""
    try:
        return cast(Task, subject.component).normalize(inputs_of(subject, texts))
    except Exception as error:
        for text in texts if len(texts) > 1 else ():
            _normalize(subject, [text])
        shown = _show(texts[0]) if len(texts) == 1 else f"{len(texts)} texts"
        raise AssertionError(f"normalize() raises {type(error).__name__} for {shown}: {error}") from error


@register_check("task", "the end of a long text matters, unless a setting says where it is cut")
def reads_the_whole_text(subject: Subject) -> None:
    task = cast(Task, subject.component)
    if task.output_type == "numbers":
        skip("it reads numbers")
    _require_ends(subject, "normalize()", lambda texts: _normalize(subject, texts))
    small = make_task_table(subject)
    if small.text_names:
        _require_ends(subject, "texts()", lambda texts: small.with_texts(texts).texts())
        _require_ends(subject, "read()", lambda texts: small.with_texts(texts).read().texts)


def _require_ends(subject: Subject, where: str, give: Callable[[list[str]], pl.Series]) -> None:
    """Fail if two texts that differ at their ends only become the same."""
    pairs = {f"{length:,} characters": _pair("good ", length) for length in LENGTHS}
    pairs["two lines"] = (f"good food\n{FIRST}", f"good food\n{SECOND}")
    pairs["several lines"] = (f"good food\r\n\r\n{FIRST}", f"good food\r\n\r\n{SECOND}")
    try:
        found = give([text for pair in pairs.values() for text in pair]).to_list()
    except ZooError:  # it expects texts of another kind
        return
    if len(found) != 2 * len(pairs) or found[0] == found[1]:
        return
    seen = LENGTHS[0]
    for at, description in enumerate(pairs):
        length = LENGTHS[at] if at < len(LENGTHS) else len(pairs[description][0])
        is_seen = found[2 * at] != found[2 * at + 1]
        is_cut = at < len(LENGTHS) and is_explained(subject.component, [(seen, length)])
        what = f"{where} of texts of {description} that end in other words is the same: name the limit in a setting"
        assert is_seen or is_cut, what
        seen = length if is_seen and at < len(LENGTHS) else seen


def _pair(word: str, length: int) -> tuple[str, str]:
    start = (word * (length // len(word) + 1))[: max(length - 5, 0)].rstrip()
    return f"{start} {FIRST}".strip(), f"{start} {SECOND}".strip()


@register_check("task", "the table and the texts belong to the caller, who uses them again")
def does_not_modify_input(subject: Subject) -> None:
    task = cast(Task, subject.component)
    column = inputs_of(subject, list(UNUSUAL))
    before = column.to_list()
    task.normalize(column)
    assert column.to_list() == before, "normalize() changes the texts that it gets"
    for description, small in variants_of(make_task_table(subject)):
        _require_unchanged(small, description)


def _require_unchanged(small: TaskTable, description: str) -> None:
    """Fail if `read` or `texts` changes the table."""
    before, columns = small.frame.to_dict(as_series=False), small.frame.columns
    for name, use in (("read()", small.read), ("texts()", small.texts)):
        use()
        is_same = small.frame.columns == columns and small.frame.to_dict(as_series=False) == before
        assert is_same, f"for {description}, {name} changes the table that it gets"
