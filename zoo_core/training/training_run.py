"""Training on prepared data: build and check the components, train, evaluate, write the run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from attrs import evolve, frozen
from torch import Tensor, nn

import zoo_core.runs.load  # noqa: F401  # so that a run can be pickled
from zoo_core.components.building.feature_names import FeatureNames, model_arguments
from zoo_core.components.head import Head
from zoo_core.config.structure import unstructure
from zoo_core.config.zoo import Zoo
from zoo_core.errors import NumericalError
from zoo_core.evaluation.evaluator import Evaluator, head_for
from zoo_core.evaluation.intervals.figures import compute_figures
from zoo_core.features.batches import EncodedSplit
from zoo_core.filesystem.signals import defer_signals
from zoo_core.memory import keep_freed_memory
from zoo_core.plugins.attribution import checked_build
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, to_toml
from zoo_core.runs import store
from zoo_core.runs.calibration.fitting import check_calibrator, fit_calibration
from zoo_core.runs.calibration.report import calibration_summary
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.run import Run
from zoo_core.runs.validation.stored_scores import stored_rows
from zoo_core.seeds import seeded
from zoo_core.timing import Stopwatch
from zoo_core.torch_threads import torch_threads
from zoo_core.training.checkpoint import Checkpoint
from zoo_core.training.encoder_checks import split_encoder_state
from zoo_core.training.events.epoch_listeners import EpochListener
from zoo_core.training.events.model_changes import ModelChanges
from zoo_core.training.events.run_events import RunEvents, RunPlace
from zoo_core.training.findings.checks import find_problems
from zoo_core.training.forward_pass import make_forward_pass
from zoo_core.training.loop import TrainingContext, TrainingResult, train_loop
from zoo_core.training.model_memory import check_model_memory
from zoo_core.training.preflight import check_activations, check_head, check_training_step, resolve_device
from zoo_core.training.preparation import PreparedData
from zoo_core.training.results.summary import describe_data, summarize
from zoo_core.training.rows.class_weights import count_classes, finish_weights, loss_weights, positive_weights
from zoo_core.training.rows.epochs import ChangedTexts, EpochBatches
from zoo_core.training.run_files import RunFiles

FEW_ROWS = 100_000  # of bags; of more, freed memory goes back to the system


def train_run(
    recipe: Recipe,
    plan: Plan,
    prepared: PreparedData,
    *,
    folder: Path,
    checkpoint: Checkpoint | None = None,
    listeners: Sequence[EpochListener] = (),
    trial: Mapping[str, Any] | None = None,
) -> Run:
    """Train a plan on prepared data, evaluate once with the best weights, and write the run folder.

    `trial` is its place in a swap, which listeners are told.
    """
    zoo = recipe.zoo
    text, data = to_toml(plan, zoo.registry), str(prepared.report["sha256"])
    events = RunEvents(zoo, RunPlace.of(folder, recipe.name, text, data, trial or {}), listeners)
    changes = ModelChanges(zoo.plugins, plan.training.seed, events.place.run_id)
    with torch_threads(plan.training.threads), defer_signals(after_first=True):
        stopwatch = Stopwatch(dict(prepared.seconds))
        built = build_checked(zoo.registry, plan, prepared)
        splits = {name: split.to(built.device) for name, split in prepared.splits.items()}
        train = EpochBatches(zoo.registry, plan, splits["train"], ChangedTexts.of(zoo.registry, prepared, plan))
        context = _training_context(zoo.registry, plan, built, train, splits["val"])
        names = FeatureNames(prepared.encoder.feature_names)
        forward = make_forward_pass(plan.training, built.module, splits["train"], built.device)
        context = evolve(
            context, events=events, changes=changes, checkpoint=checkpoint, feature_names=names, forward=forward
        )
        with events.sending_the_end():
            events.started(
                unstructure(_with_epochs(plan, train.steps)),
                data=describe_data(prepared),
                rows=dict(prepared.report["rows"]),
                num_features=prepared.encoder.num_features,
            )
            is_useful = plan.vectorizer.layout != "bag" or len(splits["train"]) <= FEW_ROWS
            with keep_freed_memory(is_useful=is_useful):
                result = train_loop(built.module, context)
            if result.interrupted:
                events.interrupted(result.interrupted, len(result.history))
            stopwatch.lap("fit")
            with _keep(checkpoint):
                scores = _score_best(train, built, result, splits, changes)
                source = str(prepared.report["source"])
                stored = stored_rows(
                    scores["val"], splits["val"].targets, source, plan.training.seed, built.head.targets
                )
                built = _calibrated(zoo, plan, built, stored)
                figures = {
                    name: compute_figures(built.evaluator, scores[name], split.targets, prepared.leaked.get(name))
                    for name, split in splits.items()
                    if name in scores
                }
                stopwatch.lap("evaluate")
                summary = summarize(recipe.name, prepared, result, figures, folder=folder)
                found = find_problems(plan, prepared, built.head, result, scores, str(folder))
                summary["findings"] = [finding.to_dict() for finding in found]
                summary["model_changes"] = changes.records
                summary["calibration"] = calibration_summary(built.head, scores, splits)
                summary["seconds"] = stopwatch.seconds()
                files = _run_files(zoo.registry, plan, prepared, built, result, summary, stored, text)
                store.write_run(folder, files.to_bytes())
            stopwatch.lap("write")
            summary["seconds"] = stopwatch.seconds()
            events.finished(summary)
        return Run(folder, plan, built.head, prepared.encoder, files.module, summary, zoo, stored_validation=stored)


def _run_files(
    registry: Registry,
    plan: Plan,
    prepared: PreparedData,
    built: BuiltComponents,
    result: TrainingResult,
    summary: Mapping[str, Any],
    validation: ScoredSplit,
    text: str,
) -> RunFiles:
    return RunFiles(
        plan=plan,
        recipe_text=text,
        registry=registry,
        head=built.head,
        num_features=prepared.encoder.num_features,
        encoder_state=built.encoder_state,
        module=built.module.to("cpu"),
        result=result,
        summary=summary,
        device=built.device,
        validation=validation,
    )


def _with_epochs(plan: Plan, steps: int) -> Plan:
    """The plan with the number of epochs that it allows on this data, for listeners."""
    return evolve(plan, training=evolve(plan.training, epochs=plan.training.epochs_of(steps)))


def _keep(checkpoint: Checkpoint | None) -> AbstractContextManager[None]:
    """Hold back signals while the finished run is written, unless a checkpoint keeps what they would lose."""
    return nullcontext() if checkpoint and checkpoint.exists() else defer_signals()


@frozen(eq=False)
class BuiltComponents:
    """The components of a plan, built for prepared data, checked, and moved to the device."""

    head: Head
    module: nn.Module
    evaluator: Evaluator
    encoder_state: tuple[dict[str, Tensor], Mapping[str, Any]]
    device: torch.device


def build_checked(registry: Registry, plan: Plan, prepared: PreparedData) -> BuiltComponents:
    """Build the model and the evaluator and run the preflight checks. Raises PluginError for a broken contract."""
    device = resolve_device(plan)
    check_head(registry, plan, len(prepared.classes))
    head = head_for(
        plan.loss,
        prepared.classes,
        count_classes(prepared.splits["train"].targets, len(prepared.classes)),
        targets=plan.task.targets,
    )
    encoder_state = split_encoder_state(registry, plan, prepared.encoder)
    check_activations(registry, plan)
    offered = model_arguments(prepared.encoder, head.outputs)
    check_model_memory(plan.model, **offered)
    with seeded(plan.training.seed, "init", "model"):
        module = checked_build(registry, plan.model, **offered)
    loss = checked_build(registry, plan.loss, **head.loss_arguments())
    evaluator = Evaluator(head, loss, plan.training.metrics)
    check_training_step(registry, plan, module, evaluator, prepared.splits["train"])
    check_calibrator(registry, plan.calibrator, head)
    evaluator = evolve(evaluator, loss=loss.to(device))
    return BuiltComponents(head, module.to(device), evaluator, encoder_state, device)


def _calibrated(zoo: Zoo, plan: Plan, built: BuiltComponents, validation: ScoredSplit) -> BuiltComponents:
    """The components with the plan's calibrator fitted on the validation rows."""
    calibration = fit_calibration(zoo, plan.calibrator, built.head, validation)
    head = evolve(built.head, calibration=calibration)
    return evolve(built, head=head, evaluator=evolve(built.evaluator, head=head))


def _training_context(
    registry: Registry,
    plan: Plan,
    built: BuiltComponents,
    train: EpochBatches,
    val: EncodedSplit,
) -> TrainingContext:
    weights, positive = (
        None if found is None else found.to(built.device)
        for found in (loss_weights(plan, built.head), positive_weights(plan, built.head, len(train.train)))
    )
    loss = checked_build(registry, plan.loss, **built.head.loss_arguments(weights, positive))
    return TrainingContext(
        plan=plan,
        train=train,
        val=val,
        evaluator=built.evaluator,
        loss=loss.to(built.device),
    )


def _score_best(
    train: EpochBatches,
    built: BuiltComponents,
    result: TrainingResult,
    splits: Mapping[str, EncodedSplit],
    changes: ModelChanges,
) -> dict[str, Tensor]:
    """Load the best weights and compute the scores `(rows, outputs)` of every split but the training split."""
    built.module.load_state_dict(result.weights)
    weights = finish_weights(train, built.head, max(result.best_epoch, 1), built.device)
    train_split, val = splits["train"], splits["val"]
    with torch.no_grad():
        train.plan.model.finish(built.module, train=train_split, val=val, head=built.head, **weights)
    changes.update(built.module, "finished", epoch=len(result.history))
    for name, tensor in built.module.state_dict().items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise NumericalError(f"the weight {name} is not finite")
    return {name: built.evaluator.score(built.module, split) for name, split in splits.items() if name != "train"}
