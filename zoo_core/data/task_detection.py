"""The task that fits a table, and the table's texts, labels and splits as that task names them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

import polars as pl
from attrs import evolve, field, frozen

from zoo_core.components.contracts import Task
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.labeled_task import LabeledTask
from zoo_core.components.missing_columns import ColumnNames, MissingColumnsError
from zoo_core.components.table import Table
from zoo_core.config.zoo import Zoo
from zoo_core.data.column_guesses import Role
from zoo_core.data.columns import read_labels
from zoo_core.data.files.column_choice import ChooseColumns, TaskChoice, all_columns
from zoo_core.data.label_rules import read_kept_rows, settle_rare_classes
from zoo_core.data.missing_columns import ROLES, complete_missing_columns, find_missing
from zoo_core.errors import RecipeError, ZooError
from zoo_core.recipes.recipe import Recipe


@frozen(eq=False)
class TaskColumns:
    """All rows of a table as a task sees them, including those it would drop; `splits` is the raw column or None.

    `labels` are those of the file, of multi-label targets lists. `classes` is what training makes of them: "" for a row
    without a label, or whose label is dropped as the task's settings say; of multi-label targets a list without such
    labels. `dropped` counts the latter by reason, `rare` the rows of each rare class. `guessed` are
    the columns that were guessed, by setting.
    """

    task: Task
    texts: pl.Series
    labels: pl.Series
    splits: pl.Series | None
    classes: pl.Series
    dropped: Mapping[str, int] = field(factory=dict)
    rare: Mapping[str, int] = field(factory=dict)
    guessed: ColumnNames = field(factory=dict)


def given_reader(zoo: Zoo, settings: Sequence[str]) -> ReaderSettings:
    """How files are read by settings such as `reader.delimiter=;`, among others. RecipeError for invalid ones."""
    return Recipe("data", zoo).with_assignments(*settings).given_reader()


def given_choice(zoo: Zoo, settings: Sequence[str]) -> ChooseColumns:
    """All columns of a file, those of lists only if the task that settings name reads them. RecipeError as above."""
    if not _names_task(settings):
        return all_columns
    task = Recipe("data", zoo, (zoo.defaults,)).with_assignments(*settings).plan().task
    return TaskChoice(task, is_all=True)


def find_task_columns(table: Table, zoo: Zoo, settings: Sequence[str] = (), *, needs_split: bool = True) -> TaskColumns:
    """The columns of a table for the task that `settings` name, as in `task=yelp` or `task.text=NAME`.

    If they do not name a task, it is the first task whose columns the table has: the default task, then the others by
    name. If no task fits, the columns that the settings do not name are guessed. A column of splits that the settings
    name may be missing if none is needed.

    Raises DataError for a missing column, RecipeError for a task without a label column.
    """
    task, roles = _find_task(table, zoo, settings), ROLES if needs_split else ROLES[:2]
    try:
        return _read_columns(task, table, roles)
    except MissingColumnsError as error:
        guesses = _complete_guesses(error, settings)
    recipe = Recipe("data", zoo, (zoo.defaults,)).override(*settings, f"task.use={task.name}", *_assign(guesses))
    return evolve(_read_columns(recipe.plan().task, table, roles), guessed=guesses)


def with_guessed_columns(recipe: Recipe, table: Table, settings: Sequence[str]) -> tuple[Recipe, ColumnNames]:
    """The recipe with the columns of texts and labels that its task lacks, if all can be guessed; and these guesses.

    Raises MissingColumnsError if they cannot be guessed, or if one of `settings` names them.
    """
    task = recipe.plan().task
    if task.has_soft_targets() or not find_missing(task, table, ROLES[:2]):
        return recipe, {}
    try:
        _read_columns(task, table, ROLES[:2])
    except MissingColumnsError as error:
        guesses = _complete_guesses(error, settings)
        return recipe.override(*_assign(guesses)), guesses
    return recipe, {}


def _complete_guesses(error: MissingColumnsError, settings: Sequence[str]) -> ColumnNames:
    """A guess of every missing column. Raises the error if there is none, or if the settings name such a column."""
    guesses, named = error.missing.guesses, {assignment.partition("=")[0].strip() for assignment in settings}
    if guesses.keys() != error.missing.names.keys() or not named.isdisjoint(guesses):
        raise error
    return guesses


def _assign(guesses: ColumnNames) -> list[str]:
    return [f"{key}={json.dumps(list(names) if len(names) > 1 else names[0])}" for key, names in guesses.items()]


def _read_columns(task: Task, table: Table, roles: Collection[Role]) -> TaskColumns:
    names = task.label_columns(table)
    if not names:
        raise RecipeError(f'task "{task.name}" has no column of labels', hint="choose another with --set task=NAME")
    with complete_missing_columns(task, table, roles=roles):
        labels = task.read(table).labels if task.targets == "multi-label" else read_labels(table, names[0])
        if "split" in roles and find_missing(task, table, ["split"]):
            table.column(task.split_column(table), setting="task.split")
        split = task.split_column(table)
        splits = table.frame[split] if split in table.frame.columns else None
        columns = TaskColumns(task, task.texts(table).rename("text"), labels, splits, labels)
        return _apply_label_rules(columns, table)


def _apply_label_rules(columns: TaskColumns, table: Table) -> TaskColumns:
    """The columns with what the settings of the task drop and merge; unchanged if it has no such settings."""
    task, rows = columns.task, len(columns.labels)
    if not isinstance(task, LabeledTask) or not (task.labels_to_drop() or task.min_rows):
        return columns
    examples = settle_rare_classes(task, read_kept_rows(task, table, task.read))
    classes = examples.labels
    if examples.row_numbers is not None:
        classes = pl.repeat("", rows, eager=True).scatter(examples.row_numbers, classes)
    return evolve(columns, classes=classes, dropped=examples.dropped, rare=examples.rare)


def _find_task(table: Table, zoo: Zoo, settings: Sequence[str]) -> Task:
    for assignment in settings:
        if assignment.partition("=")[0].partition(".")[0].strip() not in ("task", "reader"):
            hint = "set the task, as in task.text=NAME or task=yelp"
            raise RecipeError(f'"{assignment}" is not a setting of the task or the reader', hint=hint)
    recipe = Recipe("data", zoo, (zoo.defaults,))
    if _names_task(settings):
        return recipe.with_assignments(*settings).plan().task
    default = recipe.plan().task.name
    for name in sorted(set(zoo.registry.names("task")), key=lambda name: (name != default, name)):
        try:
            task = recipe.with_assignments(f"task={name}", *settings).plan().task
        except ZooError:  # it does not have one of the settings
            continue
        if _has_task_columns(task, table):
            return task
    return recipe.with_assignments(*settings).plan().task


def _names_task(settings: Sequence[str]) -> bool:
    return any(assignment.partition("=")[0].strip() in ("task", "task.use") for assignment in settings)


def _has_task_columns(task: Task, table: Table) -> bool:
    """Whether a table has the text and label columns that a task's settings name."""
    named = set(task.fields().values()) - {"text"}  # other columns than of texts are named by settings
    is_candidate = task.output_type == "text" or (task.output_type == "fields" and named)
    labels = task.label_columns(table)
    if not is_candidate or not labels or not set(labels).issubset(table.frame.columns):
        return False
    try:
        task.texts(table)
    except ZooError:
        return False
    return True
