"""Loading a run from its folder: every file is checked, nothing is trusted, nothing is unpickled."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import safetensors.torch
import torch
from attrs import evolve, frozen
from torch import Tensor, nn

from zoo_core.components.building.call import call_build
from zoo_core.components.building.feature_names import model_arguments
from zoo_core.components.building.meta_device import meta_device
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.decisions.decision import Decision
from zoo_core.components.encoding.tokenized_encoder import restore_encoder
from zoo_core.components.head import Head
from zoo_core.components.protocols import Encoder
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, RunFolderError, ZooError
from zoo_core.evaluation.evaluator import head_for
from zoo_core.memory import is_out_of_memory
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.component_owners import (
    Fingerprint,
    describe_owner,
    find_missing_owners,
    find_other_versions,
    install_hint,
    prefer_owners,
)
from zoo_core.recipes.fingerprints import component_slots, iter_components
from zoo_core.recipes.loss_outputs import find_output_problem
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, to_toml
from zoo_core.runs import schemas, store
from zoo_core.runs.calibration.stored import CALIBRATION_FILE, Calibration, read_calibration
from zoo_core.runs.decisions.stored import DECISION_FILE, StoredDecision
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.run import Run
from zoo_core.runs.validation.stored_scores import VALIDATION_FILE, parse_stored_rows
from zoo_core.seeds import seeded
from zoo_core.torch_threads import torch_threads

T = TypeVar("T")


def open_run(folder: str | Path, *, zoo: Zoo | None = None) -> Run:
    """Open the run in a folder. Raises RunFolderError, naming the file, for anything unsafe or corrupt."""
    folder = Path(folder)
    files = _Files(folder, store.read_run(folder))
    zoo = zoo or open_zoo()
    with attribute_errors(zoo.registry):
        return _load(files, zoo)


def _open_again(
    folder: Path, zoo: Zoo, recipe: str, other_reader: ReaderSettings, decision: Decision, calibration: bytes
) -> Run:
    """The run that was pickled, from its folder, with its settings, its decision rule and its calibration, if any.

    Raises RunFolderError if another training has written the folder since.
    """
    run = open_run(folder, zoo=zoo)
    plan = Recipe(run.summary["recipe"], run.zoo, (parse_toml(recipe, "recipe.toml"),)).plan()
    if evolve(run.plan, task=plan.task, reader=plan.reader) != plan:
        raise RunFolderError("the folder has another run than the one that was pickled", where=str(folder))
    used = read_calibration(calibration, folder / CALIBRATION_FILE, run.head, run.zoo) if calibration else None
    return evolve(run, plan=plan, head=evolve(run.head, decision=decision, calibration=used), other_reader=other_reader)


def _reduce_run(run: Run) -> tuple[Callable[..., Run], tuple[Any, ...]]:
    """A run as its folder, its settings, its decision rule and its calibration: no weights, which the folder has."""
    if not run.folder.is_dir():
        raise RunFolderError("a run is pickled by its folder, which is missing", where=str(run.folder))
    recipe = to_toml(run.plan, run.zoo.registry)
    used = run.head.calibration
    calibration = used.to_json() if isinstance(used, Calibration) else b""
    return _open_again, (run.folder.absolute(), run.zoo, recipe, run.other_reader, run.head.decision, calibration)


copyreg.pickle(Run, _reduce_run)


@frozen(eq=False)
class _Files:
    """The files of a run folder, verified against the manifest."""

    folder: Path
    contents: Mapping[str, bytes]

    def parse(self, name: str, parser: Callable[[bytes, Path], T]) -> T:
        """Parse a file by its schema. Raises RunFolderError if it is missing or invalid."""
        path = self.folder / name
        if name not in self.contents:
            raise RunFolderError("the file is missing", where=str(path))
        return parser(self.contents[name], path)

    def error(self, name: str, message: str) -> RunFolderError:
        """An error about a file."""
        return RunFolderError(message, where=str(self.folder / name))


def _load(files: _Files, zoo: Zoo) -> Run:
    summary = files.parse("result.json", schemas.parse_summary)
    components = files.parse("components.json", schemas.parse_components)
    zoo = prefer_owners(components, zoo)
    plan = _resolve_plan(files, zoo, summary["recipe"], components)
    try:
        head = _load_head(files, plan)
        encoder = _load_encoder(files, plan)
        module = _load_module(files, plan, encoder, head, components)
    except RunFolderError as error:  # another version of a plugin may not read what this one wrote
        others = (evolve(problem, where=str(files.folder)) for problem in find_other_versions(components, zoo))
        raise RunFolderError(*error.problems, *others) from error
    head = evolve(head, calibration=_load_calibration(files, head, zoo))
    validation = _load_validation(files, head, summary["data"]["source"])
    summary = {**summary, "run": str(files.folder)}
    run = Run(files.folder, plan, head, encoder, module, summary, zoo, stored_validation=validation)
    if DECISION_FILE not in files.contents:
        return run
    stored = files.parse(DECISION_FILE, lambda data, path: StoredDecision.read(data, path, head))
    return run.with_stored_decision(stored)


def _resolve_plan(files: _Files, zoo: Zoo, name: str, components: Mapping[str, Fingerprint]) -> Plan:
    recipe = Recipe(name, zoo, (files.parse("recipe.toml", schemas.parse_recipe),))
    try:
        plan = recipe.plan()
    except ZooError as error:
        missing = _missing_plugins(files.folder, components, zoo)
        raise missing or (error if isinstance(error, PluginError) else RunFolderError(*error.problems)) from None
    _check_classes(files.folder, plan, components)
    return plan


def _missing_plugins(folder: Path, components: Mapping[str, Fingerprint], zoo: Zoo) -> PluginError | None:
    """The error for the plugins of a run that are not available; None if all are."""
    missing = find_missing_owners(components, zoo)
    return PluginError(*(evolve(problem, where=str(folder)) for problem in missing)) if missing else None


def _check_classes(folder: Path, plan: Plan, components: Mapping[str, Fingerprint]) -> None:
    """Raise PluginError if a component of the recipe is now another class than the one a run was made with."""
    for slot, component in iter_components(plan):
        expected = components.get(slot)
        if expected is None or expected["name"] != component.name:
            continue
        if expected["class"] != f"{type(component).__module__}.{type(component).__qualname__}":
            owner = describe_owner(expected)
            hint = install_hint(expected["distribution"], expected["version"])
            text = f'the {slot} was made with {owner}, which has no "{component.name}" now'
            raise PluginError(text, where=str(folder), hint=hint)


def _load_head(files: _Files, plan: Plan) -> Head:
    values = files.parse("head.json", schemas.parse_head)
    head = head_for(plan.loss, values.classes, values.class_counts, targets=plan.task.targets)
    is_possible = not find_output_problem(plan.loss, len(head.classes), plan.task.targets)
    stored, expected = ((one.outputs, one.link, one.targets) for one in (values, head))
    if stored != expected or not is_possible:
        raise files.error("head.json", "the head does not belong to this recipe's loss and task")
    return head


def _load_encoder(files: _Files, plan: Plan) -> Encoder:
    values = files.parse("encoder.json", schemas.parse_encoder)
    state = {**values.state, **files.parse("encoder.safetensors", _parse_tensors)}
    try:
        encoder = restore_encoder(plan.vectorizer, state)
    except Exception as error:
        raise files.error("encoder.json", f"the encoder cannot be restored: {error}") from None
    if encoder.num_features != values.num_features or encoder.num_features < 1:
        what = f"expected {values.num_features} features, the encoder has {encoder.num_features}"
        raise files.error("encoder.json", what)
    return encoder


def _load_module(
    files: _Files, plan: Plan, encoder: Encoder, head: Head, components: Mapping[str, Fingerprint]
) -> nn.Module:
    weights = files.parse("model.safetensors", _parse_tensors)
    offered = model_arguments(encoder, head.outputs)
    try:
        with meta_device():  # shapes alone, so that no recipe can request more memory than its weights take
            expected = call_build(plan.model, **offered).state_dict()
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        message = f'model "{plan.model.name}" has more parameters than any memory holds'
        raise files.error("recipe.toml", message) from None
    _check_weights(files.folder / "model.safetensors", weights, expected)
    if set(components) != set(component_slots(plan)):
        raise files.error("components.json", "the components do not belong to this recipe")
    # built again, since a module may hold more than its state
    with torch_threads(plan.training.threads), seeded(plan.training.seed, "init", "model"):
        module: nn.Module = call_build(plan.model, **offered)
        module.load_state_dict(weights)
    return module.eval()


def _load_calibration(files: _Files, head: Head, zoo: Zoo) -> Calibration | None:
    if CALIBRATION_FILE not in files.contents:
        return None
    return files.parse(CALIBRATION_FILE, lambda data, path: read_calibration(data, path, head, zoo))


def _load_validation(files: _Files, head: Head, source: str) -> ScoredSplit | None:
    """The stored scores of the validation split; None in runs of versions that did not store them."""
    if VALIDATION_FILE not in files.contents:
        return None
    return files.parse(VALIDATION_FILE, lambda data, path: parse_stored_rows(data, path, head, source))


def _parse_tensors(data: bytes, path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise RunFolderError(f"not a safetensors file: {error}", where=str(path)) from None


def _check_weights(path: Path, weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise RunFolderError unless names, shapes and types are those of the recipe's model, and all numbers finite."""
    for name in sorted(set(weights) ^ set(expected)):
        what = "is missing" if name in expected else "does not belong to this recipe's model"
        raise RunFolderError(f'the weight "{name}" {what}', where=str(path))
    for name, tensor in sorted(weights.items()):
        target = expected[name]
        if (tensor.shape, tensor.dtype) != (target.shape, target.dtype):
            got, wanted = (f"{weight.dtype} {tuple(weight.shape)}" for weight in (tensor, target))
            raise RunFolderError(f'the weight "{name}": got {got}, expected {wanted}', where=str(path))
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise RunFolderError(f'the weight "{name}" has NaN or infinite values', where=str(path))
