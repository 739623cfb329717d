"""The task of a table, found by its columns or named by settings."""

from __future__ import annotations

import polars as pl
import pytest

from zoo_core.components.table import Table
from zoo_core.data.task_detection import find_task_columns
from zoo_core.errors import RecipeError


def table(records, names) -> Table:
    return Table(pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row"), "some.csv")


def test_finds_the_first_task_whose_columns_the_table_has(zoo):
    ours = table([("a", "b")], ("review", "rating"))
    assert find_task_columns(ours, zoo).task.name == "yelp"
    assert find_task_columns(table([("a", "b")], ("text", "label")), zoo).task.name == "text-classification"
    chosen = find_task_columns(ours, zoo, ["task=text-classification", "task.text=rating", "task.label=review"])
    assert (chosen.texts.to_list(), chosen.labels.to_list()) == (["b"], ["a"])
    with pytest.raises(RecipeError, match="not a setting of the task"):
        find_task_columns(ours, zoo, ["training.epochs=2"])
