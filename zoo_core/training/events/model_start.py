"""The start of a model: what it takes from outside before the first epoch, and the report of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import torch
from torch import nn

from zoo_core.components.protocols import StartReport
from zoo_core.plugins.attribution import contract_error
from zoo_core.seeds import seeded
from zoo_core.training.events.model_state import weight_shapes
from zoo_core.training.rows.epochs import EpochBatches


def start_model(batches: EpochBatches, module: nn.Module, feature_names: Sequence[str]) -> StartReport:
    """Call `start` of the plan's model. Raises PluginError if it breaks its contract."""
    plan, registry, before = batches.plan, batches.registry, weight_shapes(module)
    with seeded(plan.training.seed, "start", "model"), torch.no_grad():
        report: object = plan.model.start(module, train=batches.train, feature_names=feature_names)
    if weight_shapes(module) != before:
        raise contract_error(registry, plan.model, "start() changed the names, shapes or types of its weights")
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise contract_error(registry, plan.model, f"start() made {name} not finite")
    if not is_start_report(report):
        raise contract_error(registry, plan.model, "start() returned something else than texts and numbers by name")
    return dict(report)


def is_start_report(report: object) -> TypeGuard[StartReport]:
    """Whether this is a report of plain values: texts, and finite numbers."""
    return isinstance(report, Mapping) and all(
        type(key) is str and (type(value) in (str, int) or (type(value) is float and math.isfinite(value)))
        for key, value in report.items()
    )
