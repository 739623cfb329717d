"""What has changed since a run was trained: the plugins that its components are from, and how words are read."""

from __future__ import annotations

from attrs import evolve

from zoo_core.components.normalization_style import find_style
from zoo_core.recipes.component_owners import Fingerprint, find_other_versions
from zoo_core.runs import schemas, store
from zoo_core.runs.calibration.stored import SLOT, Calibration
from zoo_core.runs.run import Run


def changes_since_training(run: Run) -> list[str]:
    """Warnings: one for each plugin of another version than the one a run was made with, and for its normalization."""
    contents = store.read_run(run.folder)
    components = dict(schemas.parse_components(contents["components.json"], run.folder / "components.json"))
    environment = schemas.parse_environment(contents["environment.json"], run.folder / "environment.json")
    return [*_changed_plugins(run, components), *_changed_normalization(run, environment.get("normalization", 1))]


def _changed_normalization(run: Run, version: object) -> list[str]:
    """The warning that words are read differently than in training. A run without a version has the first one."""
    found = find_style(run.plan.task)
    if found is None or found.version == version:
        return []
    change = f'made with version {version} of normalization "{found.style}", now {found.version}'
    return [f"{run.folder}: {change}: some words are read differently (hint: train the run again)"]


def _changed_plugins(run: Run, components: dict[str, Fingerprint]) -> list[str]:
    if isinstance(run.head.calibration, Calibration):  # the one in use may not be that of the recipe
        components = {**components, SLOT: run.head.calibration.owner}
    return [str(evolve(problem, where=str(run.folder))) for problem in find_other_versions(components, run.zoo)]
