"""The registry: names, owners, suggestions, and what meets a slot's condition."""

from __future__ import annotations

import pytest
from attrs import evolve, frozen

from zoo_core import Activation
from zoo_core.components.kinds import KINDS
from zoo_core.config.structure import build_component
from zoo_core.errors import PluginError, RecipeError
from zoo_core.plugins.registry import Entry, Registry, find_kind, satisfies
from zoo_core.plugins.source import PluginSource, UnavailablePlugin


@frozen
class One(Activation):
    """A part."""

    name = "one"
    acts = "elementwise"
    is_probability = True


@frozen
class AlsoOne(Activation):
    """Another part of that name."""

    name = "one"
    acts = "rowwise"


def source(plugin: str, distribution: str) -> PluginSource:
    return PluginSource(plugin, distribution, "1.0", load=lambda: None)


def entry(cls, plugin="a", distribution="dist-a") -> Entry:
    return Entry("activation", cls.name, cls, source(plugin, distribution))


ALONE = Registry((entry(One),))
CLASH = Registry((entry(One), entry(AlsoOne, "b", "dist-b")))
TWINS = Registry((entry(One, "a", "dist-a"), entry(AlsoOne, "a", "dist-b")))


@pytest.mark.parametrize("name", ["one", "a:one", "dist-a/a:one"])
def test_three_ways_to_name_a_part(name):
    assert ALONE.get("activation", name).cls is One


@pytest.mark.parametrize(
    "name",
    ["b:one", "dist-b/a:one", "dist-a/b:one", "dist-a:one", "a:", ":", "", "ONE", "one ", "torch.nn:ReLU", "a:a:one"],
)
def test_names_of_nothing(name):
    with pytest.raises(RecipeError, match="unknown activation"):
        ALONE.get("activation", name)


def test_a_name_is_of_its_kind(registry):
    for kind in KINDS:
        for name in registry.names(kind.name):
            assert registry.get(kind.name, name).kind == kind.name
    with pytest.raises(RecipeError):
        registry.get("optimizer", "relu")


@pytest.mark.parametrize(
    ("wrong", "right"), [("rleu", "relu"), ("Relu", "relu"), ("sigmod", "sigmoid"), ("soft-max", "softmax")]
)
def test_the_nearest_is_suggested(registry, wrong, right):
    with pytest.raises(RecipeError) as caught:
        registry.get("activation", wrong)
    assert f'did you mean "{right}"?' in str(caught.value)


def test_all_are_listed_where_none_is_near(registry):
    with pytest.raises(RecipeError, match=r"choose from elu, gelu, hard-tanh, .* and 3 more"):
        registry.get("activation", "xxxxxxxx")


def test_a_clash_is_settled_by_a_full_name_or_a_preference():
    with pytest.raises(PluginError) as caught:
        CLASH.get("activation", "one")
    for said in ("dist-a 1.0", "dist-b 1.0", '"dist-a/a:one"', '"dist-b/b:one"'):
        assert said in str(caught.value)
    assert CLASH.get("activation", "b:one").cls is AlsoOne
    for choice in ("b", "dist-b/b"):
        assert evolve(CLASH, preferred={"activation.one": choice}).get("activation", "one").cls is AlsoOne
    for useless in ({"activation.one": "c"}, {"loss.one": "b"}, {"activation.one": ""}):
        with pytest.raises(PluginError):
            evolve(CLASH, preferred=useless).get("activation", "one")
    assert evolve(CLASH, preferred={"activation.one": "b"}).get("activation", "a:one").cls is One


def test_two_plugins_of_one_name():
    with pytest.raises(PluginError):
        TWINS.get("activation", "a:one")
    assert TWINS.get("activation", "dist-b/a:one").cls is AlsoOne
    assert evolve(TWINS, preferred={"activation.one": "dist-b/a"}).get("activation", "one").cls is AlsoOne


def test_a_plugin_set_aside_is_suspected_only_where_it_may_be_the_cause():
    absent = UnavailablePlugin(source("gone", "dist-gone"), "it broke")
    registry = evolve(ALONE, unavailable=(absent,))
    for name in ("gone:thing", "dist-gone/gone:thing", "utterly-unknown"):
        with pytest.raises(PluginError, match=r"dist-gone 1\.0.*disabled: it broke"):
            registry.get("activation", name)
    for name in ("a:thing", "oen"):
        with pytest.raises(RecipeError):
            registry.get("activation", name)


def test_the_owner_of_a_class(registry):
    for one in registry.entries:
        assert registry.entry_for(one.cls) is one
        assert registry.get(one.kind, one.qualified_name) is one
    with pytest.raises(RecipeError, match="AlsoOne is not registered"):
        registry.entry_for(AlsoOne)


def test_what_keeps_a_condition(registry):
    assert registry.matching("activation", {"acts": "rowwise"}) == ["log-softmax", "softmax"]
    assert registry.matching("activation", {"acts": "elementwise", "is_probability": True}) == ["sigmoid"]
    assert registry.matching("activation", {"acts": ("rowwise", "elementwise")}) == registry.names("activation")
    assert registry.matching("activation", {}) == registry.names("activation")
    assert CLASH.matching("activation", {"acts": "elementwise"}) == ["one"]
    assert satisfies(One, {"acts": "elementwise"})
    assert not satisfies(One, {"no such attribute": "x"})


def test_listings_are_sorted_and_every_default_can_be_made(registry):
    for kind in KINDS:
        entries = registry.of_kind(kind.name)
        assert [one.name for one in entries] == sorted(one.name for one in entries)
        assert registry.names(kind.name) == [one.name for one in entries]
        for one in entries:
            assert type(build_component(registry, kind.name, one.name)) is one.cls


def test_kinds_by_name():
    assert find_kind("loss").hook == "zoo_losses"
    with pytest.raises(RecipeError, match=r'unknown kind "lossy" .*did you mean "loss"'):
        find_kind("lossy")
