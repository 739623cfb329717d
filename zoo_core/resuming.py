"""Going on with a training that was killed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo_core import pipeline, runs
from zoo_core.blame import faults_of
from zoo_core.config import Zoo, open_zoo
from zoo_core.errors import RecipeError, RunFolderError
from zoo_core.opening import open_run
from zoo_core.recipe import Recipe
from zoo_core.toml import parse_toml
from zoo_core.unfinished import BEGUN, Begun, desk_of, occupied, resumable

if TYPE_CHECKING:
    from zoo_core.inference import Run


def resume(run: str | Path, *, zoo: Zoo | None = None) -> Run:
    """Go on with a training that was killed, from its last checkpoint: the bytes that it would have written.

    RunFolderError where none was begun in this folder, RecipeError where it is finished, DataError where the data
    has changed since.
    """
    folder, zoo = Path(run), zoo or open_zoo()
    if runs.is_finished(folder) and desk_of(folder).is_dir():  # killed after its last word was written
        with occupied(folder, resume=True):
            return open_run(folder, zoo=zoo)
    if runs.is_finished(folder):
        raise RecipeError(f"the run in {folder} is finished", hint="zoo train RECIPE makes another")
    if not resumable(folder):
        hint = "a training that ended by itself, or read its data from a pipe, leaves nothing to go on with"
        raise RunFolderError("no unfinished training was begun here", where=str(folder), hint=hint)
    with occupied(folder, resume=True) as desk:
        begun = Begun.read(desk)
        recipe = Recipe(begun.name, zoo, (parse_toml(begun.recipe, str(desk / BEGUN)),))
        data = begun.data
        if data is not None and begun.folder != str(Path.cwd()):
            data = [str(Path(begun.folder) / name) for name in data]
        folder.mkdir(parents=True, exist_ok=True)
        with faults_of(zoo.registry):
            return pipeline.finish(recipe, pipeline.prepared_from(recipe, data, begun.reader), folder, desk)
