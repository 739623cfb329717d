"""`zoo swap`: train variants of a recipe under the same conditions and compare them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from zoo_cli.completion.lists import complete_metric
from zoo_cli.completion.recipes import complete_recipes, complete_swap
from zoo_cli.context import open_zoo_for
from zoo_cli.options import data_options, json_option, plugin_option, recipe_options, run_folder_option
from zoo_cli.output import print_json, print_message, print_note
from zoo_cli.recipe_argument import warn_of_dropped_settings
from zoo_cli.typed.numbers import IntegerRange, NumberRange

if TYPE_CHECKING:
    from zoo_core.experiments.design import SwapDesign
    from zoo_core.experiments.records import TrialRecord
    from zoo_core.experiments.results import SwapResults
    from zoo_core.recipes.recipe import Recipe


@frozen
class SwapOptions:
    """The options of `zoo swap` apart from the output format."""

    data: str | None
    settings: tuple[str, ...]
    folds: int | None
    group: str
    seeds: int | None
    metric: str
    on: str
    min_effect: float
    jobs: int
    backend: str
    run: str | None
    strict: bool


@click.command(
    "swap", epilog="Example: zoo swap yelp-mlp model.activation=relu,prelu,tanh --seeds 5 --data reviews.csv"
)
@click.argument("recipe", metavar="RECIPE[,RECIPE]...", shell_complete=complete_recipes)
@click.argument("swaps", nargs=-1, metavar="[SLOT=a,b,c]...", shell_complete=complete_swap)
@click.option("--data", metavar="FILE", help="A file of labeled texts. Default: the task's sample data.")
@data_options
@recipe_options
@click.option(
    "--folds", type=IntegerRange(2), metavar="K", help="Evaluate by K-fold cross-validation, not on the val split."
)
@click.option("--group", default="", metavar="COLUMN", help="Keep rows with the same COLUMN in one fold.")
@click.option(
    "--seeds", type=IntegerRange(1), metavar="N", help="Trainings per variant. Default: 3; with --folds, 1 per fold."
)
@click.option(
    "--metric",
    default="",
    metavar="NAME",
    shell_complete=complete_metric,
    help="The metric to compare. Default: the recipe's first metric.",
)
@click.option(
    "--on",
    type=click.Choice(["val", "test"]),
    default="val",
    show_default=True,
    help="Split to evaluate on. Use test once, for a comparison that was planned in advance.",
)
@click.option(
    "--min-effect",
    type=NumberRange(0, min_open=True),
    default=0.005,
    show_default=True,
    metavar="D",
    help="Smallest difference that matters; used to report the required number of rows or seeds.",
)
@click.option(
    "--jobs", type=IntegerRange(1, 256), default=1, show_default=True, metavar="N", help="Parallel processes."
)
@click.option(
    "--backend", type=click.Choice(["loky", "dask"]), default="loky", show_default=True, help="Process pool to use."
)
@run_folder_option("Output folder; an existing swap is resumed. Default: swaps/RECIPE-N.")
@click.option("--strict", is_flag=True, help="Fail if a variant is incompatible, instead of skipping it.")
@plugin_option
@json_option
@click.pass_context
def swap_command(ctx: click.Context, /, recipe: str, swaps: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """Train RECIPE with each component or value in SLOT=a,b,c and compare each variant with the first.

    Several recipes are compared with the first: zoo swap text-fast,text-mlp --folds 5. With SLOT, each recipe is
    combined with each value. All are split as the first recipe is.

    Prints a table, or one object with --json. To resume an interrupted swap, run the same command again. With --folds
    and without SLOT, the command cross-validates RECIPE.
    """
    from zoo_cli.swap_tables import print_swap_results
    from zoo_core.experiments.results import to_dict
    from zoo_core.experiments.variants import build_variants
    from zoo_core.experiments.workers import require_dask, threads_per_process, warm_pool
    from zoo_core.memory import tune_malloc

    swap_options = SwapOptions(**options)
    tune_malloc()
    if swap_options.backend == "dask":
        require_dask()
    recipes = _load_recipes(ctx, recipe, swap_options.settings)
    # reports invalid variants before the workers start
    variants = build_variants(recipes, swaps, strict=swap_options.strict).compatible
    warn_of_dropped_settings([*recipes, *(variant.recipe for variant in variants)])
    threads = threads_per_process(variants[0].plan.training.threads, swap_options.jobs)
    with warm_pool(swap_options.jobs, swap_options.backend, threads) as wait_for_pool:
        outcome = _run_swap(ctx, recipes, swaps, swap_options, wait_for_pool)
    if isinstance(outcome, int):
        return outcome
    results, folder = outcome
    if as_json:
        print_json(to_dict(results, folder))
    else:
        print_swap_results(results)
    return results.exit_code


def _load_recipes(ctx: click.Context, names: str, settings: tuple[str, ...]) -> list[Recipe]:
    """Load the recipes in `RECIPE,RECIPE,…` with these settings."""
    from zoo_core.experiments.swap_arguments import split_recipes
    from zoo_core.recipes.recipe import load_recipe

    zoo = open_zoo_for(ctx)
    split = split_recipes(names, lambda name: name in zoo.recipes or Path(name).is_file())
    return [load_recipe(name, zoo=zoo).with_assignments(*settings) for name in split]


def _run_swap(
    ctx: click.Context,
    recipes: Sequence[Recipe],
    swaps: tuple[str, ...],
    options: SwapOptions,
    wait_for_pool: Callable[[], None],
) -> tuple[SwapResults, Path] | int:
    """Train and compare the variants; the results and their folder, or the exit code of an interruption."""
    from zoo_core.errors import Terminated
    from zoo_core.experiments.execution import ExecutionOptions
    from zoo_core.experiments.swap_folder import open_swap_folder
    from zoo_core.experiments.swapping.swap import run_swap

    design = _design(recipes, swaps, options)
    with open_swap_folder(design, options.run) as folder:
        print_note(f"zoo: swap in {folder}")
        execution = ExecutionOptions(options.jobs, options.backend, tuple(ctx.obj["disabled"]), tuple(ctx.obj["files"]))
        try:
            wait_for_pool()
            with report_trials(design, folder) as on_record:
                results = run_swap(
                    design,
                    folder,
                    execution,
                    on_record=on_record,
                    metric=options.metric,
                    min_effect=options.min_effect,
                )
        except KeyboardInterrupt as stop:
            print_message("zoo: interrupted; run the same command again to resume")
            return 143 if isinstance(stop, Terminated) else 130
    return results, folder


def _design(recipes: Sequence[Recipe], swaps: tuple[str, ...], options: SwapOptions) -> SwapDesign:
    """Design the swap, report skipped variants, and reject an unknown metric before any training."""
    from zoo_core.experiments.design import design_swap
    from zoo_core.experiments.prepared_cache import EvaluationRows
    from zoo_core.experiments.reports.tables import design_notes
    from zoo_core.experiments.swapping.swap import require_metric

    design = design_swap(
        recipes,
        swaps,
        data=options.data,
        rows=EvaluationRows(options.on, options.folds or 0, options.group),
        seeds=options.seeds or 0,
        jobs=options.jobs,
        strict=options.strict,
    )
    for name, reason in design.variants.skipped.items():
        print_note(f"zoo: skipped: {name}: {reason}")
    for line in design_notes(design):
        print_note(f"zoo: {line}")
    require_metric(design, options.metric)
    return design


@contextmanager
def report_trials(design: SwapDesign, folder: Path) -> Iterator[Callable[[TrialRecord], None]]:
    """A function that reports each finished trial: by a progress bar on a terminal, else by one line."""
    from zoo_core.experiments.trials import pending_trials
    from zoo_core.messages import pluralize

    trials = design.trials()
    done = len(trials) - len(list(pending_trials(folder, trials)))
    if done:
        print_note(f"zoo: {done} of {pluralize(len(trials), 'trial')} already done")
    numbers = itertools.count(done + 1)

    def describe(record: TrialRecord) -> str:
        result = f"failed: {record['reason']}" if record["status"] == "failed" else _format_metrics(record)
        return f"{record['title']}: {result}"

    def format_line(record: TrialRecord) -> str:
        return f"trial {next(numbers)}/{len(trials)}: {describe(record)}"

    if not sys.stderr.isatty():
        yield lambda record: print_note(format_line(record))
        return
    from zoo_cli.progress import TrialsBar

    bar = TrialsBar(len(trials), done)

    def advance(record: TrialRecord) -> None:
        line = format_line(record)
        bar.step(describe(record), line if record["status"] == "failed" else "")

    try:
        yield advance
    finally:
        bar.stop()


def _format_metrics(record: TrialRecord) -> str:
    from zoo_core.messages import pluralize

    metrics = "  ".join(f"{name} {value:.4f}" for name, value in record["metrics"].items())
    return f"{metrics}  ({pluralize(record['epochs'], 'epoch')}, {record['seconds']:.1f} s)"
