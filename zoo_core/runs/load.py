"""Opening a run folder: every file checked, nothing trusted, nothing unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from attrs import evolve
from torch import Tensor

from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, RunFolderError, ZooError
from zoo_core.evaluation.evaluator import head_for
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.plugins.source import FILE_PREFIX
from zoo_core.recipes.fingerprints import iter_components
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs import store, threshold
from zoo_core.runs.run import Run
from zoo_core.seeds import seeded

Parts = Mapping[str, Mapping[str, str]]


def open_run(folder: str | Path, *, zoo: Zoo | None = None) -> Run:
    """The run in a folder, ready to be asked. RunFolderError, naming the file, for anything unsafe or corrupt."""
    folder = Path(folder)
    files = store.read_run(folder)
    zoo = zoo or open_zoo()
    with attribute_errors(zoo.registry):
        return _opened(folder, files, zoo)


def _opened(folder: Path, files: Mapping[str, bytes], zoo: Zoo) -> Run:
    summary = _checked_summary(folder, _json(files, "result.json"))
    parts = _parts(folder, _json(files, "parts.json"))
    owners = {f"{one['kind']}.{one['name']}": f"{one['distribution']}/{one['plugin']}" for one in parts.values()}
    zoo = evolve(zoo, registry=evolve(zoo.registry, preferred=owners))  # the parts it was made of, whoever else claims
    recipe = Recipe(summary["recipe"], zoo, (_recipe(folder, files),))
    try:
        plan = recipe.plan()
    except PluginError:
        raise
    except ZooError as error:
        raise _missing_plugin(parts, zoo) or RunFolderError(*error.problems) from None
    for slot, part in iter_components(plan):
        made = parts.get(slot, {"name": "", "class": ""})
        if made["name"] == part.name and made["class"] != f"{type(part).__module__}.{type(part).__qualname__}":
            owner = f'plugin "{made["plugin"]}" of {made["distribution"]} {made["version"]}'
            raise PluginError(f'the {slot} of this run was made with {owner}, which has no "{part.name}" here')
    stored = _json(files, "head.json")
    encoded = _json(files, "encoder.json")
    if not isinstance(stored, dict) or not _classes(stored.get("classes")):
        raise RunFolderError("these are no classes", where=str(folder / "head.json"))
    head = head_for(plan.loss, tuple(stored["classes"]))
    fits = head.outputs == len(head.classes) or (head.outputs == 1 and len(head.classes) == 2)
    if (stored.get("outputs"), stored.get("link")) != (head.outputs, head.link) or not fits:
        raise RunFolderError("it does not belong to this recipe's loss", where=str(folder / "head.json"))
    if not isinstance(encoded, dict) or not isinstance(encoded.get("state"), dict):
        raise RunFolderError("this is no encoder's state", where=str(folder / "encoder.json"))
    state = {**encoded["state"], **_tensors(folder, files, "encoder.safetensors")}
    try:
        encoder = plan.vectorizer.restore(state)
    except Exception as error:
        raise RunFolderError(f"the encoder cannot be restored: {error}", where=str(folder / "encoder.json")) from None
    if encoder.num_features != encoded.get("num_features") or encoder.num_features < 1:
        raise RunFolderError("the number of features does not agree", where=str(folder / "encoder.json"))
    weights = _tensors(folder, files, "model.safetensors")
    sizes = {"num_features": encoder.num_features, "num_outputs": head.outputs}
    with torch.device("meta"):  # shapes alone, so that no recipe can ask for more memory than its weights take
        _check_weights(folder / "model.safetensors", weights, plan.model.build(**sizes).state_dict())
    if set(parts) != {slot for slot, _ in iter_components(plan)}:
        raise RunFolderError("these are not the parts of its recipe", where=str(folder / "parts.json"))
    with seeded(plan.training.seed, "init", "model"):  # and for real, since a module may hold more than its state
        module = plan.model.build(**sizes)
    module.load_state_dict(weights)
    module.eval()
    opened = Run(folder, plan, head, encoder, module, {**summary, "run": str(folder)}, zoo)
    if threshold.THRESHOLD_FILE not in files:
        return opened
    kept = threshold.Threshold.read(files[threshold.THRESHOLD_FILE], folder / threshold.THRESHOLD_FILE, head)
    return evolve(opened.with_threshold(kept.value), threshold=kept)


def _missing_plugin(parts: Parts, zoo: Zoo) -> PluginError | None:
    """The error of a run whose parts come from plugins that are not there."""
    there = {(source.distribution, source.plugin) for source, _ in zoo.plugins.loaded}
    for part in parts.values():
        unknown = part["name"] not in zoo.registry.names(part["kind"])
        if unknown and (part["distribution"], part["plugin"]) not in there:
            told = f'this run was made with plugin "{part["plugin"]}" of {part["distribution"]} {part["version"]}'
            file = part["distribution"].removeprefix(FILE_PREFIX)
            hint = f"pip install {file}" if file == part["distribution"] else f"give the file with --plugin {file}"
            return PluginError(f"{told}, which is not in use here", hint=hint)
    return None


def _parts(folder: Path, parts: Any) -> Parts:
    keys = ("kind", "name", "plugin", "distribution", "version", "class", "code")
    if isinstance(parts, dict) and all(
        isinstance(part, dict) and all(isinstance(part.get(key), str) for key in keys) for part in parts.values()
    ):
        return parts
    raise RunFolderError("these are no parts of a run", where=str(folder / "parts.json"))


def changed_plugins(run: Run) -> list[str]:
    """A line for each plugin whose version is another than the one a run was made with."""
    parts = _parts(run.folder, _json(store.read_run(run.folder), "parts.json"))
    here = {(one.distribution, one.plugin): one.version for one, _ in run.zoo.plugins.loaded}
    made = {(part["distribution"], part["plugin"]): part["version"] for part in parts.values()}
    return [
        f'{run.folder}: made with plugin "{owner[1]}" of {owner[0]} {version}, and here is {here[owner]}'
        for owner, version in sorted(made.items())
        if here.get(owner, version) != version
    ]


def _recipe(folder: Path, files: Mapping[str, bytes]) -> Any:
    try:
        return parse_toml(files["recipe.toml"].decode("utf-8"), str(folder / "recipe.toml"))
    except ZooError as error:
        raise RunFolderError(*error.problems) from None
    except UnicodeDecodeError:
        raise RunFolderError("not UTF-8", where=str(folder / "recipe.toml")) from None


def _json(files: Mapping[str, bytes], name: str) -> Any:
    if name not in files:
        raise RunFolderError("the file is missing", where=name)
    return store.parse_json(files[name], name)


def _checked_summary(folder: Path, summary: Any) -> dict[str, Any]:
    data = summary.get("data") if isinstance(summary, dict) else None
    sound = isinstance(data, dict) and all(
        isinstance(data.get(k), str) for k in ("source", "origin", "sha256", "reader")
    )
    files = data.get("files") if isinstance(data, dict) else None
    sound = sound and isinstance(files, list) and all(isinstance(name, str) for name in files)
    if not sound or not isinstance(summary.get("recipe"), str):
        raise RunFolderError("this is no result of a run", where=str(folder / "result.json"))
    return dict(summary)


def _classes(value: Any) -> bool:
    strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return strings and len(set(value)) == len(value) >= 2


def _tensors(folder: Path, files: Mapping[str, bytes], name: str) -> dict[str, Tensor]:
    if name not in files:
        raise RunFolderError("the file is missing", where=str(folder / name))
    try:
        return safetensors.torch.load(files[name])
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise RunFolderError(f"this is no safetensors file: {error}", where=str(folder / name)) from None


def _check_weights(path: Path, weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """The same names, shapes and types as the recipe's model, and every number finite."""
    for name in sorted(set(weights) ^ set(expected)):
        raise RunFolderError(f'the weight "{name}" is {"missing" if name in expected else "strange"}', where=str(path))
    for name, tensor in weights.items():
        own = expected[name]
        if (tensor.shape, tensor.dtype) != (own.shape, own.dtype):
            raise RunFolderError(
                f'the weight "{name}" is {tensor.dtype} {tuple(tensor.shape)}, '
                f"the recipe's model has {own.dtype} {tuple(own.shape)}",
                where=str(path),
            )
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise RunFolderError(f'the weight "{name}" holds NaN or infinity', where=str(path))
