"""What a task gives is checked: a broken promise names the task and its plugin, before anything else fails."""

from __future__ import annotations

import math

import polars as pl
import pytest
from attrs import evolve

from zoo_core import open_zoo
from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.task_results.columns import check_names, check_sample, check_texts
from zoo_core.data.task_results.examples import check_examples
from zoo_core.errors import PluginError
from zoo_core.plugins.attribution import attribute_errors
from zoo_textbook.tasks.text_classification import TextClassification

TASK = TextClassification()
SOFT_TASK = TextClassification(probabilities=("bad", "good"))
TABLE = Table(pl.DataFrame({"text": ["a", "b", "c"]}), "file.csv")
GOOD = Examples(pl.Series(["a", "b", "c"]), pl.Series(["x", "y", "x"]))
SOFT = evolve(
    GOOD,
    labels=pl.Series(["good", "bad", "good"]),
    probabilities=pl.DataFrame({"bad": [0.2, 0.9, 0.5], "good": [0.8, 0.1, 0.5]}).cast(pl.Float32),
)


def soft_with(first: list[float | None], dtype=pl.Float32):
    frame = pl.DataFrame({"bad": [first[0], 0.9, 0.5], "good": [first[1], 0.1, 0.5]}).cast(dtype)
    return evolve(SOFT, probabilities=frame)


def error_of(task, examples) -> str:
    with pytest.raises(PluginError) as caught:
        check_examples(open_zoo().registry, task, TABLE, examples)
    assert f'task "{task.name}" of textzoo' in str(caught.value)
    return caught.value.problems[0].message


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "read() gave NoneType, not Examples"),
        (evolve(GOOD, texts=pl.Series(["a", None, "c"])), "null in texts, as in row 1"),
        (evolve(GOOD, texts=pl.Series([1, 2, 3])), "texts of type Int64, expected strings"),
        (evolve(GOOD, texts=["a", "b", "c"]), "texts as list, expected a series of strings"),
        (evolve(GOOD, labels=pl.Series([0, 1, 0])), "labels of type Int64, expected strings"),
        (evolve(GOOD, labels=pl.Series(["x", "y"])), "2 labels for a table of 3 rows"),
        (evolve(GOOD, dropped={"no label": 1}), "3 texts for a table of 3 rows of which 1 are dropped"),
        (evolve(GOOD, dropped={"no label": -1}), "dropped = {'no label': -1}"),
        (evolve(GOOD, splits=pl.Series(["train", "valid", "test"])), 'the split "valid"'),
        (evolve(GOOD, row_numbers=pl.Series([0, 1, 1])), "3 row_numbers, 2 different ones"),
        (evolve(GOOD, row_numbers=pl.Series([0, 1, 3])), "row_numbers from 0 to 3"),
        (evolve(GOOD, probabilities=SOFT.probabilities), "probabilities, which has_soft_targets() does not promise"),
    ],
)
def test_examples_that_break_a_promise(wrong, message):
    assert message in error_of(TASK, wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (GOOD, "no probabilities, but has_soft_targets() promises them"),
        (soft_with([0.2, 0.9]), "a sum other than 1 for row 0: 0.2, 0.9"),
        (soft_with([0.2, 0.81]), "a sum other than 1"),
        (soft_with([-0.2, 1.2]), "not probabilities for row 0: -0.2, 1.2"),
        (soft_with([math.nan, 1.0]), "not probabilities for row 0: nan, 1"),
        (soft_with([None, 1.0]), "not probabilities for row 0: null, 1"),
        (soft_with([math.inf, 0.0]), "not probabilities for row 0: inf, 0"),
        (soft_with([0.2, 0.8], pl.Float64), "probabilities of 3 rows of ['Float64']"),
        (evolve(SOFT, probabilities=SOFT.probabilities.head(2)), "probabilities of 2 rows"),
        (evolve(SOFT, probabilities=SOFT.probabilities.select("bad").cast(pl.Float32)), "probabilities of 1 class"),
        (evolve(SOFT, labels=pl.Series(["good", "ugly", "good"])), 'the label "ugly", which is not a column'),
    ],
)
def test_probabilities_that_break_a_promise(wrong, message):
    assert message in error_of(SOFT_TASK, wrong)


def test_sound_examples():
    registry = open_zoo().registry
    assert check_examples(registry, TASK, TABLE, GOOD) is GOOD
    assert check_examples(registry, SOFT_TASK, TABLE, SOFT) is SOFT
    rounded = soft_with([0.2, 0.7991])  # as a file may have it
    assert check_examples(registry, SOFT_TASK, TABLE, rounded) is rounded


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: check_texts(TASK, TABLE, pl.Series(["a"])), "texts() gave 1 text for 3 rows"),
        (lambda: check_texts(TASK, TABLE, ["a", "b", "c"]), "texts() gave list"),
        (lambda: check_texts(TASK, TABLE, pl.Series(["a", None, "c"])), "texts() gave null for row 1"),
        (lambda: check_texts(TASK, TABLE, pl.Series([1, 2, 3])), "texts() gave Int64"),
        (lambda: check_sample(TASK, pl.DataFrame({"a": [1]}), 1), 'a column "a" whose values are not all strings'),
        (lambda: check_sample(TASK, pl.DataFrame({"a": ["1"]}), 2), "sample_data() gave 1 row, expected 2"),
        (lambda: check_sample(TASK, None, 2), "sample_data() gave NoneType"),
        (lambda: check_names(TASK, "text"), "used_columns() gave 'text', expected the names of columns"),
        (lambda: check_names(TASK, [1]), "used_columns() gave [1]"),
    ],
)
def test_columns_that_break_a_promise(check, message):
    with (
        pytest.raises(PluginError, match='task "text-classification" of textzoo') as caught,
        attribute_errors(open_zoo().registry),
    ):
        check()
    assert message in str(caught.value)
