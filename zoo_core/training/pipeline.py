"""The training pipeline from data to run, and what a run is for: train, prepare, fit, evaluate, predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core.components.table import Table
from zoo_core.data.files.sources import Data, is_stream
from zoo_core.data.loading import find_data
from zoo_core.data.settings.files import require_files
from zoo_core.errors import RecipeError
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes import compatibility
from zoo_core.recipes.fingerprints import component_fingerprints
from zoo_core.recipes.given_recipe import given_recipe
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, to_toml
from zoo_core.runs.folder import claim_run_folder
from zoo_core.runs.resume_info import ResumeInfo
from zoo_core.runs.store import staging_folder
from zoo_core.torch_threads import one_training
from zoo_core.training.events.epoch_listeners import EpochListener, OnEpoch, epoch_listeners
from zoo_core.training.preparation import PreparedData, prepare_data

if TYPE_CHECKING:
    from zoo_core.runs.predictions import Predictions
    from zoo_core.runs.run import Run
    from zoo_core.training.checkpoint import Checkpoint


def train(
    recipe: Recipe | str | Path,
    data: Data | None = None,
    *,
    run: str | Path | None = None,
    reader: str = "",
    on_epoch: OnEpoch | None = None,
    progress: bool = False,
) -> Run:
    """Read, train, test, write.

    `data` is a file, a pattern, a folder, or several; or values in memory: a frame of polars or pandas, an Arrow table,
    a list of dictionaries, a tuple (texts, labels), or any iterable of rows. None uses the task's sample data. `run` is
    the folder to write; None chooses the next free `runs/NAME-N`. `reader` is short for `recipe.override("reader=…")`.

    `on_epoch(epoch, metrics, best)` is called after each epoch; an error that it raises ends the training. `progress`
    writes a line for each epoch on standard error.
    """
    listeners = epoch_listeners(on_epoch, progress)
    recipe = given_recipe(recipe).with_reader(reader)
    with one_training(), attribute_errors(recipe.zoo.registry):
        plan = compatibility.check(recipe)
        require_files(plan)
        with claim_run_folder(run, recipe.name) as folder:
            staging = staging_folder(folder)
            data = find_data(data, plan.task, plan.reader, plan.splitter)
            started = None
            if not isinstance(data, Table) and not any(map(is_stream, data or ())):  # what can be read again
                text = to_toml(plan, recipe.zoo.registry)
                made = component_fingerprints(plan, recipe.zoo.registry)
                started = ResumeInfo(recipe.name, text, data, "", str(Path.cwd()), made)
                started.write(staging)
            prepared = prepare_data(recipe, data)
            checkpoint = make_checkpoint(staging, started, plan, prepared) if started else None
            return fit_prepared(recipe, plan, prepared, folder, checkpoint, listeners)


def prepare(recipe: Recipe | str | Path, data: Data | None = None, *, reader: str = "") -> PreparedData:
    """Read, normalize and split, fit the vectorizer on the training split, encode every split."""
    recipe = given_recipe(recipe)
    with one_training(), attribute_errors(recipe.zoo.registry):
        return prepare_data(recipe.with_reader(reader), data)


def fit(
    recipe: Recipe | str | Path,
    prepared: PreparedData,
    *,
    run: str | Path | None = None,
    on_epoch: OnEpoch | None = None,
    progress: bool = False,
) -> Run:
    """Train on prepared splits, test once with the best weights, write the run folder.

    `on_epoch` and `progress` are as in `train`. Raises RecipeError if the splits were prepared with another task,
    vectorizer, splitter, augmenter or split.
    """
    listeners, recipe = epoch_listeners(on_epoch, progress), given_recipe(recipe)
    with one_training(), attribute_errors(recipe.zoo.registry), claim_run_folder(run, recipe.name) as folder:
        return fit_prepared(recipe, recipe.plan(), prepared, folder, listeners=listeners)


def evaluate(run: Run | str | Path, data: Data | None = None, **options: Any) -> dict[str, float | int]:
    """Compute the loss and metrics of a run, or the run in a folder; data and options are those of `Run.evaluate`."""
    return _opened(run).evaluate(data, **options)


def predict(run: Run | str | Path, data: Data, **options: Any) -> Predictions:
    """Predict with a run, or the run in a folder; data and options are those of `Run.predict`."""
    return _opened(run).predict(data, **options)


def _opened(run: Run | str | Path) -> Run:
    from zoo_core.runs.load import open_run

    return open_run(run) if isinstance(run, str | Path) else run


def make_checkpoint(
    staging: Path, started: ResumeInfo, plan: Plan, prepared: PreparedData, *, is_resumed: bool = False
) -> Checkpoint:
    """The checkpoint of a training, in its staging folder."""
    from zoo_core.training.checkpoint import Checkpoint

    sha256 = str(prepared.report["sha256"])
    return Checkpoint(staging, plan.training.checkpoint, sha256, started.identity, is_resumed)


def fit_prepared(
    recipe: Recipe,
    plan: Plan,
    prepared: PreparedData,
    folder: Path,
    checkpoint: Checkpoint | None = None,
    listeners: Sequence[EpochListener] = (),
    trial: Mapping[str, Any] | None = None,
) -> Run:
    """Check that a recipe belongs to prepared data, and train."""
    from zoo_core.training.training_run import train_run

    compatibility.check_plan(recipe, plan, classes=prepared.classes)
    for slot in ("task", "vectorizer", "reader", "split", "splitter", "augmenter"):
        if getattr(plan, slot) != getattr(prepared.plan, slot):
            raise RecipeError(f"the data was prepared with another {slot}", hint="prepare it with this recipe")
    return train_run(recipe, plan, prepared, folder=folder, checkpoint=checkpoint, listeners=listeners, trial=trial)
