"""`swap`: a whole swap in one call of Python, with the arguments of `zoo swap`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen

from zoo_core.config.zoo import Zoo
from zoo_core.errors import RecipeError
from zoo_core.evaluation.shown_tables import ShownAsTable
from zoo_core.experiments.design import SwapDesign, design_swap
from zoo_core.experiments.execution import ExecutionOptions, run_trials
from zoo_core.experiments.prepared_cache import EvaluationRows
from zoo_core.experiments.records import TrialRecord
from zoo_core.experiments.reports.tables import write_tables
from zoo_core.experiments.results import (
    DEFAULT_MIN_EFFECT,
    SwapResults,
    default_metric,
    summarize_swap,
    variant_rows,
)
from zoo_core.experiments.scoring import resolve_metric
from zoo_core.experiments.swap_folder import open_swap_folder
from zoo_core.experiments.swapping.charts import interval_figure, write_swap_charts
from zoo_core.experiments.swapping.given_swaps import Swaps, swap_texts
from zoo_core.experiments.workers import require_dask, threads_per_process, warm_pool
from zoo_core.recipes.given_recipe import given_recipe
from zoo_core.recipes.recipe import Recipe

if TYPE_CHECKING:
    from zoo_core.plots.figure import PlotFigure

SHOWN_KEYS = ("variant", "mean", "low", "high", "difference", "p_holm", "verdict", "seconds")  # of `table.csv`


@frozen(eq=False, repr=False)
class FinishedSwap(ShownAsTable):
    """A swap that was trained: it prints as the table of its variants. `folder` has its trials and tables."""

    results: SwapResults
    folder: Path

    def frame(self) -> pl.DataFrame:
        """A row for each variant: the mean of the metric, its interval, and the comparison with the baseline."""
        rows = [{key: row.get(key) for key in SHOWN_KEYS} for row in variant_rows(self.results)]
        return pl.DataFrame(rows, infer_schema_length=None).rename({"mean": self.results.metric})

    @property
    def sentences(self) -> tuple[str, ...]:
        """The result of each comparison with the baseline in a sentence."""
        return tuple(self.results.sentences)

    def plot(self) -> PlotFigure:
        """The interval of each variant, and its difference from the baseline."""
        return interval_figure(self.results)


def swap(
    recipe: Recipe | str | Path | Iterable[Recipe | str | Path],
    *swaps: Swaps,
    data: str | PathLike[str] | None = None,
    folds: int = 0,
    group: str = "",
    seeds: int = 0,
    metric: str = "",
    on: str = "val",
    min_effect: float = DEFAULT_MIN_EFFECT,
    jobs: int = 1,
    backend: str = "loky",
    run: str | PathLike[str] | None = None,
    strict: bool = False,
    reader: str = "",
    progress: bool = False,
    zoo: Zoo | None = None,
) -> FinishedSwap:
    """Train variants of a recipe under the same conditions and compare each with the first.

    `swaps` are as in `swap("yelp-mlp", "model.activation=relu,tanh", {"optimizer.lr": [0.1, 0.01]})`; the values of a
    key are any iterable, with components too. Several recipes are compared with the first. `data` is a file. The other
    arguments are those of `zoo swap`, with 0 and "" for defaults; `run` is the output folder, whose swap is resumed.
    `progress` writes a line for each training on standard error. Raises RecipeError for invalid arguments before
    anything is trained.
    """
    if data is not None and not isinstance(data, str | PathLike):
        hint = 'write it to a file, as by frame.write_csv("data.csv"), and give data="data.csv"'
        raise RecipeError("a swap reads its data from a file, so that it can be resumed", hint=hint)
    if not all(isinstance(number, int) for number in (seeds, folds, jobs)):
        raise RecipeError(f"invalid arguments: seeds={seeds!r}, folds={folds!r}, jobs={jobs!r}, expected whole numbers")
    if on not in ("val", "test") or backend not in ("loky", "dask") or jobs < 1 or min_effect <= 0:
        raise RecipeError(
            f"invalid arguments: on={on!r}, backend={backend!r}, jobs={jobs}, min_effect={min_effect}",
            hint='on is "val" or "test", backend "loky" or "dask", jobs at least 1, min_effect above 0',
        )
    if backend == "dask":
        require_dask()
    given = [recipe] if isinstance(recipe, Recipe | str | Path) else list(recipe)
    recipes = [given_recipe(one, zoo=zoo) for one in given]
    design = design_swap(
        recipes,
        [text for swapped in swaps for text in swap_texts(swapped, recipes[0].zoo.registry)],
        data=None if data is None else fspath(data),
        reader=reader,
        rows=EvaluationRows(on, folds, group),
        seeds=seeds,
        jobs=jobs,
        strict=strict,
    )
    require_metric(design, metric)
    folder_name = None if run is None else fspath(run)
    disabled, files, _ = recipes[0].zoo.opened_with or ((), (), True)
    options = ExecutionOptions(jobs, backend, disabled, files)
    threads = threads_per_process(design.variants.compatible[0].plan.training.threads, jobs)
    with warm_pool(jobs, backend, threads) as wait_for_pool, open_swap_folder(design, folder_name) as folder:
        wait_for_pool()
        on_record = _reporter(design, progress)
        results = run_swap(design, folder, options, on_record=on_record, metric=metric, min_effect=min_effect)
    return FinishedSwap(results, folder)


def require_metric(design: SwapDesign, metric: str) -> None:
    """Raise RecipeError unless every variant of a swap can be evaluated by this metric; "" is the default one."""
    plans = [variant.plan for variant in design.variants.compatible]
    resolve_metric(design.recipe.zoo.registry, metric or default_metric(plans[0]), plans)


def run_swap(
    design: SwapDesign,
    folder: Path,
    options: ExecutionOptions,
    *,
    on_record: Callable[[TrialRecord], None],
    metric: str,
    min_effect: float,
) -> SwapResults:
    """Train the trials of a swap that its open folder lacks, and write its tables and charts there."""
    records = run_trials(design, folder, on_record=on_record, options=options)
    results = summarize_swap(design, folder, records, metric=metric, min_effect=min_effect, plugin_files=options.files)
    write_tables(results, folder)
    write_swap_charts(results, folder)
    return results


def _reporter(design: SwapDesign, progress: bool) -> Callable[[TrialRecord], None]:
    """A function that writes a line for each finished trial, or does nothing."""
    finished: list[str] = []
    trials = len(design.trials())

    def report(record: TrialRecord) -> None:
        finished.append(record["trial"])
        if progress:
            failure = f": failed: {record['reason']}" if record["status"] == "failed" else ""
            print(f"trial {len(finished)}/{trials}: {record['title']}{failure}", file=sys.stderr, flush=True)

    return report
