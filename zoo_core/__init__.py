"""textzoo: small PyTorch text classifiers assembled from interchangeable components.

Importing it is fast: names that need torch or polars are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoo_core.components.building.call import call_build
from zoo_core.components.component import Component
from zoo_core.components.contracts import (
    Activation,
    Augmenter,
    Calibrator,
    Embedding,
    Loss,
    Metric,
    Model,
    Optimizer,
    Reader,
    Sampler,
    Scheduler,
    Splitter,
    Task,
    Tokenizer,
    Vectorizer,
    Weighting,
)
from zoo_core.components.fields import Named, NumbersByClass, setting, slot
from zoo_core.components.labeled_task import LabeledTask
from zoo_core.components.protocols import (
    CalibrationState,
    Encoder,
    FittedCalibration,
    FittedTokenizer,
    MetricAccumulator,
    StartReport,
    State,
)
from zoo_core.errors import DataError, Problem, ZooError
from zoo_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from zoo_core.components.head import Head as Head
    from zoo_core.config.load_component import load_component as load_component
    from zoo_core.config.zoo import open_zoo as open_zoo
    from zoo_core.experiments.swapping.comparison import compare as compare
    from zoo_core.experiments.swapping.swap import swap as swap
    from zoo_core.recipes.compatibility import check as check
    from zoo_core.recipes.recipe import load_recipe as load_recipe
    from zoo_core.runs.labeling.next_rows import next_rows as next_rows
    from zoo_core.runs.load import open_run as open_run
    from zoo_core.runs.views.fitted_vectorizer import fit_vectorizer as fit_vectorizer
    from zoo_core.runs.views.plot import plot as plot
    from zoo_core.suspects.search import find_suspects as find_suspects
    from zoo_core.training.pipeline import evaluate as evaluate
    from zoo_core.training.pipeline import fit as fit
    from zoo_core.training.pipeline import predict as predict
    from zoo_core.training.pipeline import prepare as prepare
    from zoo_core.training.pipeline import train as train
    from zoo_core.training.resume import resume as resume

_LAZY_NAMES = {
    "Head": "components.head",
    "check": "recipes.compatibility",
    "compare": "experiments.swapping.comparison",
    "evaluate": "training.pipeline",
    "find_suspects": "suspects.search",
    "fit": "training.pipeline",
    "fit_vectorizer": "runs.views.fitted_vectorizer",
    "load_component": "config.load_component",
    "load_recipe": "recipes.recipe",
    "next_rows": "runs.labeling.next_rows",
    "open_run": "runs.load",
    "open_zoo": "config.zoo",
    "plot": "runs.views.plot",
    "predict": "training.pipeline",
    "prepare": "training.pipeline",
    "resume": "training.resume",
    "swap": "experiments.swapping.swap",
    "train": "training.pipeline",
}

__all__ = [
    "Activation",
    "Augmenter",
    "CalibrationState",
    "Calibrator",
    "Component",
    "DataError",
    "Embedding",
    "Encoder",
    "FittedCalibration",
    "FittedTokenizer",
    "Head",
    "LabeledTask",
    "Loss",
    "Metric",
    "MetricAccumulator",
    "Model",
    "Named",
    "NumbersByClass",
    "Optimizer",
    "Problem",
    "Reader",
    "Sampler",
    "Scheduler",
    "Splitter",
    "StartReport",
    "State",
    "Task",
    "Tokenizer",
    "Vectorizer",
    "Weighting",
    "ZooError",
    "call_build",
    "check",
    "compare",
    "evaluate",
    "find_suspects",
    "fit",
    "fit_vectorizer",
    "hookimpl",
    "load_component",
    "load_recipe",
    "next_rows",
    "open_run",
    "open_zoo",
    "plot",
    "predict",
    "prepare",
    "resume",
    "setting",
    "slot",
    "swap",
    "train",
]


def _reduce_component(component: Component) -> Any:
    from zoo_core.config.load_component import reduce_component

    return reduce_component(component)


Component.__reduce__ = _reduce_component  # type: ignore  # here, because it needs the zoo


def __getattr__(name: str) -> Any:
    if name in _LAZY_NAMES:
        return getattr(import_module(f"zoo_core.{_LAZY_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
