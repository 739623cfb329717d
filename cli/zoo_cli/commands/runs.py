"""`zoo runs`: the runs in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note, print_table


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
    columns = ["run", "state", "recipe", "epochs", "test accuracy", "test loss"]
    print_table(columns, [list(row.values()) for row in rows])


def _run_row(path: Path) -> dict[str, Any]:
    from zoo_core.errors import ZooError
    from zoo_core.runs.staging import is_resumable
    from zoo_core.runs.store import is_finished, parse_json, read_run

    if not is_finished(path):
        state = "unfinished" if (path / "recipe.toml").is_file() or not any(path.iterdir()) else ""
        state = "unfinished: --resume" if is_resumable(path) else state
        return {"run": str(path), "state": state, "recipe": "", "epochs": "", **_test_metrics({})} if state else {}
    try:
        summary = parse_json(read_run(path)["result.json"], "result.json", has_paths=True)
        state = "interrupted" if summary["interrupted"] else "finished"
        return {
            "run": str(path),
            "state": state,
            "recipe": summary["recipe"],
            "epochs": summary["epochs"],
            **_test_metrics(summary["metrics"].get("test", {})),
        }
    except ZooError as error:
        reason = str(error)
    except (KeyError, TypeError, AttributeError):
        reason = "result.json is not a valid run result"
    return {"run": str(path), "state": f"corrupt: {reason}", "recipe": "", "epochs": "", **_test_metrics({})}


def _test_metrics(metrics: dict[str, Any]) -> dict[str, Any]:
    names = {"test accuracy": "accuracy", "test loss": "loss"}
    return {column: round(metrics[name], 4) if name in metrics else "" for column, name in names.items()}
