"""Plugins that make every command slow are named with their seconds."""

from __future__ import annotations

import sys

from zoo_core.plugins import load_cost
from zoo_core.plugins.load_cost import LoadCost


def test_quick_plugin_is_not_named():
    cost = LoadCost()
    with cost.measure():
        pass
    assert (cost.complaint, cost.libraries) == ("", [])
    assert LoadCost(0.2).complaint == ""


def test_slow_plugin_is_named_with_its_seconds():
    expected = "loading it takes 0.31 s in every command (hint: import what is slow inside functions)"
    assert LoadCost(0.31).complaint == expected


def test_large_library_is_named_even_if_it_is_quick(monkeypatch):
    monkeypatch.setattr(load_cost, "LARGE_LIBRARIES", ("large_library", "torch"))
    cost = LoadCost(0.05)
    with cost.measure():
        monkeypatch.setitem(sys.modules, "large_library", sys)
    with cost.measure():  # it was imported before
        pass
    assert cost.libraries == ["large_library"]
    assert " s and imports large_library in every command (hint: import large_library inside" in cost.complaint
