"""Resume a training that was killed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.data.settings.files import files_from
from zoo_core.errors import PluginError, RecipeError, RunFolderError
from zoo_core.filesystem.folders import make_folder
from zoo_core.messages import warn
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.component_owners import find_missing_owners, find_other_versions, prefer_owners
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs import store
from zoo_core.runs.load import open_run
from zoo_core.runs.regular_files import require_data_files
from zoo_core.runs.resume_info import RESUME_FILE, ResumeInfo
from zoo_core.runs.staging import is_resumable, staging_area
from zoo_core.torch_threads import one_training
from zoo_core.training.pipeline import fit_prepared, make_checkpoint
from zoo_core.training.preparation import prepare_data

if TYPE_CHECKING:
    from zoo_core.runs.run import Run


def resume(run: str | Path, *, zoo: Zoo | None = None) -> Run:
    """Resume a training that was killed, from its last checkpoint; the run has the bytes of an uninterrupted one.

    Raises RunFolderError if no training was started in the folder, RecipeError if it is finished, DataError if the data
    has changed since, PluginError if a plugin that it was started with is missing.
    """
    folder, zoo = Path(run), zoo or open_zoo()
    if store.is_finished(folder) and store.staging_folder(folder).is_dir():  # killed after the run folder was written
        with staging_area(folder, resume=True):
            return open_run(folder, zoo=zoo)
    if store.is_finished(folder):
        raise RecipeError(f"the run in {folder} is finished", hint="zoo train RECIPE starts another run")
    if not is_resumable(folder):
        hint = "a training that failed, or that read its data from a pipe, cannot be resumed"
        raise RunFolderError("no unfinished training", where=str(folder), hint=hint)
    with one_training(), staging_area(folder, resume=True) as staging:
        if store.finish_run(folder):
            return open_run(folder, zoo=zoo)
        started = ResumeInfo.read(staging)
        zoo = _require_plugins(started, zoo, folder)
        recipe = Recipe(started.name, zoo, (parse_toml(started.recipe, str(staging / RESUME_FILE)),))
        recipe = recipe.with_reader(started.reader)
        data = started.data
        if data is not None and started.working_folder != str(Path.cwd()):
            data = [os.path.join(started.working_folder, name) for name in data]  # noqa: PTH118 (a part may follow)
        require_data_files(data or (), "put it back to resume the training")
        make_folder(folder)
        with attribute_errors(zoo.registry), files_from(started.working_folder):
            prepared = prepare_data(recipe, data)
            checkpoint = make_checkpoint(staging, started, prepared.plan, prepared, is_resumed=True)
            return fit_prepared(recipe, prepared.plan, prepared, folder, checkpoint)


def _require_plugins(started: ResumeInfo, zoo: Zoo, folder: Path) -> Zoo:
    """The zoo with the components that a training was started with; a warning for each plugin of another version.

    Raises PluginError for the plugins that are missing.
    """
    missing = find_missing_owners(started.components, zoo)
    if missing:
        raise PluginError(*(evolve(problem, where=str(folder)) for problem in missing))
    for problem in find_other_versions(started.components, zoo):
        warn(str(evolve(problem, where=str(folder))))
    return prefer_owners(started.components, zoo)
