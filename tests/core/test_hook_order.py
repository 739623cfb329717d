"""Hooks are called in the order the page tells: hook by hook, and for each the plugins by name."""

from __future__ import annotations

from types import ModuleType

import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl, hookspecs
from zoo_core.config.zoo import open_zoo
from zoo_core.hookspecs import EVENT_HOOKS
from zoo_core.training.pipeline import train

HOOKS = [name for name in vars(hookspecs) if name.startswith("zoo_")]


def noting(name: str, heard: list[tuple[str, str]]) -> ModuleType:
    made = ModuleType(name)
    for hook in HOOKS:

        def note(hook=hook):
            heard.append((hook, name))
            return "" if hook == "zoo_recipes" else []

        setattr(made, hook, hookimpl(note))
    return made


def test_each_hook_of_all_plugins_before_the_next():
    heard: list[tuple[str, str]] = []
    open_zoo(plugins={name: noting(name, heard) for name in ("berta", "anna")})
    offers = [hook for hook in HOOKS if hook not in EVENT_HOOKS]
    assert heard == [(hook, name) for hook in offers for name in ("anna", "berta")]


def test_the_moments_of_a_run_in_their_order(reviews, small, tmp_path):
    heard: list[tuple[str, str]] = []
    mine = {name: noting(name, heard) for name in ("berta", "anna")}
    zoo = open_zoo(plugins={"textbook": zoo_textbook, "yelp": zoo_yelp, **mine})
    heard.clear()
    run = train(small("training.epochs=2", zoo=zoo), reviews, run=tmp_path / "run")
    steps = -(-run.summary["rows"]["train"] // 16)
    started, batch, epoch, finished = EVENT_HOOKS
    hooks = [started, *[*[batch] * steps, epoch] * 2, finished]
    assert heard == [(hook, name) for hook in hooks for name in ("anna", "berta")]
