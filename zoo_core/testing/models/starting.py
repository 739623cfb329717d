"""Checks of what a model takes from outside before the first epoch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import nn

from zoo_core.components.contracts import Model
from zoo_core.components.protocols import StartReport
from zoo_core.errors import ZooError
from zoo_core.features.batches import EncodedSplit
from zoo_core.seeds import seeded
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.failures import while_using
from zoo_core.testing.models.features import many_rows, width_of
from zoo_core.testing.models.modules import OUTPUTS, build_model, feature_names, layouts_of
from zoo_core.training.events.model_start import is_start_report
from zoo_core.training.events.model_state import weight_shapes


def has_start(subject: Subject) -> bool:
    """Whether a model takes anything from outside."""
    return type(subject.component).start is not Model.start  # type: ignore[attr-defined]


def start(subject: Subject, module: nn.Module, layout: str) -> StartReport:
    """Call `start` of a model as training does, with 512 rows of a layout."""
    features = many_rows(layout)
    train = EncodedSplit(features, torch.arange(len(features)) * 7 % OUTPUTS)
    names = feature_names(width_of(features))
    with torch.no_grad(), seeded(7, "start"), while_using("in start()"):
        return cast(Model, subject.component).start(module, train=train, feature_names=names)


def find_broken_start(module: nn.Module, call: Callable[[], StartReport]) -> str:
    """What `start` does to a module, or returns, against its contract; "" for nothing."""
    before = weight_shapes(module)
    report = call()
    after = weight_shapes(module)
    if list(after) != list(before):
        return "start() changes the names of the weights"
    for name, tensor in module.state_dict().items():
        if after[name] != before[name]:
            return f"start() makes {name} {tensor.dtype} {tuple(tensor.shape)}, before it was {before[name][:2]}"
        if not bool(torch.isfinite(tensor).all()):
            return f"start() makes {name} not finite"
    return "" if is_start_report(report) else f"start() returns {report!r}, expected texts and finite numbers by name"


@register_check("model", "the run stores the weights after start(), and loads them into a new module")
def start_keeps_the_form_of_the_weights(subject: Subject) -> None:
    for layout in _started_layouts(subject):
        module = build_model(subject, width=width_of(many_rows(layout)))
        problem = find_broken_start(module, partial(start, subject, module, layout))
        assert not problem, f"{problem} ({layout})"


@register_check("model", "the same recipe, data and seed must give the same run")
def start_is_repeatable(subject: Subject) -> None:
    for layout in _started_layouts(subject):
        results = []
        for _ in range(2):
            module = build_model(subject, width=width_of(many_rows(layout)))
            results.append({"report": dict(start(subject, module, layout)), **module.state_dict()})
        assert_equal(
            results[1], results[0], f"start() gives other weights, or another report, for the same data ({layout})"
        )


def _started_layouts(subject: Subject) -> tuple[str, ...]:
    """The layouts of a model that has a start; skips one that needs data which its defaults do not name."""
    if not has_start(subject):
        skip("it takes nothing from outside")
    layouts = layouts_of(subject)
    try:
        for layout in layouts:
            start(subject, build_model(subject, width=width_of(many_rows(layout))), layout)
    except ZooError as error:
        skip(f"its defaults name no data: {error}")
    return layouts
