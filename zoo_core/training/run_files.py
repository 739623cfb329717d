"""The files of a run folder, made from a finished training."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy
import polars as pl
import safetensors.torch
import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.head import Head
from zoo_core.components.normalization_style import find_style
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.fingerprints import component_fingerprints
from zoo_core.recipes.plan import Plan
from zoo_core.runs.calibration.stored import CALIBRATION_FILE, Calibration
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.store import to_json
from zoo_core.runs.validation.stored_scores import VALIDATION_FILE
from zoo_core.runs.validation.stored_scores import to_bytes as validation_to_bytes
from zoo_core.training.early_stopping import copy_weights
from zoo_core.training.loop import TrainingResult


@frozen(eq=False)
class RunFiles:
    """What a run folder stores. `encoder_state` is the tensors of the encoder's state, and its plain values."""

    plan: Plan
    recipe_text: str
    registry: Registry
    head: Head
    num_features: int
    encoder_state: tuple[Mapping[str, Tensor], Mapping[str, Any]]
    module: nn.Module
    result: TrainingResult
    summary: Mapping[str, Any]
    device: torch.device
    validation: ScoredSplit

    def to_bytes(self) -> dict[str, bytes]:
        """The content of every file by its name."""
        tensors, plain = self.encoder_state
        head = {
            "classes": list(self.head.classes),
            "outputs": self.head.outputs,
            "link": self.head.link,
            "targets": self.head.targets,
            "class_counts": list(self.head.class_counts),
        }
        weights = {name: value.contiguous() for name, value in copy_weights(self.module).items()}
        style = find_style(self.plan.task)
        environment = {**describe_environment(self.device), **({"normalization": style.version} if style else {})}
        history = [{"epoch": epoch, **metrics} for epoch, metrics in enumerate(self.result.history, start=1)]
        calibration = self.head.calibration
        return {
            **({CALIBRATION_FILE: calibration.to_json()} if isinstance(calibration, Calibration) else {}),
            "recipe.toml": self.recipe_text.encode(),
            "components.json": to_json(component_fingerprints(self.plan, self.registry)),
            "environment.json": to_json(environment),
            "head.json": to_json(head),
            "encoder.json": to_json({"num_features": self.num_features, "state": plain}),
            "encoder.safetensors": safetensors.torch.save(dict(tensors)),
            "model.safetensors": safetensors.torch.save(weights),
            VALIDATION_FILE: validation_to_bytes(self.validation),
            "metrics.jsonl": b"".join(to_json(line).replace(b"\n", b"") + b"\n" for line in history),
            "result.json": to_json(self.summary),
        }


def describe_environment(device: torch.device) -> dict[str, Any]:
    """The versions and hardware that the weights depend on."""
    return {
        "textzoo": metadata.version("textzoo"),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "polars": pl.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine(),
        "threads": torch.get_num_threads(),
    }
