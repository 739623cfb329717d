"""The state of a training in a checkpoint: everything that the next epoch depends on, captured and restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from inspect import unwrap
from typing import Any

import torch
from torch import nn

from zoo_core.errors import RunFolderError
from zoo_core.training.early_stopping import TrainingState
from zoo_core.training.events.model_changes import ModelChanges
from zoo_core.training.events.model_start import is_start_report
from zoo_core.training.state_encoding import states_match


def capture_state(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    scheduler: Any,
    state: TrainingState,
    changes: ModelChanges | None = None,
) -> dict[str, Any]:
    """Everything at the end of an epoch that the next one depends on; random streams restart with each epoch."""
    return {
        "model": dict(module.state_dict()),
        "optimizer": _without_compiler(optimizer, "state_dict")(optimizer),
        "scheduler": scheduler.state_dict(),
        "best": {"weights": state.best_weights, "value": state.best_value, "epoch": state.best_epoch},
        "history": state.history,
        "start": dict(state.start),
        "changes": changes.state(module) if changes else {},
    }


def restore_state(
    stored: Mapping[str, Any],
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    scheduler: Any,
    state: TrainingState,
    changes: ModelChanges | None = None,
    *,
    hint: str = "",
) -> None:
    """Restore all of them from a checkpoint.

    Raises RunFolderError, with a `hint`, if its state does not belong to this recipe.
    """
    expected = module.state_dict()
    with _of_this_recipe(hint):
        best, history = stored["best"], stored["history"]
        matches = states_match(stored["model"], expected) and states_match(best["weights"], expected)
        matches = matches and is_start_report(stored["start"])
        if not matches or not 0 <= best["epoch"] <= len(history) or not all(map(_is_metrics, history)):
            raise ValueError("it is of another model")
        module.load_state_dict(stored["model"])
        _without_compiler(optimizer, "load_state_dict")(optimizer, stored["optimizer"])
        scheduler.load_state_dict(stored["scheduler"])
        if changes is not None:
            changes.restore(stored["changes"], module)
        monitored, loss = best["value"]
        state.best_value, state.best_epoch = (float(monitored), float(loss)), best["epoch"]
        state.history, state.start = list(history), stored["start"]
        device = next(iter(expected.values())).device if expected else "cpu"
        state.best_weights = {name: tensor.to(device) for name, tensor in best["weights"].items()}


def begin_changes(
    changes: ModelChanges, module: nn.Module, stored: Mapping[str, Any] | None, *, hint: str = ""
) -> None:
    """Let plugins change the model before the optimizer is built, or restore what they froze then."""
    with _of_this_recipe(hint) if stored is not None else nullcontext():
        changes.begin(module, None if stored is None else stored["changes"])


@contextmanager
def _of_this_recipe(hint: str) -> Iterator[None]:
    """Raise RunFolderError for what a state of another recipe raises."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        raise RunFolderError(f"the checkpoint does not belong to this recipe: {error}", hint=hint) from None


def _without_compiler(optimizer: torch.optim.Optimizer, method: str) -> Any:
    """The plain function behind an optimizer's method.

    Torch wraps `state_dict` and `load_state_dict` for its compiler, and calling the wrapper imports all of it, which
    takes seconds. `tests/core/training/test_resume.py` checks that no compiler is imported.
    """
    return unwrap(getattr(type(optimizer), method))


def _is_metrics(line: Any) -> bool:
    return isinstance(line, dict) and all(isinstance(value, float) for value in line.values())
