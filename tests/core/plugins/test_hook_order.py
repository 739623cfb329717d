"""The order of hook calls: hook by hook, and for each hook the plugins by name."""

from __future__ import annotations

from types import ModuleType

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl, hookspecs
from zoo_core.config.zoo import open_zoo
from zoo_core.hookspecs import EVENT_HOOKS, MODEL_HOOK, SETTINGS_HOOKS
from zoo_core.training.pipeline import train

HOOKS = [name for name in vars(hookspecs) if name.startswith("zoo_")]


def recording_plugin(name: str, calls: list[tuple[str, str]]) -> ModuleType:
    plugin = ModuleType(name)
    for hook in sorted(set(HOOKS) - set(SETTINGS_HOOKS)):

        def record(hook=hook):
            calls.append((hook, name))
            return None if hook == MODEL_HOOK else "" if hook == "zoo_recipes" else []

        setattr(plugin, hook, hookimpl(record))
    return plugin


def test_each_hook_is_called_for_all_plugins_before_the_next():
    calls: list[tuple[str, str]] = []
    open_zoo(plugins={name: recording_plugin(name, calls) for name in ("berta", "anna")})
    hooks_of_components = [hook for hook in HOOKS if hook not in (*EVENT_HOOKS, MODEL_HOOK, *SETTINGS_HOOKS)]
    assert calls == [(hook, name) for hook in hooks_of_components for name in ("anna", "berta")]


def test_event_hooks_of_a_run_in_order(reviews, small, tmp_path):
    calls: list[tuple[str, str]] = []
    mine = {name: recording_plugin(name, calls) for name in ("berta", "anna")}
    zoo = open_zoo(plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, **mine})
    calls.clear()
    run = train(small("training.epochs=2", zoo=zoo), reviews, run=tmp_path / "run")
    steps = -(-run.summary["rows"]["train"] // 16)
    batch, epoch = [MODEL_HOOK, "zoo_batch_finished"], [MODEL_HOOK, MODEL_HOOK, "zoo_epoch_finished"]
    hooks = ["zoo_run_started", MODEL_HOOK, *[*batch * steps, *epoch] * 2, MODEL_HOOK, "zoo_run_finished"]
    assert calls == [(hook, name) for hook in hooks for name in ("anna", "berta")]
