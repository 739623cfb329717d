"""`zoo swap`: train variants of a recipe under the same conditions and compare them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.completion import complete_assignment, complete_recipe, complete_swap
from zoo_cli.context import open_zoo_for
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table

if TYPE_CHECKING:
    from zoo_core.experiments.design import SwapDesign
    from zoo_core.experiments.results import SwapResults
    from zoo_core.recipes.recipe import Recipe


@click.command(
    "swap", epilog="Example: zoo swap yelp-mlp model.activation=relu,prelu,tanh --seeds 5 --data reviews.csv"
)
@click.argument("recipe", shell_complete=complete_recipe)
@click.argument("swaps", nargs=-1, metavar="[SLOT=a,b,c]...", shell_complete=complete_swap)
@click.option("--data", metavar="FILE", help="A file of labeled texts. Default: the task's sample data.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_assignment,
    help="Change a setting of every variant (repeatable).",
)
@click.option(
    "--folds", type=click.IntRange(2), metavar="K", help="Evaluate by K-fold cross-validation, not on the val split."
)
@click.option("--group", default="", metavar="COLUMN", help="Keep rows with the same COLUMN in one fold.")
@click.option(
    "--seeds", type=click.IntRange(1), metavar="N", help="Trainings per variant. Default: 3; with --folds, 1 per fold."
)
@click.option("--metric", default="", metavar="NAME", help="The metric to compare. Default: the recipe's first metric.")
@click.option(
    "--on",
    type=click.Choice(["val", "test"]),
    default="val",
    show_default=True,
    help="Split to evaluate on. Use test once, for a comparison that was planned in advance.",
)
@click.option(
    "--min-effect",
    type=click.FloatRange(0, min_open=True),
    default=0.005,
    show_default=True,
    metavar="D",
    help="Smallest difference that matters; used to report the required number of rows or seeds.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N", help="Parallel processes."
)
@click.option(
    "--backend", type=click.Choice(["loky", "dask"]), default="loky", show_default=True, help="Process pool to use."
)
@click.option("--out", metavar="DIR", help="Output folder; an existing swap is resumed. Default: swaps/RECIPE-N.")
@click.option("--strict", is_flag=True, help="Fail if a variant is incompatible, instead of skipping it.")
@click.option("--reader", default="", metavar="NAME", help="Reader for the file. Default: detected.")
@plugin_option
@json_option
@click.pass_context
def swap_command(ctx: click.Context, /, recipe: str, swaps: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """Train RECIPE with each component or value in SLOT=a,b,c and compare each variant with the first.

    Prints a table, or one object with --json. To resume an interrupted swap, run the same command again. With --folds
    and without SLOT, the command cross-validates RECIPE.
    """
    from zoo_core.experiments.variants import build_variants
    from zoo_core.experiments.workers import require_dask, threads_per_process, warm_pool
    from zoo_core.memory import tune_malloc
    from zoo_core.recipes.recipe import load_recipe

    tune_malloc()
    if options["backend"] == "dask":
        require_dask()
    zoo, jobs = open_zoo_for(ctx), options["jobs"]
    wanted = load_recipe(recipe, zoo=zoo).override(*options["settings"])
    build_variants(wanted, swaps, strict=options["strict"])  # what is wrong with them is told before anything is loaded
    threads = threads_per_process(wanted.plan().training.threads, jobs)
    with warm_pool(jobs, options["backend"], threads) as ready:
        answer = _run_swap(ctx, wanted, swaps, options, ready)
    if isinstance(answer, int):
        return answer
    results, folder = answer
    if as_json:
        from zoo_core.experiments.results import to_dict

        print_json(to_dict(results, folder))
    else:
        print_results(results)
    return results.exit_code


def _run_swap(
    ctx: click.Context, recipe: Recipe, swaps: tuple[str, ...], options: dict[str, Any], ready: Callable[[], None]
) -> tuple[SwapResults, Path] | int:
    """The results of a swap and its folder; an exit code where it was stopped."""
    from zoo_core.errors import Terminated
    from zoo_core.experiments.design import design_swap
    from zoo_core.experiments.execution import run_trials
    from zoo_core.experiments.prepared_cache import EvaluationRows
    from zoo_core.experiments.results import summarize_swap, write_tables
    from zoo_core.experiments.swap_folder import open_swap_folder

    rows = EvaluationRows(options["on"], options["folds"] or 0, options["group"])
    given = {name: options[name] for name in ("data", "reader", "strict", "jobs")}
    design = design_swap(recipe, swaps, rows=rows, seeds=options["seeds"] or 0, **given)
    for name, reason in design.variants.skipped.items():
        print_note(f"zoo: skipped: {name}: {reason}")
    _check_metric(design, options["metric"])
    with open_swap_folder(design, options["out"]) as folder:
        print_note(f"zoo: swap in {folder}")
        how = {"jobs": options["jobs"], "backend": options["backend"], "disabled": tuple(ctx.obj["disabled"])}
        how["files"] = tuple(ctx.obj["files"])
        try:
            ready()
            with report_trials(design, folder) as told:
                records = run_trials(design, folder, on_record=told, **how)
        except KeyboardInterrupt as stop:
            print_note("zoo: interrupted; run the same command again to resume")
            return 143 if isinstance(stop, Terminated) else 130
        results = summarize_swap(design, folder, records, metric=options["metric"], min_effect=options["min_effect"])
        write_tables(results, folder)
        write_charts(results, folder)
    return results, folder


def _check_metric(design: SwapDesign, metric: str) -> None:
    """An unknown metric is told before hours of training."""
    from zoo_core.experiments.analysis import resolve_metric
    from zoo_core.experiments.results import default_metric

    plans = [choice.recipe.plan() for choice in design.variants.compatible]
    resolve_metric(design.recipe.zoo.registry, metric or default_metric(plans[0]), plans)


@contextmanager
def report_trials(design: SwapDesign, folder: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Something to tell of each cell that is done: a bar on a terminal, a line each elsewhere."""
    from zoo_core.experiments.trials import pending_trials
    from zoo_core.messages import pluralize

    cells = design.trials()
    done = len(cells) - len(list(pending_trials(folder, cells)))
    if done:
        print_note(f"zoo: {done} of {pluralize(len(cells), 'trial')} already done")
    count = [done]

    def line(record: dict[str, Any]) -> str:
        count[0] += 1
        return f"trial {count[0]}/{len(cells)}: {how(record)}"

    def how(record: dict[str, Any]) -> str:
        result = f"failed: {record['reason']}" if record["status"] == "failed" else _figures(record)
        return f"{record['title']}: {result}"

    if not sys.stderr.isatty():
        yield lambda record: print_note(line(record))
        return
    from zoo_cli.progress import TrialsBar

    bar = TrialsBar(len(cells), done)

    def draw(record: dict[str, Any]) -> None:
        text = line(record)
        bar.step(how(record), text if record["status"] == "failed" else "")

    try:
        yield draw
    finally:
        bar.stop()


def _figures(record: dict[str, Any]) -> str:
    from zoo_core.messages import pluralize

    figures = "  ".join(f"{name} {value:.4f}" for name, value in record["metrics"].items())
    return f"{figures}  ({pluralize(record['epochs'], 'epoch')}, {record['seconds']:.1f} s)"


def print_results(results: SwapResults) -> None:
    """The table on standard output, what it does not say on standard error."""
    from zoo_core.experiments.results import report_lines

    words = results.style
    compared = {one.variant: one for one in results.comparisons}
    rows: list[list[object]] = []
    for own in results.summaries:
        if own is None:
            continue
        row = [own.name, f"{own.mean:.4f}", f"{own.interval.low:.3f}…{own.interval.high:.3f}", "", "", ""]
        if own.name in compared:
            one, found = compared[own.name], compared[own.name].result
            ends = f"{words.number(found.interval.low)}…{words.number(found.interval.high)}"
            row[3:] = [words.number(found.difference), ends, f"{one.p_holm:.2g}"]
        rows.append([*row, own.parameters, f"{own.seconds:.2f}"])
    difference = "diff (pp)" if words.as_percentage_points else "diff"
    print_table(["variant", results.metric, "95% CI", difference, "95% CI", "p", "params", "seconds"], rows)
    for line in report_lines(results, choices=False):
        print_note(line)


def write_charts(results: SwapResults, folder: Path) -> None:
    """The pictures of a swap, into its folder."""
    from zoo_cli.plots import swap_charts

    swap_charts.write_swap_charts(results, folder)
