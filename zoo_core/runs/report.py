"""What there is to see of a run, panel by panel, and why what is missing is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.data.files.sources import Data
from zoo_core.errors import RecipeError, ZooError
from zoo_core.evaluation.diagnostics import confusion, precision_recall, reliability, roc
from zoo_core.messages import join_names
from zoo_core.runs.history import read_history
from zoo_core.runs.panels import PANELS, SPLIT_PANELS
from zoo_core.runs.run import Run


@frozen
class RunReport:
    """`found["roc"]` and so on, in the order of PANELS; `missing["roc"]` is the error of a panel that cannot be made.

    `split` is the name of the split that was scored, or of the file, and `rows` how many rows of it were.
    """

    title: str
    split: str
    rows: int
    panels: Mapping[str, Any]
    missing: Mapping[str, ZooError]


def run_report(
    run: Run,
    panels: Sequence[str] = PANELS,
    *,
    data: Data | None = None,
    split: str = "",
    reader: str = "",
    top: int = 8,
) -> RunReport:
    """Everything that is asked for and can be worked out; the first error where nothing can be.

    The split is chosen as `Run.scored` does. An error in `data` that was named is raised; where the data the run was
    trained on is gone, the panels that need it are missing.
    """
    found: dict[str, Any] = {}
    missing: dict[str, ZooError] = {}

    def made(panel: str, work: Callable[[], Any]) -> None:
        try:
            found[panel] = work()
        except ZooError as error:
            missing[panel] = error

    best, monitor = run.summary.get("best_epoch"), run.plan.training.monitor
    scored = None
    if set(panels) & set(SPLIT_PANELS):
        try:
            scored = run.scores_and_targets(data, split=split, reader=reader)
        except ZooError as error:
            if data is not None or split:
                raise
            missing = {panel: error for panel in SPLIT_PANELS if panel in panels}
    works: dict[str, Callable[[], Any]] = {
        "curves": lambda: read_history(run.folder, best_epoch=best, monitor=monitor),
        "words": lambda: run.top_features(top),
    }
    if scored is not None:
        scores, targets = scored
        works["confusion"] = lambda: confusion(run.head, scores, targets)
        works["reliability"] = lambda: reliability(run.head, scores, targets)
        works["roc"] = lambda: _some(roc(run.head, scores, targets))
        works["pr"] = lambda: _some(precision_recall(run.head, scores, targets))
    for panel in PANELS:
        if panel in panels and panel in works:
            made(panel, works[panel])
    if not found and missing:
        raise next(iter(missing.values()))
    named = [str(data)] if isinstance(data, str | Path) else list(map(str, data or ()))
    where = split or ("test" if data is None else join_names(named, 3))
    return RunReport(run.summary["recipe"], where, len(scored[1]) if scored else 0, found, missing)


def _some(curves: tuple[Any, ...]) -> tuple[Any, ...]:
    if not curves:
        raise RecipeError("the split holds rows of one class alone, which has no rank among others")
    return curves
