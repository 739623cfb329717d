"""Checks of the event hooks of a plugin, and of the hook that changes the model of a run."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from zoo_core.filesystem.temporary import scratch_folder
from zoo_core.hookspecs import EVENT_HOOKS, MODEL_HOOK
from zoo_core.testing.any_kind.generators import generator_states, own_generators
from zoo_core.testing.checks import Skipped, register_check, skip
from zoo_core.testing.parts import Part
from zoo_core.testing.plugin_parts.events import events_of_runs
from zoo_core.training.events.model_state import ModelState, find_memory_problem

MOMENTS = (("started", 0, 0), ("batch", 1, 1), ("epoch", 1, 0), ("evaluated", 1, 0), ("finished", 1, 0))


def _calls(part: Part) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Call each event hook in the order of three runs, in an empty folder; yield its name, event and result."""
    if not part.hooks.keys() & set(EVENT_HOOKS):
        skip("it implements no event hook")
    with scratch_folder() as folder, contextlib.chdir(folder):
        for hook, event in events_of_runs(folder):
            if hook in part.hooks:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    result = part.hooks[hook].call(event)
                yield hook, event, result


@register_check("listener", "a listener that raises is disabled for the rest of the run")
def accepts_every_event(part: Part) -> None:
    for hook, event, result in _calls(part):
        at = ", ".join(f"{name}={value!r}" for name, value in event.items() if isinstance(value, str | int | float))
        assert result is None, f"{hook}({at[:150]}) returns {type(result).__name__}, which nobody reads"


@register_check("listener", "a run must be the same with and without a listener")
def leaves_global_generators_alone(part: Part) -> None:
    with own_generators():
        before = generator_states()
        try:
            called = list(_calls(part))
        except Skipped:
            raise
        except Exception:  # a plugin may raise anything
            skip("it raises: see accepts-every-event")
        changed = [name for name, state in generator_states().items() if state != before[name]]
    hooks = ", ".join(dict.fromkeys(hook for hook, _, _ in called))
    assert not changed, f"it seeds the global generator of {' and '.join(changed)}, or draws from it, in one of {hooks}"


@register_check("listener", "checkpoints and the final evaluation need the model that the run built")
def changes_weights_only(part: Part) -> None:
    implementation = part.hooks.get(MODEL_HOOK)
    if implementation is None:
        skip(f"it does not implement {MODEL_HOOK}")
    with own_generators():
        model = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3))
    memory: dict[str, torch.Tensor] = {}
    for moment, epoch, step in MOMENTS:
        event = {"run_id": "run-1", "moment": moment, "epoch": epoch, "step": step}
        given = {name: {**event, "model": model, "memory": memory}[name] for name in implementation.arguments}
        before = ModelState.of(model)
        with torch.no_grad():
            words = implementation.function(**given)
        assert words is None or isinstance(words, str), f'at "{moment}" it returns {type(words).__name__}, not words'
        problem = before.find_breach(model, is_last=moment == "finished") or find_memory_problem(memory)
        assert not problem, f'at "{moment}" it {problem}'
        finite = all(bool(torch.isfinite(tensor).all()) for tensor in model.state_dict().values())
        assert finite, f'at "{moment}" it makes weights that are not finite'
