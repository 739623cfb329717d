"""A lock: what the parts of a recipe were when it was locked or trained. It is refused where they have drifted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo
from zoo_core.errors import InputOutputError, PluginError, Problem, RecipeError, RunFolderError
from zoo_core.plugins.source import PluginSource
from zoo_core.recipes.fingerprints import code_hash, component_fingerprints
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs import store

Fingerprint = Mapping[str, str]
KEYS = ("kind", "name", "plugin", "distribution", "version", "class", "code")
PLAIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._+!-]*)?")
READ = ("parts.json", "result.json", "environment.json")
MAX_BYTES = 4 * 1024 * 1024  # bytes of a lock's file


@frozen
class Lock:
    """The parts that were, by slot; where they are written, and, of a run, its recipe and what it was trained on."""

    components: Mapping[str, Fingerprint]
    where: str
    recipe: str = ""
    name: str = ""
    data: Mapping[str, Any] = {}
    environment: Mapping[str, Any] = {}


def make_lock(plan: Plan, zoo: Zoo) -> bytes:
    """The lock of a plan, as the file `parts.json` of a run holds it."""
    return store.to_json(component_fingerprints(plan, zoo.registry))


def read_lock(path: str | Path) -> Lock:
    """The lock in a run's folder, or in a file that `zoo recipe lock` wrote; RunFolderError for anything else."""
    path = Path(path)
    try:
        if path.is_dir():
            return _of_run(path)
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES)
    except FileNotFoundError:
        raise RunFolderError("there is no such run folder or lock", where=str(path)) from None
    except (OSError, ValueError) as error:
        raise InputOutputError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None
    return Lock(_checked(store.parse_json(raw, str(path)), path), str(path))


def _of_run(folder: Path) -> Lock:
    files = store.read_run(folder)
    found = {name: store.parse_json(files[name], str(folder / name)) for name in files if name in READ}
    summary, environment = found["result.json"], found["environment.json"]
    data = summary.get("data") if isinstance(summary, dict) else None
    if not isinstance(data, dict) or not isinstance(summary.get("recipe"), str):
        raise RunFolderError("this is no result of a run", where=str(folder / "result.json"))
    if not isinstance(environment, dict):
        raise RunFolderError("this is no environment", where=str(folder / "environment.json"))
    parts = _checked(found["parts.json"], folder / "parts.json")
    recipe = files["recipe.toml"].decode("utf-8", "replace")
    return Lock(parts, str(folder / "parts.json"), recipe, summary["recipe"], data, environment)


def _checked(parts: Any, where: Path) -> Mapping[str, Fingerprint]:
    if isinstance(parts, dict) and parts and all(_is_part(part) for part in parts.values()):
        return parts
    raise RunFolderError("these are no parts of a run", where=str(where))


def _is_part(part: Any) -> bool:
    """Whether this says of a part all that a lock must; its names will stand in a line that people paste."""
    told = isinstance(part, dict) and all(isinstance(part.get(key), str) for key in KEYS)
    return told and all(PLAIN.fullmatch(part[key]) for key in ("distribution", "version", "plugin", "kind", "name"))


def zoo_for_lock(lock: Lock, zoo: Zoo) -> Zoo:
    """The zoo in which a contested name is the one's that the lock says."""
    own = {
        f"{part['kind']}.{part['name']}": f"{part['distribution']}/{part['plugin']}"
        for part in lock.components.values()
    }
    return evolve(zoo, registry=evolve(zoo.registry, preferred={**zoo.registry.preferred, **own}))


def recipe_from_lock(lock: Lock, zoo: Zoo) -> Recipe:
    """The recipe of a locked run. RecipeError for the lock of a recipe, which holds parts alone."""
    if not lock.recipe:
        raise RecipeError(f"{lock.where} holds no recipe", hint=f"zoo train RECIPE --locked {lock.where}")
    return Recipe(lock.name, zoo, (parse_toml(lock.recipe, str(Path(lock.where).parent / "recipe.toml")),))


def verify_lock(lock: Lock, zoo: Zoo) -> None:
    """PluginError with every part of the lock that is missing here or is not what it was, those of one cause in one."""
    causes: dict[tuple[str, str], list[str]] = {}
    for part in lock.components.values():
        cause = _drift(part, zoo)
        if cause is not None:
            causes.setdefault(cause, []).append(f'{part["kind"]} "{part["name"]}"')
    if causes:
        told = {cause: ", ".join(dict.fromkeys(parts)) for cause, parts in causes.items()}
        raise PluginError(*(Problem(f"{parts}: {cause}", lock.where, pip) for (cause, pip), parts in told.items()))


def verify_plan(lock: Lock, plan: Plan, zoo: Zoo) -> None:
    """PluginError with every slot in which a plan has another part than the lock."""
    here = component_fingerprints(plan, zoo.registry)
    slots = [*lock.components, *(slot for slot in here if slot not in lock.components)]
    both = [(slot, _spelled(lock.components.get(slot)), _spelled(here.get(slot))) for slot in slots]
    told = [
        Problem(f"{slot}: the lock has {was}, the recipe {now}", lock.where) for slot, was, now in both if was != now
    ]
    if told:
        raise PluginError(*told)


def locked_data(lock: Lock, reader: str = "") -> tuple[list[str] | None, str]:
    """The files a locked run was trained on, None for the sample, and the reader of them, as `train` takes them."""
    origin, files = lock.data.get("origin"), lock.data.get("files")
    if origin != "file":
        if origin == "stdin":
            raise RecipeError("the training data came from standard input", hint="name a file with --data FILE")
        return None, reader
    return list(map(str, files if isinstance(files, list) else ())), reader or str(lock.data.get("reader", ""))


def environment_differences(lock: Lock, folder: str | Path) -> list[str]:
    """In what else than its parts a new run is not like the locked one: then its bytes need not be the same."""
    if not lock.recipe:
        return []
    made = read_lock(folder)
    pairs = [("the data", lock.data.get("sha256"), made.data.get("sha256"))]
    pairs += [(name, was, made.environment.get(name)) for name, was in sorted(lock.environment.items())]
    return [f"{what} was {was}, here {now}" for what, was, now in pairs if was != now]


def _spelled(part: Fingerprint | None) -> str:
    return f'{part["kind"]} "{part["distribution"]}/{part["plugin"]}:{part["name"]}"' if part else "nothing"


def _drift(part: Fingerprint, zoo: Zoo) -> tuple[str, str] | None:
    """What is wrong with a locked part as it is here, and the line that mends it; None where nothing is."""
    wanted = f"{part['distribution']} {part['version']}".strip()
    pip = f"pip install {part['distribution']}" + (f"=={part['version']}" if part["version"] else "")
    owners = [entry for entry in zoo.registry.of_kind(part["kind"]) if entry.name == part["name"]]
    entry = next((one for one in owners if _owner(one.owner) == (part["distribution"], part["plugin"])), None)
    if entry is None:
        absent = [
            one for one in zoo.plugins.unavailable if _owner(one.source) == (part["distribution"], part["plugin"])
        ]
        here = [str(one) for one, _ in zoo.plugins.loaded if one.distribution == part["distribution"]]
        if absent:
            return f"made with {wanted}; here {absent[0]}", pip
        return f"made with {wanted}, which is not here" if not here else f"made with {wanted}; {here[0]} has none", pip
    if entry.owner.version != part["version"]:
        return f"made with {wanted}, here is {entry.owner}", pip
    named = f"{entry.cls.__module__}.{entry.cls.__qualname__}"
    if named != part["class"] or code_hash(entry.cls.__module__) != part["code"]:
        return f"made with {wanted}, whose code has changed since", pip.replace("install", "install --force-reinstall")
    return None


def _owner(source: PluginSource) -> tuple[str, str]:
    return source.distribution, source.plugin
