"""The output format and table writing shared by the data commands."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from zoo_cli.output import print_note
from zoo_cli.output_file import print_written
from zoo_cli.streams import data_stream
from zoo_cli.typed.again import column_options, setting_options
from zoo_cli.typed.wrong_arguments import RECOMMENDED_RECIPE

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.contracts import Task
    from zoo_core.components.missing_columns import ColumnNames
    from zoo_core.components.table import Table
    from zoo_core.config.zoo import Zoo
    from zoo_core.data.audit.commands import CheckedFiles
    from zoo_core.data.task_detection import TaskColumns


def write_frame(
    frame: pl.DataFrame,
    output: str,
    form: str,
    *,
    label: str = "label",
    text: str = "text",
    flat: bool = False,
    escaped: bool = False,
) -> None:
    """Write a table atomically to a file, or to standard output.

    `flat` replaces line breaks in texts by spaces; `escaped` escapes values that a spreadsheet would run.
    """
    from zoo_core.data.files.writer import output_format, write_table
    from zoo_core.data.spreadsheet_formulas import escape_formulas
    from zoo_core.errors import RecipeError
    from zoo_core.filesystem.writing import atomic_write

    file_format = output_format("" if output == "-" else output, form)
    if output == "-" and file_format.is_binary and data_stream().isatty():
        raise RecipeError("binary format on a terminal", hint="name an output file with -o")
    if escaped:
        frame = escape_formulas(frame, file_format)
    with nullcontext(data_stream().buffer) if output == "-" else atomic_write(output) as stream:
        write_table(frame, stream, file_format, label=label, text=text, replace_breaks=flat)


def print_guesses(guessed: ColumnNames) -> None:
    """Say which columns were guessed, as the options that would name them."""
    if guessed:
        print_note(f"columns guessed: {shlex.join(column_options(guessed))}")


def checked_files(table: Table, columns: TaskColumns, settings: Sequence[str], zoo: Zoo) -> CheckedFiles:
    """The files of a table, for commands that train a recipe on them as they were read."""
    from zoo_core.data.audit.commands import CheckedFiles
    from zoo_core.recipes.recipe import Recipe

    files = [] if table.origin == "stdin" else table.files()
    names_task = any(setting.partition("=")[0] in ("task", "task.use") for setting in settings)
    is_default = columns.task.name == Recipe("data", zoo, (zoo.defaults,)).plan().task.name
    task = [] if names_task or is_default else [f"task={columns.task.name}"]
    guessed = shlex.join(column_options(columns.guessed))
    options = " ".join(filter(None, [setting_options([*task, *settings]), guessed]))
    recipe = _recipe_for(columns.task, zoo)
    return CheckedFiles(files, options, recipe, _label_sets_recipe(zoo), recipe == RECOMMENDED_RECIPE)


def _label_sets_recipe(zoo: Zoo) -> str:
    """The first recipe for texts with several labels; "" if none is."""
    from zoo_core.recipes.recipe import load_recipe

    for name in zoo.recipes:
        task = load_recipe(name, zoo=zoo).plan().task
        if task.targets == "multi-label" and task.output_type == "text":
            return name
    return ""


def _recipe_for(task: Task, zoo: Zoo) -> str:
    """The recommended recipe for a task of texts; for another task the first recipe that has it, "" if none has."""
    from zoo_core.recipes.recipe import load_recipe

    if task.output_type == "text":
        return RECOMMENDED_RECIPE
    plans = ((name, load_recipe(name, zoo=zoo).plan()) for name in zoo.recipes)
    return next((name for name, plan in plans if type(plan.task) is type(task)), "")


def print_written_frame(frame: pl.DataFrame, output: str, **facts: Any) -> None:
    """Print as JSON what `write_frame` wrote to a file; a table on standard output is JSON itself."""
    if output != "-":
        print_written(output, rows=frame.height, columns=frame.columns, **facts)
