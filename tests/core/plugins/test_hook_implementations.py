"""Options of hooks: honored, or rejected in words when the plugin is loaded."""

from __future__ import annotations

from types import ModuleType

import pytest

import zoo_textbook
from zoo_core import hookimpl
from zoo_core.config.zoo import open_zoo


def plugin(**functions) -> ModuleType:
    """A plugin object with these attributes."""
    made = ModuleType("made")
    made.__dict__.update(functions)
    return made


def offers() -> list:
    """One activation, as a hook returns it."""
    return [zoo_textbook.zoo_activations()[0]]


def takes(**_event):
    """A listener that names no argument."""


async def waits(epoch):
    """An async listener."""


def yields(epoch):
    """A listener that is a generator."""
    yield


def reason(made: ModuleType) -> str:
    """Why the plugin is disabled; "" if it is not."""
    found = open_zoo(plugins={"made": made}).plugins.unavailable
    return found[0].reason if found else ""


def test_unknown_hook_that_is_optional_is_ignored():
    made = plugin(zoo_future=hookimpl(lambda: offers(), optionalhook=True), zoo_activations=hookimpl(lambda: offers()))
    zoo = open_zoo(plugins={"made": made})
    assert not zoo.plugins.warnings() and zoo.registry.names("activation") == [offers()[0].name]
    assert "implements the unknown hook zoo_future" in reason(plugin(zoo_future=hookimpl(lambda: offers())))


def test_known_hook_that_is_optional_is_used():
    made = plugin(zoo_activations=hookimpl(lambda: offers(), optionalhook=True))
    assert open_zoo(plugins={"made": made}).registry.names("activation")


def test_function_of_another_name_is_used():
    made = plugin(my_activations=hookimpl(lambda: offers(), specname="zoo_activations"))
    assert open_zoo(plugins={"made": made}).registry.names("activation")
    twice = plugin(
        my_activations=hookimpl(lambda: offers(), specname="zoo_activations"),
        zoo_activations=hookimpl(lambda: offers()),
    )
    assert reason(twice) == "my_activations and zoo_activations both implement zoo_activations"
    unknown = plugin(my_activations=hookimpl(lambda: offers(), specname="zoo_activation"))
    assert reason(unknown) == 'it implements the unknown hook zoo_activation; did you mean "zoo_activations"?'


@pytest.mark.parametrize("option", ["wrapper", "hookwrapper"])
@pytest.mark.parametrize("hook", ["zoo_losses", "zoo_run_finished"])
def test_wrapper_is_rejected(hook, option):
    def wraps():
        yield

    expected = f"{hook} is a hook wrapper, and each plugin is called alone: make it a plain function"
    assert reason(plugin(**{hook: hookimpl(wraps, **{option: True})})) == expected


def test_order_of_listeners():
    calls: list[str] = []
    options = {"anna": {"trylast": True}, "berta": {}, "carla": {"tryfirst": True}, "dora": {}}
    made = {
        name: plugin(zoo_epoch_finished=hookimpl(lambda name=name: calls.append(name), **asked))
        for name, asked in options.items()
    }
    open_zoo(plugins=made).plugins.notify("zoo_epoch_finished", epoch=1, metrics={}, best=True)
    assert calls == ["carla", "berta", "dora", "anna"]


def test_listener_gets_what_it_names_and_keeps_defaults_of_the_rest():
    calls = []

    def listens(*, best, number=7, epoch=0):
        calls.append((best, number, epoch))

    zoo = open_zoo(plugins={"made": plugin(zoo_epoch_finished=hookimpl(listens))})
    zoo.plugins.notify("zoo_epoch_finished", epoch=3, metrics={}, best=True)
    assert calls == [(True, 7, 3)] and not zoo.plugins.unavailable


WRONG = {
    'zoo_batch_finished has the unknown argument "stepp": it can have ': (
        "zoo_batch_finished",
        hookimpl(lambda epoch, stepp: None),
    ),
    'zoo_losses has the unknown argument "more": it has no arguments': ("zoo_losses", hookimpl(lambda more: [])),
    "zoo_run_finished takes **_event, but it can have ": ("zoo_run_finished", hookimpl(takes)),
    "zoo_epoch_finished is async: make it a plain function": ("zoo_epoch_finished", hookimpl(waits)),
    "zoo_epoch_finished is a generator: make it a plain function": ("zoo_epoch_finished", hookimpl(yields)),
    "zoo_losses is not a function, but list": ("zoo_losses", []),
    "zoo_losses is not marked with @zoo_core.hookimpl": ("zoo_losses", lambda: []),
}


@pytest.mark.parametrize("expected", WRONG)
def test_hook_that_cannot_be_called_is_told_at_load(expected):
    name, function = WRONG[expected]
    assert reason(plugin(**{name: function})).startswith(expected)


def test_module_with_two_names_is_loaded_once():
    made = plugin(zoo_activations=hookimpl(lambda: offers()))
    zoo = open_zoo(plugins={"one": made, "two": made})
    assert [plugin.reason for plugin in zoo.plugins.unavailable] == ['it is the same module as plugin "one" (one)']
    assert len(zoo.registry.of_kind("activation")) == 1
