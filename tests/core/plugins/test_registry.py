"""The registry: names, owners, suggestions and conditions of slots."""

from __future__ import annotations

import pytest
from attrs import evolve, frozen

from zoo_core import Activation
from zoo_core.components.kinds import KINDS
from zoo_core.config.structure import build_component
from zoo_core.errors import PluginError, RecipeError
from zoo_core.plugins.plugin_source import PluginSource, UnavailablePlugin
from zoo_core.plugins.registry import Entry, Registry, find_kind, satisfies


@frozen
class One(Activation):
    """A component."""

    name = "one"
    acts = "elementwise"
    is_probability = True


@frozen
class AlsoOne(Activation):
    """Another component of that name."""

    name = "one"
    acts = "rowwise"


def source(plugin: str, distribution: str) -> PluginSource:
    return PluginSource(plugin, distribution, "1.0", load=lambda: None)


def entry(cls, plugin="a", distribution="dist-a") -> Entry:
    return Entry("activation", cls.name, cls, source(plugin, distribution))


SINGLE = Registry((entry(One),))
AMBIGUOUS = Registry((entry(One), entry(AlsoOne, "b", "dist-b")))
SAME_PLUGIN_NAME = Registry((entry(One, "a", "dist-a"), entry(AlsoOne, "a", "dist-b")))


@pytest.mark.parametrize("name", ["one", "a:one", "dist-a/a:one"])
def test_plain_and_qualified_names(name):
    assert SINGLE.get("activation", name).cls is One


@pytest.mark.parametrize(
    "name",
    ["b:one", "dist-b/a:one", "dist-a/b:one", "dist-a:one", "a:", ":", "", "ONE", "one ", "torch.nn:ReLU", "a:a:one"],
)
def test_rejects_unknown_names(name):
    with pytest.raises(RecipeError, match="unknown activation"):
        SINGLE.get("activation", name)


def test_names_belong_to_a_kind(registry):
    for kind in KINDS:
        for name in registry.names(kind.name):
            assert registry.get(kind.name, name).kind == kind.name
    with pytest.raises(RecipeError):
        registry.get("optimizer", "relu")


@pytest.mark.parametrize(
    ("wrong", "right"), [("rleu", "relu"), ("Relu", "relu"), ("sigmod", "sigmoid"), ("soft-max", "softmax")]
)
def test_close_name_is_suggested(registry, wrong, right):
    with pytest.raises(RecipeError) as caught:
        registry.get("activation", wrong)
    assert f'did you mean "{right}"?' in str(caught.value)


def test_all_names_are_listed_without_a_close_one(registry):
    with pytest.raises(RecipeError, match=r"choose from elu, gelu, hard-tanh, .* and 3 more"):
        registry.get("activation", "xxxxxxxx")


def test_ambiguous_name_is_resolved_by_qualification_or_preference():
    with pytest.raises(PluginError) as caught:
        AMBIGUOUS.get("activation", "one")
    for text in ("dist-a 1.0", "dist-b 1.0", '"dist-a/a:one"', '"dist-b/b:one"'):
        assert text in str(caught.value)
    assert AMBIGUOUS.get("activation", "b:one").cls is AlsoOne
    for preferred in ("b", "dist-b/b"):
        assert evolve(AMBIGUOUS, preferred={"activation.one": preferred}).get("activation", "one").cls is AlsoOne
    for useless in ({"activation.one": "c"}, {"loss.one": "b"}, {"activation.one": ""}):
        with pytest.raises(PluginError):
            evolve(AMBIGUOUS, preferred=useless).get("activation", "one")
    assert evolve(AMBIGUOUS, preferred={"activation.one": "b"}).get("activation", "a:one").cls is One


def test_two_plugins_of_one_name():
    with pytest.raises(PluginError):
        SAME_PLUGIN_NAME.get("activation", "a:one")
    assert SAME_PLUGIN_NAME.get("activation", "dist-b/a:one").cls is AlsoOne
    assert evolve(SAME_PLUGIN_NAME, preferred={"activation.one": "dist-b/a"}).get("activation", "one").cls is AlsoOne


def test_unavailable_plugin_is_reported_only_if_it_may_be_the_cause():
    absent = UnavailablePlugin(source("gone", "dist-gone"), "it broke")
    registry = evolve(SINGLE, unavailable=(absent,))
    for name in ("gone:thing", "dist-gone/gone:thing", "utterly-unknown"):
        with pytest.raises(PluginError, match=r"dist-gone 1\.0.*disabled: it broke"):
            registry.get("activation", name)
    for name in ("a:thing", "oen"):
        with pytest.raises(RecipeError):
            registry.get("activation", name)


def test_entry_for_a_class(registry):
    assert registry.entries
    for known in registry.entries:
        assert registry.entry_for(known.cls) is known
        assert registry.get(known.kind, known.qualified_name) is known
    with pytest.raises(RecipeError, match="AlsoOne is not registered"):
        registry.entry_for(AlsoOne)


def test_matching_a_condition(registry):
    assert registry.matching("activation", {"acts": "rowwise"}) == ["log-softmax", "softmax"]
    assert registry.matching("activation", {"acts": "elementwise", "is_probability": True}) == ["sigmoid"]
    assert registry.matching("activation", {"acts": ("rowwise", "elementwise")}) == registry.names("activation")
    assert registry.matching("activation", {}) == registry.names("activation")
    assert AMBIGUOUS.matching("activation", {"acts": "elementwise"}) == ["one"]
    assert satisfies(One, {"acts": "elementwise"})
    assert not satisfies(One, {"no such attribute": "x"})


def test_entries_are_sorted_and_built_with_defaults(registry):
    for kind in KINDS:
        entries = registry.of_kind(kind.name)
        names = [known.name for known in entries]
        assert names and names == sorted(names)
        assert registry.names(kind.name) == names
        for known in entries:
            assert type(build_component(registry, kind.name, known.name)) is known.cls


def test_find_kind():
    assert find_kind("loss").hook == "zoo_losses"
    with pytest.raises(RecipeError, match=r'unknown kind "lossy" .*did you mean "loss"'):
        find_kind("lossy")
