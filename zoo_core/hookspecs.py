"""The hooks of plugins: components and recipes to provide, and events of a run to listen to. All are optional.

A plugin is a module (or an object) with functions of these names, each marked with `@zoo_core.hookimpl`,
and found through the entry-point group `textzoo.plugins`.
"""

# A hook spec is a signature and a docstring.
# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pluggy

from zoo_core.components.kinds import KINDS, Kind, summary_line

PROJECT = "textzoo"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


def _component_hook(kind: Kind) -> Callable[[], Any]:
    """The hook of a kind of component: no arguments, and a list of classes."""

    def hook() -> Any:
        """Classes of components."""

    hook.__name__ = hook.__qualname__ = kind.hook
    hook.__doc__ = f"{kind.plural.capitalize()}, as a list of classes. {summary_line(kind.base)}"
    hook.__annotations__ = {"return": f"list[type[contracts.{kind.base.__name__}]]"}
    return hookspec(hook)


for _kind in KINDS:  # zoo_tasks, zoo_readers, …: one hook for each kind, `zoo_` and its plural
    globals()[_kind.hook] = _component_hook(_kind)


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
