"""`zoo runs`: the runs in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note, print_table

METRICS = {"test accuracy": "accuracy", "test loss": "loss"}  # columns of the table, and names in a summary


@click.command("runs", epilog="Example: zoo runs experiments")
@click.argument("folder", default="runs")
@json_option
def runs_command(folder: str, as_json: bool) -> None:
    """List the runs in FOLDER (default: runs), including unfinished and corrupt ones."""
    from zoo_core.errors import DataError

    root = Path(folder)
    if not root.is_dir():
        if folder == "runs" and not root.exists():
            print_note("no runs yet")
            if as_json:
                print_json([])
            return
        raise DataError("folder not found", where=folder)
    rows = [_run_row(path) for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    rows = [row for row in rows if row]
    if as_json:
        print_json(rows)
        return
    columns = ["run", "state", "recipe", "epochs", *METRICS]
    print_table(columns, [list(row.values()) for row in rows])


def _run_row(path: Path) -> dict[str, Any]:
    """The row of a folder; empty for a folder that holds no run."""
    from zoo_core.errors import ZooError
    from zoo_core.runs.schemas import parse_summary
    from zoo_core.runs.staging import is_resumable
    from zoo_core.runs.store import is_finished, read_run

    summary: dict[str, Any] = {}
    try:
        if is_finished(path):
            summary = parse_summary(read_run(path)["result.json"], path / "result.json")
            state = "interrupted" if summary["interrupted"] else "finished"
        elif is_resumable(path):
            state = "unfinished: --resume"
        elif (path / "recipe.toml").is_file() or not any(path.iterdir()):
            state = "unfinished"
        else:
            return {}
    except ZooError as error:
        state = f"corrupt: {error.problems[0]}"
    except (OSError, MemoryError) as error:
        state = f"corrupt: {error or 'out of memory'}"
    metrics = summary.get("metrics", {}).get("test", {})
    return {
        "run": str(path),
        "state": state,
        "recipe": summary.get("recipe", ""),
        "epochs": summary.get("epochs", ""),
        **{column: round(metrics[name], 4) if name in metrics else "" for column, name in METRICS.items()},
    }
