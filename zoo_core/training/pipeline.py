"""The training pipeline: train, prepare, fit, resume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.data.files.sources import Data, expand_paths, is_stream
from zoo_core.errors import RecipeError, RunFolderError
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes import compatibility
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, load_recipe, to_toml
from zoo_core.runs import store
from zoo_core.runs.folder import claim_run_folder
from zoo_core.runs.load import open_run
from zoo_core.runs.staging import RESUME_FILE, ResumeInfo, is_resumable, staging_area, staging_folder
from zoo_core.training.preparation import PreparedData, prepare_data

if TYPE_CHECKING:
    from zoo_core.runs.run import Run


def train(
    recipe: Recipe | str | Path,
    data: Data | None = None,
    *,
    run: str | Path | None = None,
    reader: str = "",
) -> Run:
    """Read, train, test, write. `data` is a file, a pattern, a folder, or several; None uses the task's sample data.

    `run` is the folder to write; None chooses the next free `runs/NAME-N`.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    with attribute_errors(recipe.zoo.registry):
        plan = compatibility.check(recipe)
        with claim_run_folder(run, recipe.name) as folder, staging_area(folder) as staging:
            files = None if data is None else expand_paths(data)
            if not any(map(is_stream, files or ())):  # a stream cannot be read again
                text = to_toml(plan, recipe.zoo.registry)
                ResumeInfo(recipe.name, text, files, reader, str(Path.cwd())).write(staging)
            return fit_prepared(recipe, plan, prepare_data(recipe, data, reader), folder, staging)


def prepare(recipe: Recipe, data: Data | None = None, *, reader: str = "") -> PreparedData:
    """Read, normalize and split, fit the vectorizer on the training split, encode every split."""
    with attribute_errors(recipe.zoo.registry):
        return prepare_data(recipe, data, reader)


def fit(recipe: Recipe, prepared: PreparedData, *, run: str | Path | None = None) -> Run:
    """Train on prepared splits, test once with the best weights, write the run folder.

    Raises RecipeError if the splits were prepared with another task, vectorizer or split.
    """
    with attribute_errors(recipe.zoo.registry), claim_run_folder(run, recipe.name) as folder, staging_area(folder):
        return fit_prepared(recipe, recipe.plan(), prepared, folder)


def resume(run: str | Path, *, zoo: Zoo | None = None) -> Run:
    """Resume a training that was killed, from its last checkpoint; the run has the bytes of an uninterrupted one.

    Raises RunFolderError if no training was started in the folder, RecipeError if it is finished, DataError if the data
    has changed since.
    """
    folder, zoo = Path(run), zoo or open_zoo()
    if store.is_finished(folder) and staging_folder(folder).is_dir():  # killed after the run folder was written
        with staging_area(folder, resume=True):
            return open_run(folder, zoo=zoo)
    if store.is_finished(folder):
        raise RecipeError(f"the run in {folder} is finished", hint="zoo train RECIPE starts another run")
    if not is_resumable(folder):
        hint = "a training that failed, or that read its data from a pipe, cannot be resumed"
        raise RunFolderError("no unfinished training", where=str(folder), hint=hint)
    with staging_area(folder, resume=True) as staging:
        started = ResumeInfo.read(staging)
        recipe = Recipe(started.name, zoo, (parse_toml(started.recipe, str(staging / RESUME_FILE)),))
        data = started.data
        if data is not None and started.working_folder != str(Path.cwd()):
            data = [str(Path(started.working_folder) / name) for name in data]
        folder.mkdir(parents=True, exist_ok=True)
        with attribute_errors(zoo.registry):
            prepared = prepare_data(recipe, data, started.reader)
            return fit_prepared(recipe, prepared.plan, prepared, folder, staging)


def fit_prepared(recipe: Recipe, plan: Plan, prepared: PreparedData, folder: Path, staging: Path | None = None) -> Run:
    """Check that a recipe belongs to prepared data, and train; with checkpoints if there is a staging folder."""
    from zoo_core.training.checkpoint import Checkpoint
    from zoo_core.training.fit import train_run

    compatibility.check_plan(recipe, plan, num_classes=len(prepared.classes))
    for slot in ("task", "vectorizer", "split"):
        if getattr(plan, slot) != getattr(prepared.plan, slot):
            raise RecipeError(f"the data was prepared with another {slot}", hint="prepare it with this recipe")
    sha256 = str(prepared.report["sha256"])
    checkpoint = None if staging is None else Checkpoint(staging, plan.training.checkpoint, sha256)
    return train_run(recipe, plan, prepared, folder=folder, checkpoint=checkpoint)
