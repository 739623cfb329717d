"""`zoo train`: train a recipe on a file of texts and test it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.completion import complete_recipe
from zoo_cli.context import open_zoo_for
from zoo_cli.options import data_option, json_option, plugin_option, set_option, slot_options
from zoo_cli.output import print_json, print_note
from zoo_cli.recipe_argument import resolve_recipe
from zoo_cli.streams import write_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe
    from zoo_core.runs.run import Run


@click.command(
    "train",
    epilog="Example: zoo train yelp-perceptron --data reviews.csv --set model.output=sigmoid --set loss=bce",
)
@click.argument("recipe", required=False, shell_complete=complete_recipe)
@data_option(
    "A file of labeled texts, a glob pattern, or a folder with one subfolder per class (repeatable); - is standard "
    "input. Default: the task's sample data."
)
@slot_options
@set_option
@click.option(
    "--run", type=click.Path(), metavar="DIR", help="Output folder. Default: runs/RECIPE-N with the next free N."
)
@click.option(
    "--resume", type=click.Path(), metavar="RUN", help="Resume an interrupted training; takes the place of RECIPE."
)
@click.option(
    "--locked",
    type=click.Path(),
    metavar="RUN",
    help="Reject components that differ from those of a run, or of a file that zoo recipe lock wrote.",
)
@click.option("--seed", type=int, help="Short for --set training.seed=N.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), help="Short for --set training.device=NAME.")
@click.option("--reader", default="", metavar="NAME", help="Reader for the file. Default: detected.")
@click.option("--profile", is_flag=True, help="Report the time of each stage and the peak memory.")
@json_option
@plugin_option
@click.pass_context
def train_command(
    ctx: click.Context,
    /,
    recipe: str | None,
    data: list[str] | None,
    settings: tuple[str, ...],
    run: str | None,
    resume: str | None,
    locked: str | None,
    seed: int | None,
    device: str | None,
    reader: str,
    profile: bool,
    as_json: bool,
    **parts: str | None,
) -> int:
    """Train RECIPE (a name from `zoo list recipe`, or a .toml file) and test it.

    Without RECIPE, the components given by --task, --vectorizer, --model … make up the recipe. With --locked RUN and
    no recipe, the recipe of RUN is trained again.

    Prints the folder of the run, or one object with --json.
    """
    from zoo_core.memory import tune_malloc

    tune_malloc()
    zoo = open_zoo_for(ctx)
    settings = (*settings, *([] if seed is None else [f"training.seed={seed}"]))
    settings = (*settings, *([] if device is None else [f"training.device={device}"]))
    if resume is None:
        if recipe is None and locked is None and not any(parts.values()):
            told = "a name from `zoo list recipe`, a .toml file, or components by --task, --vectorizer, --model …"
            raise click.UsageError(f"missing argument 'RECIPE': expected {told}")
        if locked is None:
            made = _train(resolve_recipe(zoo, recipe, parts, settings), data, run, reader)
        else:
            made = _train_locked(zoo, locked, recipe, parts, settings, data, run, reader)
    else:
        if recipe or settings or data or run or reader or locked or any(parts.values()):
            raise click.UsageError("--resume uses the recipe, data and settings of the run: remove other arguments")
        from zoo_core.training.pipeline import resume as go_on

        with progress_bar(zoo):
            made = go_on(resume, zoo=zoo)
    from zoo_core.memory import peak_memory

    if as_json:
        print_json({**made.summary, "peak_memory": peak_memory()} if profile else made.summary)
    else:
        print_summary(made.summary)
        if profile:
            print_profile(made.summary["seconds"], peak_memory())
        write_out(made.summary["run"])
    stopped = {"": 0, "SIGTERM": 143}.get(made.summary["interrupted"], 130)
    if stopped:
        print_note("zoo: interrupted; the best weights so far were saved")
    return stopped


def _train(wanted: Recipe, data: list[str] | None, run: str | None, reader: str) -> Run:
    """What a recipe comes to on a file."""
    from zoo_core.recipes.migration import find_renamed

    for rename in find_renamed(wanted):
        print_note(f"zoo: warning: {rename}")
    from zoo_core.training.pipeline import train

    if data is None and sys.stderr.isatty():
        print_note("no --data: training on the synthetic sample")
    with progress_bar(wanted.zoo):
        return train(wanted, data, run=run, reader=reader)


def _train_locked(
    zoo: Zoo,
    locked: str,
    recipe: str | None,
    parts: Mapping[str, str | None],
    settings: Sequence[str],
    data: list[str] | None,
    run: str | None,
    reader: str,
) -> Run:
    """What a recipe comes to whose parts are held to a lock; the locked run's own, on its data, where none is named."""
    from zoo_core.runs import lock as locks

    lock = locks.read_lock(locked)
    locks.verify_lock(lock, zoo)
    zoo = locks.zoo_for_lock(lock, zoo)
    again = recipe is None and not any(parts.values())
    wanted = (
        locks.recipe_from_lock(lock, zoo).override(*settings) if again else resolve_recipe(zoo, recipe, parts, settings)
    )
    locks.verify_plan(lock, wanted.plan(), zoo)
    if again and data is None:
        data, reader = locks.locked_data(lock, reader)
    made = _train(wanted, data, run, reader)
    for line in locks.environment_differences(lock, made.folder) if again else []:
        print_note(f"zoo: warning: {line}: the weights may differ from those of {locked}")
    return made


@contextmanager
def progress_bar(zoo: Zoo) -> Iterator[None]:
    """A progress bar while a run trains, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from zoo_cli.progress import ProgressBar

    bar = ProgressBar()
    zoo.plugins.add_listener("progress", bar)
    try:
        yield
    finally:
        bar.stop()


def print_summary(summary: Any) -> None:
    """What came of a run, in a few lines for people."""
    from zoo_core.messages import pluralize

    rows, data = summary["rows"], summary["data"]
    parts = ", ".join(f"{count} {name}" for name, count in rows.items())
    print_note(f"{data['source']}: {pluralize(data['read'], 'row')} read: {parts}")
    for reason, count in data["dropped"].items():
        print_note(f"  {pluralize(count, 'row')} dropped: {reason}")
    for name, count in data["leaked"].items():
        if count:
            print_note(f"  {count} of {pluralize(rows[name], 'text')} in {name} also in an earlier split")
    classes = summary["classes"]
    shown = ", ".join(label[:40] for label in classes[:8]) + (" …" if len(classes) > 8 else "")
    print_note(f"{pluralize(summary['features'], 'feature')}, {pluralize(len(classes), 'class')} ({shown})")
    print_note(f"{pluralize(summary['epochs'], 'epoch')}, best epoch {summary['best_epoch']}")
    for split, figures in summary["metrics"].items():
        print_note(f"{split:<5}" + "  ".join(f"{name} {value:.4f}" for name, value in figures.items()))
    seconds = summary["seconds"]
    print_note("seconds: " + ", ".join(f"{name} {seconds[name]:.2f}" for name in ("read", "encode", "fit", "total")))


def print_profile(seconds: dict[str, float], memory: int | None) -> None:
    """Where the time went, stage by stage, and the most memory held at once."""
    for name, value in seconds.items():
        print_note(f"{name:<10}{value:8.3f} s {value / seconds['total']:7.1%}")
    if memory is not None:
        print_note(f"{'memory':<10}{memory / 1e6:8.0f} MB peak")
