"""Going on with a training that was killed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.data.files.sources import Data, expand_paths, is_stream
from zoo_core.errors import RecipeError, RunFolderError
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes import compatibility
from zoo_core.recipes.recipe import Recipe, load_recipe, to_toml
from zoo_core.runs import store
from zoo_core.runs.folder import claim_run_folder
from zoo_core.runs.load import open_run
from zoo_core.runs.staging import RESUME_FILE, ResumeInfo, is_resumable, staging_area, staging_folder
from zoo_core.training.preparation import PreparedData, prepare_data

if TYPE_CHECKING:
    from zoo_core.runs.run import Run


def resume(run: str | Path, *, zoo: Zoo | None = None) -> Run:
    """Go on with a training that was killed, from its last checkpoint: the bytes that it would have written.

    RunFolderError where none was begun in this folder, RecipeError where it is finished, DataError where the data
    has changed since.
    """
    folder, zoo = Path(run), zoo or open_zoo()
    if store.is_finished(folder) and staging_folder(folder).is_dir():  # killed after its last word was written
        with staging_area(folder, resume=True):
            return open_run(folder, zoo=zoo)
    if store.is_finished(folder):
        raise RecipeError(f"the run in {folder} is finished", hint="zoo train RECIPE makes another")
    if not is_resumable(folder):
        hint = "a training that ended by itself, or read its data from a pipe, leaves nothing to go on with"
        raise RunFolderError("no unfinished training was begun here", where=str(folder), hint=hint)
    with staging_area(folder, resume=True) as desk:
        begun = ResumeInfo.read(desk)
        recipe = Recipe(begun.name, zoo, (parse_toml(begun.recipe, str(desk / RESUME_FILE)),))
        data = begun.data
        if data is not None and begun.working_folder != str(Path.cwd()):
            data = [str(Path(begun.working_folder) / name) for name in data]
        folder.mkdir(parents=True, exist_ok=True)
        with attribute_errors(zoo.registry):
            return fit_prepared(recipe, prepare_data(recipe, data, begun.reader), folder, desk)


def train(
    recipe: Recipe | str | Path,
    data: Data | None = None,
    *,
    run: str | Path | None = None,
    reader: str = "",
) -> Run:
    """Read, train, test, write. `data`: a file, a pattern, a folder, several of them; None is the task's sample.

    `run` is the folder to write; None takes the next free `runs/NAME-N`.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    with attribute_errors(recipe.zoo.registry):
        plan = compatibility.check(recipe)
        with claim_run_folder(run, recipe.name) as folder, staging_area(folder) as desk:
            files = None if data is None else expand_paths(data)
            if not any(map(is_stream, files or ())):  # what came through a pipe is gone
                told = to_toml(plan, recipe.zoo.registry)
                ResumeInfo(recipe.name, told, files, reader, str(Path.cwd())).write(desk)
            return fit_prepared(recipe, prepare_data(recipe, data, reader), folder, desk)


def prepare(recipe: Recipe, data: Data | None = None, *, reader: str = "") -> PreparedData:
    """Read, normalize, split, fit the vectorizer on the training split, encode every split."""
    with attribute_errors(recipe.zoo.registry):
        return prepare_data(recipe, data, reader)


def fit(recipe: Recipe, prepared: PreparedData, *, run: str | Path | None = None) -> Run:
    """Train on prepared splits, test once with the best weights, write the run folder.

    RecipeError where the recipe's task, vectorizer or split are not those the splits were prepared with.
    """
    with attribute_errors(recipe.zoo.registry), claim_run_folder(run, recipe.name) as folder, staging_area(folder):
        return fit_prepared(recipe, prepared, folder, None)


def fit_prepared(recipe: Recipe, prepared: PreparedData, folder: Path, desk: Path | None) -> Run:
    from zoo_core.training.fit import train_run

    plan = compatibility.check(recipe, num_classes=len(prepared.classes))
    for slot in ("task", "vectorizer", "split"):
        if getattr(plan, slot) != getattr(prepared.plan, slot):
            raise RecipeError(f"the data was prepared with another {slot}", hint="prepare it with this recipe")
    return train_run(recipe.zoo, recipe.name, plan, prepared, folder, desk)
