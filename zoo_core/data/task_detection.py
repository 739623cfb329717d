"""Which columns of a table hold the texts, the labels and the splits, row for row: a task's own words for them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from attrs import frozen

from zoo_core.components.contracts import Task
from zoo_core.components.table import Table
from zoo_core.config.zoo import Zoo
from zoo_core.data.columns import read_labels
from zoo_core.errors import RecipeError, ZooError
from zoo_core.recipes.recipe import Recipe


@frozen(eq=False)
class TaskColumns:
    """Every row of a table as a task sees it, those it would drop as well; `splits` is the column, or None."""

    task: Task
    texts: pl.Series
    labels: pl.Series
    splits: pl.Series | None


def find_task_columns(table: Table, zoo: Zoo, settings: Sequence[str] = ()) -> TaskColumns:
    """The columns of a table by the task that `settings` name, as in `task=yelp` or `task.text=NAME`.

    Where they name none, it is the first task, the default one before the others by name, whose columns the table
    has. DataError for a column that is not there, RecipeError for a task that names no column of labels.
    """
    task = _task_for(table, zoo, settings)
    label = task.label_column(table)
    if not label:
        raise RecipeError(f'task "{task.name}" does not say which column holds the labels', hint="--set task=NAME")
    labels = read_labels(table, label)
    split = task.split_column(table)
    splits = table.frame[split] if split in table.frame.columns else None
    return TaskColumns(task, task.texts(table).rename("text"), labels, splits)


def _task_for(table: Table, zoo: Zoo, settings: Sequence[str]) -> Task:
    for one in settings:
        if one.partition("=")[0].partition(".")[0].strip() != "task":
            raise RecipeError(f'"{one}" is no setting of the task', hint="as in task.text=NAME or task=yelp")
    recipe = Recipe("data", zoo, (zoo.defaults,))
    wanted = recipe.override(*settings).plan().task if _names_task(settings) else None
    if wanted is not None:
        return wanted
    usual = recipe.plan().task.name
    for name in sorted(set(zoo.registry.names("task")), key=lambda name: (name != usual, name)):
        try:
            task = recipe.override(f"task={name}", *settings).plan().task
        except ZooError:  # a setting it does not have
            continue
        if _has_task_columns(task, table):
            return task
    return recipe.override(*settings).plan().task


def _names_task(settings: Sequence[str]) -> bool:
    return any(one.partition("=")[0].strip() in ("task", "task.use") for one in settings)


def _has_task_columns(task: Task, table: Table) -> bool:
    """Whether a table has the columns of texts and labels that a task's settings name."""
    if task.output_type != "text" or task.label_column(table) not in table.frame.columns:
        return False
    try:
        task.texts(table)
    except ZooError:
        return False
    return True
