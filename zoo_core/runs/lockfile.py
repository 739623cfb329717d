"""Locks: the components of a recipe at the time it was locked or trained; what has changed since is rejected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo
from zoo_core.errors import InputOutputError, PluginError, Problem, RecipeError, RunFolderError
from zoo_core.filesystem.names import closest_path_hint
from zoo_core.filesystem.reading import read_bounded
from zoo_core.hookspecs import MODEL_HOOK
from zoo_core.messages import suggest_command
from zoo_core.plugins.plugin_source import FILE_PREFIX, PluginSource
from zoo_core.recipes.component_owners import Fingerprint, find_owned, install_hint, prefer_owners
from zoo_core.recipes.fingerprints import code_hash, component_fingerprints
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.reader_table import READER
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs import schemas, store
from zoo_core.runs.regular_files import require_data_files

MAX_BYTES = 4 * 1024 * 1024
SAFE_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._+!-]*)?")
PRINTED_KEYS = ("distribution", "version", "plugin", "kind", "name")  # may be part of a command that people paste


@frozen
class Lock:
    """The fingerprints of components by slot, and the file they are from.

    The lock of a run also has its recipe, the description of its training data, and its environment.
    """

    components: Mapping[str, Fingerprint]
    where: str
    recipe: str = ""
    name: str = ""
    data: Mapping[str, Any] = {}
    changers: tuple[Mapping[str, str], ...] = ()  # the plugins that changed the model while it was trained
    environment: Mapping[str, Any] = {}
    start: Mapping[str, Any] = {}  # what the model took from outside, as the file of pretrained vectors


def make_lock(plan: Plan, zoo: Zoo) -> bytes:
    """Make the lock of a plan, as `components.json` of a run stores it."""
    return store.to_json(component_fingerprints(plan, zoo.registry))


def read_lock(path: str | Path) -> Lock:
    """Read the lock in a run folder, or in a file of `zoo recipe lock`. Raises RunFolderError for anything else."""
    path = Path(path)
    try:
        if path.is_dir():
            return _read_run_lock(path)
        data = read_bounded(path, MAX_BYTES, RunFolderError, follow_links=True)
    except FileNotFoundError:
        hint = closest_path_hint(path, lambda found: found.is_file() or store.is_finished(found))
        raise RunFolderError("run folder or lock not found", where=str(path), hint=hint) from None
    except (OSError, ValueError) as error:
        raise InputOutputError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None
    return Lock(_parse_components(data, path), str(path))


def _read_run_lock(folder: Path) -> Lock:
    files = store.read_run(folder)
    summary = schemas.parse_summary(files["result.json"], folder / "result.json")
    environment = schemas.parse_environment(files["environment.json"], folder / "environment.json")
    components = _parse_components(files["components.json"], folder / "components.json")
    recipe = files["recipe.toml"].decode("utf-8", "replace")
    changers = {(record["distribution"], record["plugin"]): record for record in summary.get("model_changes", ())}
    where, changed = str(folder / "components.json"), tuple(changers.values())
    start = summary.get("start", {})
    return Lock(components, where, recipe, summary["recipe"], summary["data"], changed, environment, start)


def _parse_components(data: bytes, path: Path) -> Mapping[str, Fingerprint]:
    """Parse components whose names are safe to print in a command, at least one; a plugin file may have any name."""
    components = schemas.parse_components(data, path)
    names = [component[key] for component in components.values() for key in PRINTED_KEYS]
    if not components or not all(SAFE_NAME.fullmatch(name) or name.startswith(FILE_PREFIX) for name in names):
        raise RunFolderError("invalid components of a run", where=str(path))
    return components


def zoo_for_lock(lock: Lock, zoo: Zoo) -> Zoo:
    """The zoo in which a name that several plugins offer means the component in the lock."""
    return prefer_owners(lock.components, zoo)


def recipe_from_lock(lock: Lock, zoo: Zoo) -> Recipe:
    """The recipe of a locked run. Raises RecipeError for the lock of a recipe, which has no recipe in it."""
    if not lock.recipe:
        raise RecipeError(
            f"{lock.where} holds no recipe", hint=suggest_command("zoo train RECIPE --locked", Path(lock.where))
        )
    return Recipe(lock.name, zoo, (parse_toml(lock.recipe, str(Path(lock.where).parent / "recipe.toml")),))


def verify_lock(lock: Lock, zoo: Zoo) -> None:
    """Raise PluginError for the components that are missing or have changed, those of one cause together."""
    names: dict[tuple[str, str], list[str]] = {}
    for component in lock.components.values():
        change = _find_change(component, zoo)
        if change is not None:
            names.setdefault(change, []).append(f'{component["kind"]} "{component["name"]}"')
    for changer in lock.changers:
        change = _find_changer_change(changer, zoo)
        if change is not None:
            names.setdefault(change, []).append(f'plugin "{changer["plugin"]}", which changed the model')
    if names:
        raise PluginError(
            *(
                Problem(f"{', '.join(dict.fromkeys(components))}: {cause}", lock.where, command)
                for (cause, command), components in names.items()
            )
        )


def verify_plan(lock: Lock, plan: Plan, zoo: Zoo) -> None:
    """Raise PluginError for every slot in which a plan has another component than the lock."""
    current = component_fingerprints(plan, zoo.registry)
    # a reader that only the recipe names reads other data
    slots = [*lock.components, *(slot for slot in current if slot not in lock.components and slot != READER)]
    pairs = [(slot, _describe(lock.components.get(slot)), _describe(current.get(slot))) for slot in slots]
    problems = [
        Problem(f"{slot}: the lock has {locked}, the recipe has {planned}", lock.where)
        for slot, locked, planned in pairs
        if locked != planned
    ]
    if problems:
        raise PluginError(*problems)


def locked_data(lock: Lock, plan: Plan) -> tuple[list[str] | None, str]:
    """The files that a locked run was trained on, None for sample data, and their reader, as `train` takes them.

    The reader is "" if the plan says how they are read, as in every run but those of earlier versions.
    """
    origin, files = lock.data.get("origin"), lock.data.get("files")
    if origin == "stdin":
        raise RecipeError("the training data came from standard input", hint="name a file with --data FILE")
    if origin != "file":
        return None, ""
    names = list(map(str, files if isinstance(files, list) else ()))
    require_data_files(names, "name a file with --data FILE")
    return names, str(lock.data.get("reader", "")) if plan.reader == ReaderSettings() else ""


def environment_differences(lock: Lock, folder: str | Path) -> list[str]:
    """Differences between a locked run and a new one, after which the weights may differ.

    Of the data, of what the model started with, and of the environment.
    """
    if not lock.recipe:
        return []
    run = read_lock(folder)
    pairs = [("the data", lock.data.get("sha256"), run.data.get("sha256"))]
    pairs += [(f"{name} of the model", locked, run.start.get(name)) for name, locked in sorted(lock.start.items())]
    pairs += [(name, locked, run.environment.get(name)) for name, locked in sorted(lock.environment.items())]
    return [f"{what} was {locked}, now {current}" for what, locked, current in pairs if locked != current]


def _describe(component: Fingerprint | None) -> str:
    if component is None:
        return "no component"
    return f'{component["kind"]} "{component["distribution"]}/{component["plugin"]}:{component["name"]}"'


def _find_change(component: Fingerprint, zoo: Zoo) -> tuple[str, str] | None:
    """How a locked component has changed, and the command that restores it; None if it has not."""
    locked = f"{component['distribution']} {component['version']}".strip()
    requirement = (component["distribution"], component["version"])
    command = install_hint(*requirement)
    entry = find_owned(component, zoo)
    if entry is None:
        return _describe_absence(component, locked, zoo), command
    if entry.owner.version != component["version"]:
        return f"made with {locked}, installed is {entry.owner}", command
    name = f"{entry.cls.__module__}.{entry.cls.__qualname__}"
    if name != component["class"] or code_hash(entry.cls.__module__) != component["code"]:
        command = install_hint(*requirement, command="pip install --force-reinstall")
        return f"made with {locked}, whose code has changed since", command
    return None


def _find_changer_change(changer: Mapping[str, str], zoo: Zoo) -> tuple[str, str] | None:
    """How a plugin that changed the model has changed itself, and the command that restores it; None if it has not."""
    owner, locked = (changer["distribution"], changer["plugin"]), f"{changer['distribution']} {changer['version']}"
    hint = install_hint(changer["distribution"], changer["version"])
    for source, implementation in zoo.plugins.implementations(MODEL_HOOK):
        if _owner(source) == owner:
            if source.version != changer["version"]:
                return f"trained with {locked.strip()}, installed is {source}", hint
            if code_hash(implementation.function.__module__) != changer["code"]:
                return f"trained with {locked.strip()}, whose code has changed since", hint
            return None
    return f"trained with {locked.strip()}, which is missing", hint


def _describe_absence(component: Fingerprint, locked: str, zoo: Zoo) -> str:
    owner = (component["distribution"], component["plugin"])
    unavailable = [plugin for plugin in zoo.plugins.unavailable if _owner(plugin.source) == owner]
    if unavailable:
        return f"made with {locked}; now {unavailable[0]}"
    loaded = [str(source) for source, _ in zoo.plugins.loaded if source.distribution == component["distribution"]]
    return f"made with {locked}; {loaded[0]} does not have it" if loaded else f"made with {locked}, not installed"


def _owner(source: PluginSource) -> tuple[str, str]:
    return source.distribution, source.plugin
