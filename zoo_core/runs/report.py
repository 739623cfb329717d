"""The report of a run: panels of curves, matrices and words, and for a missing panel the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, cast

from zoo_core.components.head import Head
from zoo_core.data.files.sources import Data
from zoo_core.data.memory.reading import is_in_memory
from zoo_core.data.memory.values import SOURCE
from zoo_core.errors import RecipeError, ZooError
from zoo_core.evaluation.diagnostics import class_reports, confusion, precision_recall, reliability, roc
from zoo_core.messages import join_names, name_hint
from zoo_core.plots.panels import PANELS, SPLIT_PANELS, RunReport, default_panels
from zoo_core.recipes.plan import Plan
from zoo_core.runs.history import read_history

MAX_NAMED_FILES = 3


class ReportedRun(Protocol):
    """What a report needs of a run."""

    @property
    def folder(self) -> Path: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def head(self) -> Head: ...
    @property
    def summary(self) -> Mapping[str, Any]: ...

    def scores_and_targets(self, data: Data | None = None, *, split: str = "", reader: str = "") -> Any:
        """Scores and class indices of a split."""

    def top_features(self, limit: int = 20) -> Any:
        """The words that contribute most to each class."""


def run_report(
    run: ReportedRun,
    panels: Sequence[str] = (),
    *,
    data: Data | None = None,
    split: str = "",
    reader: str = "",
    top: int = 8,
) -> RunReport:
    """Compute the requested panels, or those that the targets have; raises the first error if no panel has a result.

    The split is selected as in `Run.score_split`. An error in `data` or `split` is raised; if the data that the run was
    trained on is missing, the panels that need it are missing. Raises RecipeError for an unknown panel.
    """
    for panel in panels:
        if panel not in PANELS:
            raise RecipeError(f'unknown panel "{panel}"', hint=name_hint(str(panel), PANELS))
    panels = panels or default_panels(is_exclusive=run.head.form.is_exclusive)
    results: dict[str, Any] = {}
    missing: dict[str, ZooError] = {}
    scored = None
    if set(panels) & set(SPLIT_PANELS):
        try:
            scored = run.scores_and_targets(data, split=split, reader=reader)
        except ZooError as error:
            if data is not None or split:
                raise
            missing = {panel: error for panel in SPLIT_PANELS if panel in panels}
    for panel, compute in _panel_functions(run, scored, top).items():
        if panel in panels:
            try:
                results[panel] = compute()
            except ZooError as error:
                missing[panel] = error
    if not results and missing:
        raise next(iter(missing.values()))
    rows = len(scored[1]) if scored else 0
    return RunReport(run.summary["recipe"], split or _describe_data(data), rows, results, missing)


def _panel_functions(run: ReportedRun, scored: tuple[Any, Any] | None, top: int) -> dict[str, Callable[[], Any]]:
    """The function of each panel that has its input, in the order of PANELS."""
    best_epoch, monitor = run.summary.get("best_epoch"), run.plan.training.monitor
    functions: dict[str, Callable[[], Any]] = {
        "curves": lambda: read_history(run.folder, best_epoch=best_epoch, monitor=monitor),
        "words": lambda: run.top_features(top),
    }
    if scored is not None:
        scores, targets = scored
        functions["confusion"] = lambda: confusion(run.head, scores, targets)
        functions["classes"] = lambda: class_reports(run.head, scores, targets)
        functions["reliability"] = lambda: reliability(run.head, scores, targets)
        functions["roc"] = lambda: _require_curves(roc(run.head, scores, targets))
        functions["pr"] = lambda: _require_curves(precision_recall(run.head, scores, targets))
    return {panel: functions[panel] for panel in PANELS if panel in functions}


def _describe_data(data: Data | None) -> str:
    if data is None:
        return "test"
    if is_in_memory(data):
        return SOURCE
    names = [data] if isinstance(data, str | PathLike) else cast(Iterable[Any], data)
    return join_names(map(str, names), MAX_NAMED_FILES)


def _require_curves(curves: tuple[Any, ...]) -> tuple[Any, ...]:
    if not curves:
        raise RecipeError("the split has rows of only one class, and a curve needs two")
    return curves
