"""`zoo runs`: the runs and swaps in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.completion.recipes import complete_recipe
from zoo_cli.context import open_zoo_quietly
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table, print_warning

if TYPE_CHECKING:
    from zoo_core.runs.listing.rows import RunRow

DEFAULT_FOLDER, SWAPS_FOLDER = "runs", "swaps"
MAX_CHANGES = 120  # characters of the settings in the table
OPTIONAL_COLUMNS = ("epochs", "metric", "data", "date", "warnings")  # of a narrow terminal, the first is left out first


@click.command("runs", epilog="Example: zoo runs experiments --recipe yelp-mlp")
@click.argument("folder", default=DEFAULT_FOLDER)
@click.option(
    "--recipe", default="", metavar="NAME", shell_complete=complete_recipe, help="List only the runs of this recipe."
)
@click.option("--data", default="", metavar="FILE", help="List only the runs on this file; its name is enough.")
@click.option(
    "--sort",
    type=click.Choice(["date", "name"]),
    default="date",
    show_default=True,
    help="The order: the newest last, or by name.",
)
@plugin_option
@json_option
@click.pass_context
def runs_command(ctx: click.Context, folder: str, recipe: str, data: str, sort: str, as_json: bool) -> None:
    """List the runs in FOLDER (default: runs), including unfinished and corrupt ones; of a swap, its trials.

    Each has its data, the settings that differ from its recipe, when it was written, and the metrics: the one that its
    training monitored and the first one of its recipe, on the test split if it has one.
    """
    from zoo_core.errors import DataError
    from zoo_core.filesystem.names import closest_path_hint
    from zoo_core.runs.listing.rows import list_runs, natural_key

    root = Path(folder)
    if not root.is_dir():
        if folder != DEFAULT_FOLDER or root.exists():
            raise DataError("folder not found", where=folder, hint=closest_path_hint(root, Path.is_dir))
        print_note("no runs yet")
        if as_json:
            print_json([])
        _mention_swaps()
        return
    found = list_runs(root, open_zoo_quietly(ctx))
    rows = [row for row in found if _is_selected(row, recipe, data)]
    if not rows:
        print_note(_describe_none(found, folder, recipe, data))
    if sort == "name":
        rows.sort(key=lambda row: natural_key(row.run))
    for warning in _missing_plugins(rows):
        print_warning(warning)
    if as_json:
        print_json([_to_dict(row) for row in rows])
    else:
        if rows:
            _print_rows(rows)
        if folder == DEFAULT_FOLDER:
            _mention_swaps()


def _is_selected(row: RunRow, recipe: str, data: str) -> bool:
    files = row.data.split(", ")
    has_data = not data or data == row.data or any(data in (name, Path(name).name) for name in files)
    return has_data and recipe in ("", row.recipe)


def _describe_none(rows: list[RunRow], folder: str, recipe: str, data: str) -> str:
    """Say that no run was found, and which recipes or files the runs of the folder have, if they were selected."""
    from zoo_core.messages import name_hint

    files = {name for row in rows for name in row.data.split(", ") if name}
    asked = [("recipe", recipe, {row.recipe for row in rows if row.recipe}), ("data", data, files)]
    words, hint = "", ""
    for name, value, known in asked:
        if value:
            words += f' of {name} "{value}"' if name == "recipe" else f' on "{value}"'
            names = known if name == "recipe" else {*known, *(Path(one).name for one in known)}
            hint = hint or (name_hint(value, names) if value not in names else "")
    return f"no runs{words} in {folder}{f' (hint: {hint})' if hint else ''}"


def _missing_plugins(rows: list[RunRow]) -> list[str]:
    """A warning for each plugin that runs were made with and that is not available."""
    from attrs import evolve

    from zoo_core.errors import Problem
    from zoo_core.messages import join_names

    runs: dict[Problem, list[str]] = {}
    for row in rows:
        for problem in row.missing:
            runs.setdefault(problem, []).append(row.run)
    return [str(evolve(problem, where=join_names(names, 3))) for problem, names in runs.items()]


def _mention_swaps() -> None:
    """Say where swaps are listed, if there are any."""
    from zoo_core.messages import pluralize, suggest_command
    from zoo_core.runs.listing.rows import count_swaps

    if count := count_swaps(Path(SWAPS_FOLDER)):
        command = suggest_command("zoo runs", Path(SWAPS_FOLDER))
        print_note(f"zoo: {pluralize(count, 'swap')} in {SWAPS_FOLDER}: list with {command}")


def _print_rows(rows: list[RunRow]) -> None:
    columns = ["run", "state", "recipe", "changes", "data", "date", "epochs", "monitored", "metric", "warnings"]
    cells = [
        [
            row.run,
            row.state,
            row.recipe,
            ", ".join(filter(None, [_describe_changes(row.changes), row.decision])) if row.recipe else "",
            row.data,
            f"{row.date:%Y-%m-%d %H:%M}",
            "" if row.epochs is None else row.epochs,
            _describe_metric(row, row.monitor),
            "" if row.metric == row.monitor else _describe_metric(row, row.metric),
            "" if row.warnings is None else row.warnings,
        ]
        for row in rows
    ]
    print_table(columns, cells, optional=OPTIONAL_COLUMNS)


def _describe_changes(changes: Mapping[str, Any] | None) -> str:
    """The changed settings as the command line has them, shortened; a question mark for an unknown recipe."""
    from zoo_core.messages import shorten
    from zoo_core.recipes.assignments import format_value

    if changes is None:
        return "?"
    texts = [f"{key}={value if isinstance(value, str) else format_value(value)}" for key, value in changes.items()]
    return shorten(" ".join(texts), MAX_CHANGES)


def _describe_metric(row: RunRow, metric: str) -> str:
    from zoo_core.evaluation.intervals.interval import format_figure

    found = row.value_of(metric)
    if found is None:
        return ""
    split, value = found
    intervals = row.intervals.get(split)  # runs of older versions have none
    return f"{split} {metric} " + (format_figure(value, intervals.get(metric)) if intervals else f"{value:.4f}")


def _to_dict(row: RunRow) -> dict[str, Any]:
    from attrs import asdict

    monitored = row.value_of(row.monitor)
    values = asdict(row, recurse=False)
    values["missing"] = list(map(str, row.missing))
    values["date"] = row.date.isoformat(timespec="seconds")
    if monitored:
        split, value = monitored
        interval = row.intervals.get(split, {}).get(row.monitor)
        values["monitored"] = {"name": row.monitor, "split": split, "value": value, "interval": interval}
    else:
        values["monitored"] = None
    return {key: value for key, value in values.items() if key != "monitor"}
