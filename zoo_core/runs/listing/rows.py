"""Rows for the runs and swaps in a folder; what is corrupt or unfinished has a row that says so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from zoo_core.config.zoo import Zoo
from zoo_core.errors import Problem, RunFolderError, ZooError
from zoo_core.filesystem.sealed_files import MANIFEST, SWAP_FILE
from zoo_core.recipes.component_owners import find_missing_owners
from zoo_core.recipes.overrides import Overrides
from zoo_core.runs.regular_files import read_regular_file
from zoo_core.runs.schemas import parse_components, parse_recipe, parse_summary
from zoo_core.runs.sealed_json import parse_sealed_json
from zoo_core.runs.staging import is_resumable
from zoo_core.runs.store import is_finished, parse_json, read_run

DECISION_FILE = "decision.json"  # as in runs.decisions.stored, which needs torch
SWAP_RESULTS = "table.json"  # of a swap: what is written last
MAX_QUICK_BYTES = 8192  # of a recipe
DIGITS = re.compile(r"([0-9]+)")
LOSS = "loss"


@frozen
class RunRow:
    """A run or a swap in a folder. `changes` are the settings that differ from its recipe, None if it is unknown.

    `metrics` maps a split to values and `intervals` to their intervals, which old runs lack; `monitor` and `metric` are
    the names of the monitored and of the first metric.
    """

    run: str
    state: str
    date: datetime
    recipe: str = ""
    data: str = ""
    changes: Mapping[str, Any] | None = None
    epochs: int | None = None
    monitor: str = ""
    metric: str = ""
    metrics: Mapping[str, Mapping[str, float]] = field(factory=dict)
    intervals: Mapping[str, Mapping[str, Sequence[float] | None]] = field(factory=dict)
    rows: Mapping[str, int] = field(factory=dict)
    warnings: int | None = None
    decision: str = ""  # the rule that predicts a class, unless it is the most probable one
    missing: tuple[Problem, ...] = ()  # for each plugin that made it and is not available

    def value_of(self, metric: str) -> tuple[str, float] | None:
        """The split and the value of a metric: of test, else of val or a fold; None if the run does not have it."""
        for split in ("test", "fold", "val", *self.metrics):
            if metric in self.metrics.get(split, {}):
                return split, self.metrics[split][metric]
        return None


def list_runs(folder: Path, zoo: Zoo) -> list[RunRow]:
    """The runs and swaps in a folder, or the trials of a swap, or the one run that it is; the newest last.

    Those of the same second are in natural order: `yelp-2` before `yelp-10`.
    """
    overrides = Overrides(zoo)
    if is_finished(folder):
        paths = [folder]
    else:
        root = folder / "trials" if (folder / SWAP_FILE).is_file() and (folder / "trials").is_dir() else folder
        paths = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    rows = [row for path in paths if (row := _read_row(path, overrides)) is not None]
    return sorted(rows, key=lambda row: (int(row.date.timestamp()), natural_key(row.run)))


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """A key to sort texts by, with numbers in their order.

    >>> sorted(["yelp-10", "yelp-2", "10", "a"], key=natural_key)
    ['10', 'a', 'yelp-2', 'yelp-10']
    """
    return [(0, int(part), part) if part.isdigit() else (1, 0, part) for part in DIGITS.split(text) if part]


def _read_row(path: Path, overrides: Overrides) -> RunRow | None:
    """The row of a folder; None for a folder that holds no run."""
    date = _modified(path)
    try:
        if is_finished(path):
            return _read_finished(path, overrides)
        if (path / SWAP_FILE).is_file():
            return _read_swap(path)
        if is_resumable(path):
            return RunRow(str(path), "unfinished: --resume", date)
        if (path / "recipe.toml").is_file() or not any(path.iterdir()):
            return RunRow(str(path), "unfinished", date)
    except ZooError as error:
        return RunRow(str(path), f"corrupt: {error.problems[0]}", date)
    except (OSError, MemoryError) as error:
        return RunRow(str(path), f"corrupt: {error or 'out of memory'}", date)
    return None


def _modified(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    except (OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(0).astimezone()


def _read_finished(path: Path, overrides: Overrides) -> RunRow:
    files = read_run(path)
    summary = parse_summary(files["result.json"], path / "result.json")
    stored = _read_recipe(files["recipe.toml"], path / "recipe.toml")
    components = parse_components(files["components.json"], path / "components.json")
    training = stored.get("training")
    training = training if isinstance(training, Mapping) else {}
    metrics = training.get("metrics")
    first = metrics[0] if isinstance(metrics, list) and metrics else None
    findings = summary.get("findings")
    return RunRow(
        run=str(path),
        state="interrupted" if summary["interrupted"] else "finished",
        date=_modified(path / MANIFEST),
        recipe=summary["recipe"],
        data=", ".join(summary["data"]["files"]) or summary["data"]["source"],
        changes=overrides.find(summary["recipe"], stored),
        epochs=summary["epochs"],
        monitor=str(training.get("monitor", LOSS)),
        metric=str(first.get("use", "")) if isinstance(first, Mapping) else "",
        metrics=summary["metrics"],
        intervals=summary.get("intervals", {}),
        rows=summary["rows"],
        warnings=_count_warnings(findings) if isinstance(findings, list) else None,
        decision=_read_decision(files.get(DECISION_FILE), path / DECISION_FILE),
        missing=tuple(find_missing_owners(components, overrides.zoo)),
    )


def _read_decision(data: bytes | None, path: Path) -> str:
    """The stored decision in a few words; "" for the most probable class."""
    values = None if data is None else parse_json(data, str(path), has_paths=True)
    if not isinstance(values, Mapping):
        return ""
    if values.get("by_cost"):
        return "by cost"
    threshold = values.get("threshold")
    if values.get("thresholds"):
        return "thresholds by class"
    return f"threshold {threshold}" if isinstance(threshold, float) and threshold != 0.5 else ""


def _read_recipe(data: bytes, path: Path) -> Mapping[str, Any]:
    """The values of a recipe, without the line of each; a large one is read slowly, within bounds."""
    if len(data) > MAX_QUICK_BYTES:
        return parse_recipe(data, path).values
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RunFolderError("not a recipe in TOML", where=str(path)) from None


def _count_warnings(findings: list[Any]) -> int:
    return sum(isinstance(one, Mapping) and one.get("severity") in ("warning", "error") for one in findings)


def _read_swap(path: Path) -> RunRow:
    """The row of a swap: its variants take the place of changes."""
    design = parse_sealed_json(read_regular_file(path / SWAP_FILE), path / SWAP_FILE)
    variants, data = design.get("variants"), design.get("data")
    names = [str(one.get("name")) for one in variants if isinstance(one, Mapping)] if isinstance(variants, list) else []
    state = "swap" if (path / SWAP_RESULTS).is_file() else "unfinished swap"
    source = data.get("source") if isinstance(data, Mapping) else None
    changes = {"variants": names}
    return RunRow(
        str(path), state, _modified(path / SWAP_FILE), str(design.get("recipe", "")), str(source or ""), changes
    )


def count_swaps(folder: Path) -> int:
    """The number of swaps in a folder; 0 if there is no such folder."""
    return sum(1 for _ in _swaps(folder))


def _swaps(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if (path / SWAP_FILE).is_file())
