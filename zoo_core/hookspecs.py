"""The hooks of plugins: components and recipes to provide, and events of a run to listen to. All are optional.

A plugin is a module (or an object) with functions of these names, each marked with `@zoo_core.hookimpl`,
and found through the entry-point group `textzoo.plugins`.
"""

# A hook spec is a signature and a docstring.
# mypy: disable-error-code="empty-body"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from zoo_core.components import contracts

PROJECT = "textzoo"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def zoo_tasks() -> list[type[contracts.Task]]:
    """Tasks: what the columns of a file mean."""


@hookspec
def zoo_readers() -> list[type[contracts.Reader]]:
    """Readers: file formats."""


@hookspec
def zoo_vectorizers() -> list[type[contracts.Vectorizer]]:
    """Vectorizers: texts into features."""


@hookspec
def zoo_weightings() -> list[type[contracts.Weighting]]:
    """Weightings: counts of features into weights; a slot of vectorizers."""


@hookspec
def zoo_models() -> list[type[contracts.Model]]:
    """Models: features into scores."""


@hookspec
def zoo_activations() -> list[type[contracts.Activation]]:
    """Activation functions."""


@hookspec
def zoo_losses() -> list[type[contracts.Loss]]:
    """Losses: what training minimizes."""


@hookspec
def zoo_optimizers() -> list[type[contracts.Optimizer]]:
    """Optimizers: how parameters are updated."""


@hookspec
def zoo_schedulers() -> list[type[contracts.Scheduler]]:
    """Schedulers: how the learning rate changes."""


@hookspec
def zoo_metrics() -> list[type[contracts.Metric]]:
    """Metrics: numbers that evaluate a split."""


@hookspec
def zoo_recipes() -> str:
    """Recipes, as the text of a TOML file with tables `[recipes.NAME]`."""


@hookspec
def zoo_run_started(settings: dict[str, Any], rows: dict[str, int], num_features: int) -> None:
    """A run starts to train: its settings, the rows of each split, the number of features."""


@hookspec
def zoo_batch_finished(epoch: int, step: int, steps: int) -> None:
    """A mini-batch was trained on. It is called often, so be fast."""


@hookspec
def zoo_epoch_finished(epoch: int, metrics: dict[str, float], best: bool) -> None:
    """An epoch ended: its metrics (`train_loss`, `val_loss`, …) and whether it is the best so far."""


@hookspec
def zoo_run_finished(summary: dict[str, Any]) -> None:
    """A run ended and its folder is written: the summary that `zoo train --json` prints."""


EVENT_HOOKS = ("zoo_run_started", "zoo_batch_finished", "zoo_epoch_finished", "zoo_run_finished")
