"""The hooks of plugins: components and recipes to provide, and events of a run to listen to. All are optional.

A plugin is a module (or an object) with functions of these names, each marked with `@zoo_core.hookimpl`,
and found through the entry-point group `textzoo.plugins`.
"""

# A hook spec is a signature and a docstring.
# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pluggy

from zoo_core.components.kinds import KINDS, Kind, summary_line

if TYPE_CHECKING:
    import torch
    from torch import nn

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
def zoo_settings() -> type:
    """The class of the plugin's settings: frozen, made by attrs, with `setting(default, help)` for each.

    Tables `[plugin.NAME]` of the user's settings file, and of a project that the user trusts, are read into it, and
    checked. They are for what no result depends on, such as folders and addresses: what changes a result belongs to a
    component, whose settings are in the recipe.
    """


@hookspec
def zoo_configured(settings: Any) -> None:
    """The plugin's settings, an instance of its class; called once after all plugins are loaded, in each process."""


@hookspec
def zoo_run_started(
    run_id: str,
    folder: str,
    recipe: str,
    settings: dict[str, Any],
    data: dict[str, Any],
    trial: dict[str, Any],
    rows: dict[str, int],
    num_features: int,
) -> None:
    """A run starts to train, or goes on after it was killed.

    `run_id` is in every event of a run, and the same when it is resumed. `folder` is absolute, and written at the end.
    `recipe` is a name, `settings` its resolved values, `data` says where the rows are from (source, files, sha256 …),
    `rows` how many are in each split. `trial` is the place in a swap, with its folder, the trial's name, variant, seed
    and fold; empty outside of one. Trials may train in other processes: each has plugins of its own.
    """


@hookspec
def zoo_batch_finished(run_id: str, epoch: int, step: int, steps: int, loss: float, learning_rate: float) -> None:
    """A mini-batch was trained on. It is called often, so be fast; a listener that names `loss` waits for the device.

    `step` counts the batches of the epoch from 1 to `steps`; `learning_rate` is that of the next step.
    """


@hookspec
def zoo_epoch_finished(run_id: str, epoch: int, metrics: dict[str, float], best: bool, learning_rate: float) -> None:
    """An epoch ended: its metrics (`train_loss`, `val_loss`, …) and whether it is the best so far."""


@hookspec
def zoo_run_interrupted(run_id: str, signal: str, epochs: int) -> None:
    """SIGINT or SIGTERM ended the training after so many epochs; `zoo_run_finished` follows if the run is written."""


@hookspec
def zoo_run_failed(run_id: str, error: str, exit_code: int) -> None:
    """A run that started ended with an error, and its folder is not written: the message, and the command's code."""


@hookspec
def zoo_run_finished(run_id: str, summary: dict[str, Any]) -> None:
    """A run ended and its folder is written: the summary that `zoo train --json` prints."""


@hookspec
def zoo_update_model(
    run_id: str, model: nn.Module, moment: str, epoch: int, step: int, memory: dict[str, torch.Tensor]
) -> str | None:
    """Change the model of a run: average, freeze or prune its weights in place. Every training calls it.

    `moment` is "started" (before the optimizer is built; not again when a run is resumed), "batch" (after a step),
    "epoch" (before the validation of an epoch), "evaluated" (after it, when the best weights are copied), or "finished"
    (with the best weights, before the final evaluation). No gradient is computed, and torch's generators are seeded.
    `memory` is the plugin's own: dense tensors by name, which checkpoints store. Parameters must stay the same objects,
    with their shapes and types, and one of them trainable; the training mode is restored. Return what was done, in a
    few words: `result.json` records it, with the plugin and its version. Without words, the numbers of tensors that
    were changed or frozen are recorded. An error ends the run.
    """


EVENT_HOOKS = (
    "zoo_run_started",
    "zoo_batch_finished",
    "zoo_epoch_finished",
    "zoo_run_interrupted",
    "zoo_run_failed",
    "zoo_run_finished",
)
MODEL_HOOK = "zoo_update_model"
SETTINGS_HOOKS = ("zoo_settings", "zoo_configured")
__all__ = ["hookimpl", *(name for name in globals() if name.startswith("zoo_"))]
