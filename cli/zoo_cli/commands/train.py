"""`zoo train`: train a recipe on a file of texts and test it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from attrs import frozen

from zoo_cli.completion.lists import complete_run
from zoo_cli.completion.recipes import complete_recipe
from zoo_cli.context import open_zoo_for
from zoo_cli.evaluation.training_summary import print_summary
from zoo_cli.findings import print_findings, print_model_changes
from zoo_cli.options import data_option, data_options, json_option, plugin_option, recipe_options, run_folder_option
from zoo_cli.output import is_quiet, print_json, print_message, print_note, print_warning
from zoo_cli.recipe_argument import resolve_recipe, warn_of_dropped_settings
from zoo_cli.streams import write_out
from zoo_core.recipes.plan import SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe
    from zoo_core.runs.run import Run


@frozen
class TrainArguments:
    """The recipe, the data and the output folder that a call of `zoo train` names."""

    recipe: str | None
    has_recipe: bool  # by name, or by its components
    settings: tuple[str, ...]
    data: list[str] | None
    run: str | None


@click.command(
    "train",
    epilog="Example: zoo train yelp-perceptron --data reviews.csv --set model.output=sigmoid --set loss=bce",
)
@click.argument("recipe", required=False, shell_complete=complete_recipe)
@data_option(
    "A file of labeled texts, a glob pattern, or a folder with one subfolder per class (repeatable); - is standard "
    "input. Default: the task's sample data."
)
@data_options
@recipe_options
@run_folder_option("Output folder. Default: runs/RECIPE-N with the next free N.")
@click.option(
    "--resume",
    type=click.Path(),
    metavar="RUN",
    shell_complete=complete_run,
    help="Resume an interrupted training; takes the place of RECIPE.",
)
@click.option(
    "--locked",
    type=click.Path(),
    metavar="RUN",
    shell_complete=complete_run,
    help="Reject components that differ from those of a run, or of a file that zoo recipe lock wrote.",
)
@click.option("--verbose", is_flag=True, help="Print a line with losses, metrics and seconds after each epoch.")
@click.option("--profile", is_flag=True, help="Report the time of each stage and the peak memory.")
@json_option
@plugin_option
@click.pass_context
def train_command(
    ctx: click.Context,
    recipe: str | None,
    data: list[str] | None,
    settings: tuple[str, ...],
    run: str | None,
    resume: str | None,
    locked: str | None,
    verbose: bool,
    profile: bool,
    as_json: bool,
) -> int:
    """Train RECIPE (a name from `zoo list recipe`, or a .toml file) and test it.

    Without RECIPE, the components given by --task, --vectorizer, --model … make up the recipe. With --locked RUN and
    no recipe, the recipe of RUN is trained again.

    Prints the folder of the run, or one object with --json.
    """
    from zoo_core.memory import peak_memory, tune_malloc

    tune_malloc()
    zoo = open_zoo_for(ctx)
    has_recipe = recipe is not None or any(ctx.params[slot] for slot in SLOTS)
    arguments = TrainArguments(recipe, has_recipe, settings, data, run)
    if resume is not None:
        if locked or arguments != TrainArguments(None, False, (), None, None):
            raise click.UsageError("--resume uses the recipe, data and settings of the run: remove other arguments")
        trained = _resume(zoo, resume)
    elif locked is not None:
        trained = _train_locked(zoo, locked, arguments)
    elif has_recipe:
        trained = _train(resolve_recipe(zoo, recipe, settings), data, run)
    else:
        expected = "a name from `zoo list recipe`, a .toml file, or components by --task, --vectorizer, --model …"
        raise click.UsageError(f"missing argument 'RECIPE': expected {expected}")
    summary = trained.summary
    if as_json:
        print_json({**summary, "peak_memory": peak_memory()} if profile else summary)
    else:
        print_summary(summary)
        print_findings(trained.findings)
        print_model_changes(summary["model_changes"])
        if profile:
            print_profile(summary["seconds"], peak_memory())
        write_out(summary["run"])
    exit_code = {"": 0, "SIGTERM": 143}.get(summary["interrupted"], 130)
    if exit_code:
        print_message("zoo: interrupted; the best weights so far were saved")
    return exit_code


def _train(recipe: Recipe, data: list[str] | None, run: str | None, reader: str = "") -> Run:
    """Train a recipe on files, with a progress bar and a warning for each old component name."""
    from zoo_core.plugins.attribution import attribute_errors
    from zoo_core.recipes import compatibility
    from zoo_core.recipes.migration import find_renamed
    from zoo_core.training.torch_import import start_torch_import

    for rename in find_renamed(recipe):
        print_warning(f"{rename}")
    with attribute_errors(recipe.zoo.registry):
        compatibility.check(recipe)  # torch is not imported for a recipe that cannot be trained
    start_torch_import()
    from zoo_core.training.pipeline import train

    if data is None and sys.stderr.isatty():
        print_note("no --data: training on the synthetic sample")
    with show_epochs(recipe.zoo):
        return train(recipe, data, run=run, reader=reader)


def _train_locked(zoo: Zoo, locked: str, arguments: TrainArguments) -> Run:
    """Train with the components of a lock: the locked recipe on its data, unless the arguments name a recipe."""
    from zoo_core.runs import lockfile as locks

    lock = locks.read_lock(locked)
    locks.verify_lock(lock, zoo)
    zoo = locks.zoo_for_lock(lock, zoo)
    if arguments.has_recipe:
        recipe = resolve_recipe(zoo, arguments.recipe, arguments.settings)
    else:
        recipe = locks.recipe_from_lock(lock, zoo).with_assignments(*arguments.settings)
        warn_of_dropped_settings([recipe])
    locks.verify_plan(lock, recipe.plan(), zoo)
    data, reader = arguments.data, ""
    if data is None and not arguments.has_recipe:
        data, reader = locks.locked_data(lock, recipe.plan())
    trained = _train(recipe, data, arguments.run, reader)
    if not arguments.has_recipe:
        for difference in locks.environment_differences(lock, trained.folder):
            print_warning(f"{difference}: the weights may differ from those of {locked}")
    return trained


def _resume(zoo: Zoo, folder: str) -> Run:
    """Resume an interrupted training."""
    from zoo_core.training.resume import resume

    with show_epochs(zoo):
        return resume(folder, zoo=zoo)


@contextmanager
def show_epochs(zoo: Zoo) -> Iterator[None]:
    """Show a progress bar on a terminal, and with `--verbose` a line for each epoch; nothing with `--quiet`."""
    is_verbose = bool(click.get_current_context().params.get("verbose"))
    if is_quiet() or not (is_verbose or sys.stderr.isatty()):
        yield
        return
    from zoo_cli.progress import EpochLines, ProgressBar

    bar = ProgressBar() if sys.stderr.isatty() else None
    if bar is not None:
        zoo.plugins.add_listener("progress", bar)
    if is_verbose:
        zoo.plugins.add_listener("epoch-lines", EpochLines(bar.print_line if bar else print_note))
    try:
        yield
    finally:
        if bar is not None:
            bar.stop()


def print_profile(seconds: dict[str, float], peak_bytes: int | None) -> None:
    """Print the time of each stage and the peak memory."""
    for name, value in seconds.items():
        print_note(f"{name:<10}{value:8.3f} s {value / seconds['total']:7.1%}")
    if peak_bytes is not None:
        print_note(f"{'memory':<10}{peak_bytes / 1e6:8.0f} MB peak")
