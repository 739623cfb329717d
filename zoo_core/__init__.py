"""textzoo: small PyTorch text classifiers made of parts that anyone can swap.

Light to import: what needs torch or polars is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoo_core.contracts import (
    Activation,
    Component,
    Loss,
    Metric,
    Model,
    Optimizer,
    Reader,
    Scheduler,
    Task,
    Vectorizer,
    Weighting,
)
from zoo_core.errors import Problem, ZooError
from zoo_core.fields import setting, slot
from zoo_core.hookspecs import hookimpl
from zoo_core.protocols import Encoder, Measure, State

if TYPE_CHECKING:
    from zoo_core.assembly import check as check
    from zoo_core.config import open_zoo as open_zoo
    from zoo_core.opening import open_run as open_run
    from zoo_core.pipeline import fit as fit
    from zoo_core.pipeline import prepare as prepare
    from zoo_core.pipeline import train as train
    from zoo_core.recipe import load_recipe as load_recipe
    from zoo_core.resuming import resume as resume

_LATE = {
    "check": "assembly",
    "fit": "pipeline",
    "load_recipe": "recipe",
    "open_run": "opening",
    "open_zoo": "config",
    "prepare": "pipeline",
    "resume": "resuming",
    "train": "pipeline",
}

__all__ = [
    "Activation",
    "Component",
    "Encoder",
    "Loss",
    "Measure",
    "Metric",
    "Model",
    "Optimizer",
    "Problem",
    "Reader",
    "Scheduler",
    "State",
    "Task",
    "Vectorizer",
    "Weighting",
    "ZooError",
    "check",
    "fit",
    "hookimpl",
    "load_recipe",
    "open_run",
    "open_zoo",
    "prepare",
    "resume",
    "setting",
    "slot",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"zoo_core.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
