"""Fitting prepared data, and the run folder that comes of it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy
import polars as pl
import safetensors.torch
import torch
from attrs import evolve
from torch import Tensor, nn

from zoo_core.components.head import Head
from zoo_core.config.structure import unstructure
from zoo_core.config.zoo import Zoo
from zoo_core.errors import NumericalError
from zoo_core.evaluation.evaluator import Evaluator, head_for
from zoo_core.parallel import torch_threads
from zoo_core.plugins.attribution import checked_build
from zoo_core.recipes.fingerprints import component_fingerprints
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import to_toml
from zoo_core.runs import store
from zoo_core.runs.run import Run
from zoo_core.seeds import preserve_rng_state, seeded
from zoo_core.timing import Stopwatch
from zoo_core.training import loop
from zoo_core.training.checkpoint import Checkpoint
from zoo_core.training.loop import TrainingResult
from zoo_core.training.preflight import (
    check_activations,
    check_head,
    check_training_step,
    resolve_device,
    split_encoder_state,
)
from zoo_core.training.preparation import PreparedData
from zoo_core.training.state import copy_weights


def class_weights(plan: Plan, targets: Tensor, classes: int) -> Tensor | None:
    """What each class of the training split weighs `(classes,)`; None for all the same.

    Of probabilities, a class has as many rows as they sum to; one that no row speaks for weighs nothing.
    """
    if plan.training.class_weights == "none":
        return None
    rows = targets.sum(dim=0) if targets.ndim == 2 else torch.bincount(targets, minlength=classes).float()
    return torch.where(rows > 0, len(targets) / (classes * rows), 0)


def train_run(zoo: Zoo, name: str, plan: Plan, prepared: PreparedData, folder: Path, desk: Path | None = None) -> Run:
    """Train a plan on prepared splits, test once with the best weights, write the run folder.

    With a desk, from the checkpoint on it where there is one, and with one kept there on the way.
    """
    data = str(prepared.report["sha256"])
    checkpoint = None if desk is None else Checkpoint(desk, plan.training.checkpoint, data)
    with torch_threads(plan.training.threads):
        return _train_and_write(zoo, name, plan, prepared, folder, checkpoint)


def _train_and_write(
    zoo: Zoo, name: str, plan: Plan, prepared: PreparedData, folder: Path, checkpoint: Checkpoint | None
) -> Run:
    tell = zoo.plugins.notify
    clock = Stopwatch(dict(prepared.seconds))
    device = resolve_device(plan)
    registry = zoo.registry
    head = head_for(plan.loss, prepared.classes)
    check_head(registry, plan, head)
    state = split_encoder_state(registry, plan, prepared.encoder)
    check_activations(registry, plan)
    sizes = {"num_features": prepared.encoder.num_features, "num_outputs": head.outputs}
    with seeded(plan.training.seed, "init", "model"):
        module = checked_build(registry, plan.model, **sizes)
    judge = Evaluator(head, checked_build(registry, plan.loss, class_weights=None), plan.training.metrics)
    check_training_step(registry, plan, module, judge, prepared.splits["train"])
    module = module.to(device)
    judge = evolve(judge, loss=judge.loss.to(device))
    split = {name: data.to(device) for name, data in prepared.splits.items()}
    rows = dict(prepared.report["rows"])
    tell("zoo_run_started", settings=unstructure(plan), rows=rows, num_features=prepared.encoder.num_features)
    loss = checked_build(
        registry, plan.loss, class_weights=class_weights(plan, split["train"].targets, len(head.classes))
    )
    learning = _only_heard(zoo, tell), checkpoint, loss.to(device)
    outcome = loop.train_loop(module, plan, judge, split["train"], split["val"], *learning)
    clock.lap("fit")
    module.load_state_dict(outcome.weights)
    _refuse_nan(outcome.weights)
    figures = {name: judge.evaluate(module, split[name]) for name in split if name != "train"}
    clock.lap("evaluate")
    summary = {
        "run": str(folder),
        "recipe": name,
        "data": {
            key: prepared.report[key]
            for key in ("source", "files", "origin", "sha256", "reader", "read", "dropped", "leaked")
        },
        "rows": rows,
        "features": prepared.encoder.num_features,
        "classes": list(prepared.classes),
        "epochs": len(outcome.history),
        "best_epoch": outcome.best_epoch,
        "interrupted": outcome.interrupted,
        "metrics": figures,
        "seconds": clock.seconds(),
    }
    module = module.to("cpu")
    store.write_run(folder, _files(zoo, plan, prepared, head, module, outcome, summary, device, state))
    clock.lap("write")
    summary["seconds"] = clock.seconds()
    tell("zoo_run_finished", summary=summary)
    return Run(folder, plan, head, prepared.encoder, module, summary, zoo)


def _only_heard(zoo: Zoo, tell: Callable[..., None]) -> Callable[..., None]:
    """`tell`, doing nothing for the moments of a batch where no plugin listens: they come often.

    What a listener draws from torch's generators is given back, so that being heard changes no run.
    """
    heard = any(getattr(plugin, "zoo_batch_finished", None) for _, plugin in zoo.plugins.loaded)

    def told(hook: str, **moment: Any) -> None:
        if heard or hook != "zoo_batch_finished":
            with preserve_rng_state():
                tell(hook, **moment)

    return told


def _files(
    zoo: Zoo,
    plan: Plan,
    prepared: PreparedData,
    head: Head,
    module: nn.Module,
    outcome: TrainingResult,
    summary: Mapping[str, Any],
    device: torch.device,
    state: tuple[dict[str, Tensor], Mapping[str, Any]],
) -> dict[str, bytes]:
    tensors, plain = state
    environment = {
        "textzoo": metadata.version("textzoo"),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "polars": pl.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine(),
        "threads": torch.get_num_threads(),
    }
    history = [{"epoch": number, **figures} for number, figures in enumerate(outcome.history, start=1)]
    return {
        "recipe.toml": to_toml(plan, zoo.registry).encode(),
        "parts.json": store.to_json(component_fingerprints(plan, zoo.registry)),
        "environment.json": store.to_json(environment),
        "head.json": store.to_json({"classes": list(head.classes), "outputs": head.outputs, "link": head.link}),
        "encoder.json": store.to_json({"num_features": prepared.encoder.num_features, "state": plain}),
        "encoder.safetensors": safetensors.torch.save(tensors),
        "model.safetensors": safetensors.torch.save(
            {name: value.contiguous() for name, value in copy_weights(module).items()}
        ),
        "metrics.jsonl": b"".join(store.to_json(line).replace(b"\n", b"") + b"\n" for line in history),
        "result.json": store.to_json(summary),
    }


def _refuse_nan(weights: Mapping[str, Tensor]) -> None:
    for name, tensor in weights.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise NumericalError(f"the weight {name} is not finite")
