"""Isolation of plugins: an error in one plugin disables only that plugin, with a warning that names it."""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from types import ModuleType

import pytest
import torch
from attrs import frozen

import zoo_calibration
import zoo_ngrams
import zoo_textbook
import zoo_yelp
from zoo_core import Activation, hookimpl
from zoo_core.components.kinds import KINDS
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import PluginError, RecipeError
from zoo_core.recipes.recipe import load_recipe

OURS = {"calibration": zoo_calibration, "textbook": zoo_textbook, "ngrams": zoo_ngrams, "yelp": zoo_yelp}

PART = '''
from attrs import frozen
from zoo_core import Activation, hookimpl

@frozen
class Wobble(Activation):
    """x, wobbling."""

    name = "NAME"
    acts = "elementwise"

    def build(self):
        from torch import nn

        return nn.Identity()
'''
OFFERED = "\n@hookimpl\ndef zoo_activations():\n    return [Wobble]\n"
RAISES = "\n@hookimpl\ndef zoo_losses():\n    raise {}\n"
RETURNS = "\n@hookimpl\ndef zoo_losses():\n    return {}\n"
MUTE = "\nclass Mute(Exception):\n    def __str__(self):\n        raise {}\n"
RECIPES = "\n@hookimpl\ndef zoo_recipes():\n    return {!r}\n"
UNSOUND = "\nclass Vague(Activation):\n    name = 'vague'\n" + RETURNS.format("[Vague]")

BROKEN = {  # the code beside a valid component, and the reason
    "exception at import": ("\nraise ValueError('out of luck')\n", "loading it raised ValueError: out of luck"),
    "syntax error": ("\ndef (\n", "loading it raised SyntaxError"),
    "exit at import": ("\nraise SystemExit(3)\n", "loading it raised SystemExit: 3"),
    "missing import": ("\nimport no_such_module_at_all\n", "ModuleNotFoundError"),
    "hook raises": (RAISES.format("ValueError('no\\nmore')"), "zoo_losses raised ValueError: no"),
    "hook exits": (RAISES.format("SystemExit"), "zoo_losses raised SystemExit"),
    "error without text": (MUTE.format("ValueError") + RAISES.format("Mute"), "zoo_losses raised Mute"),
    "error without text at import": (MUTE.format("ValueError") + "\nraise Mute\n", "loading it raised Mute"),
    "error whose text exits": (MUTE.format("SystemExit") + RAISES.format("Mute"), "zoo_losses raised Mute"),
    "misspelled hook": ("\n@hookimpl\ndef zoo_optimisers():\n    return []\n", 'did you mean "zoo_optimizers"?'),
    "unmarked hook": ("\ndef zoo_losses():\n    return []\n", "zoo_losses is not marked with @zoo_core.hookimpl"),
    "hook with strange arguments": ("\n@hookimpl\ndef zoo_losses(more):\n    return []\n", "more"),
    "None": (RETURNS.format("None"), "zoo_losses returned NoneType, not a list"),
    "a number": (RETURNS.format("3"), "zoo_losses returned int, not a list"),
    "a list of numbers": (RETURNS.format("[1]"), "zoo_losses returned 1: 1 is not a class"),
    "an invalid class": (UNSOUND, "returned Vague: it is not decorated with @attrs.frozen"),
    "another kind": (RETURNS.format("[Wobble]"), "zoo_losses returned Wobble: Wobble is of the kind activation"),
    "recipes that raise": ("\n@hookimpl\ndef zoo_recipes():\n    raise ValueError\n", "zoo_recipes raised ValueError"),
    "recipes that are not text": (RECIPES.format(3), "zoo_recipes: returned int, not the text"),
    "recipes that are not TOML": (RECIPES.format("[recipes"), "zoo_recipes: fake-wobble 1.0:1: invalid TOML"),
    "settings of the zoo": (RECIPES.format("[owners]\nrelu='wobble'"), "owners: a plugin may only define recipes"),
}


@pytest.fixture
def installs(tmp_path, monkeypatch):
    """`installs(distribution, code, plugin=…, requires=…)`: a distribution that this interpreter finds."""

    def install(distribution, code, *, plugin="", requires=""):
        plugin, module = plugin or distribution.removeprefix("fake-"), distribution.replace("-", "_")
        site = tmp_path / "site"
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(code)
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n{needs}")
        (info / "entry_points.txt").write_text(f"[textzoo.plugins]\n{plugin} = {module}\n")
        monkeypatch.syspath_prepend(site)

    before = set(sys.modules)
    yield install
    for name in set(sys.modules) - before:
        if name.startswith("fake_"):
            del sys.modules[name]


def part(name: str) -> str:
    return PART.replace("NAME", name) + OFFERED


def offering(**hooks) -> ModuleType:
    """A plugin object with these hooks."""
    made = ModuleType("offering")
    made.__dict__.update({name: hookimpl(function) for name, function in hooks.items()})
    return made


def unavailable(zoo) -> list[str]:
    return [f"{absent.source}/{absent.source.plugin}" for absent in zoo.plugins.unavailable]


def same_components(one, other) -> bool:
    return all(one.registry.names(kind.name) == other.registry.names(kind.name) for kind in KINDS)


def refused(zoo, *said):
    """A recipe that needs the disabled plugin reports it; others work."""
    for named in ("wobble-part", "wobble:wobble-part", "fake-wobble/wobble:wobble-part"):
        with pytest.raises(PluginError) as caught:
            load_recipe("yelp-perceptron", zoo=zoo).override(f"model.output={named}").plan()
        for text in ('plugin "wobble" (fake-wobble 1.0)', *said):
            assert text in str(caught.value)
    assert load_recipe("yelp-perceptron", zoo=zoo).override("model.output=relu").plan().model.output.name == "relu"


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_plugin_is_disabled_alone(installs, zoo, fault):
    code, said = BROKEN[fault]
    installs("fake-wobble", part("wobble-part") + code)
    installs("fake-zebra", part("zebra-part"))
    found = open_zoo()
    assert unavailable(found) == ["fake-wobble 1.0/wobble"]
    assert [absent.source.plugin for absent in found.registry.unavailable] == ["wobble"]
    assert said in found.plugins.unavailable[0].reason
    for text in ('plugin "wobble" (fake-wobble 1.0) was disabled', "uninstall fake-wobble", "--no-plugin wobble"):
        assert text in str(found.plugins.unavailable[0])
    assert found.registry.get("activation", "zebra-part").owner.distribution == "fake-zebra"
    assert same_components(open_zoo(disabled=("wobble", "zebra")), zoo)
    assert set(found.registry.names("activation")) == {*zoo.registry.names("activation"), "zebra-part"}
    assert found.recipes.keys() == zoo.recipes.keys()
    assert found.origins["yelp-mlp"] == "shipped"
    refused(found, "was disabled", said[:20])


def test_valid_third_party_plugin(installs):
    installs("fake-wobble", "print('hello')\n" + part("wobble-part"))
    found = open_zoo()
    assert unavailable(found) == []
    plan = load_recipe("yelp-perceptron", zoo=found).override("model.output=wobble-part").plan()
    assert found.registry.entry_for(type(plan.model.output)).qualified_name == "fake-wobble/wobble:wobble-part"


def test_output_of_a_plugin_is_captured(installs, capsys):
    hook = "\n@hookimpl\ndef zoo_losses():\n    print('hook')\n    return []\n"
    installs("fake-wobble", "print('import')\n" + part("wobble-part") + hook)

    @contextmanager
    def capture(lines):
        with redirect_stdout(StringIO()) as output:
            yield
        lines += output.getvalue().split()

    found = open_zoo(capture=capture)
    assert unavailable(found) == []
    assert capsys.readouterr() == ("", "")
    [line] = found.plugins.warnings()
    assert 'plugin "wobble" (fake-wobble 1.0) printed "import" and 1 more line' in line
    assert open_zoo().plugins.warnings() == []
    assert capsys.readouterr() == ("hook\n", "")  # without capture, output is printed


@pytest.mark.parametrize("requires", ["textzoo>=99", "textzoo<0.0.1", "textzoo (>=99)", "TextZoo>=99"])
def test_incompatible_plugin_is_not_imported(installs, requires):
    installs("fake-wobble", part("wobble-part"), requires=requires)
    found = open_zoo()
    assert unavailable(found) == ["fake-wobble 1.0/wobble"]
    assert "fake_wobble" not in sys.modules
    assert "it requires textzoo" in found.plugins.unavailable[0].reason
    refused(found, "it requires textzoo")


@pytest.mark.parametrize("requires", ["textzoo", "textzoo>=0.1", 'textzoo>=99; extra == "x"', "textzoo-other>=99"])
def test_compatible_plugin_is_loaded(installs, requires):
    installs("fake-wobble", part("wobble-part"), requires=requires)
    found = open_zoo()
    assert unavailable(found) == []
    assert "wobble-part" in found.registry.names("activation")


@pytest.mark.parametrize("name", ["wobble", "fake-wobble/wobble"])
@pytest.mark.parametrize("way", ["argument", "environment", "settings"])
def test_disabled_plugin(installs, monkeypatch, tmp_path, trust_project, name, way):
    installs("fake-wobble", part("wobble-part"))
    if way == "environment":
        monkeypatch.setenv("ZOO_DISABLE_PLUGINS", f"nothing, {name} ,")
    if way == "settings":
        (tmp_path / "zoo.toml").write_text(f'[plugins]\ndisabled = ["{name}"]\n')
        monkeypatch.chdir(tmp_path)
        trust_project()
    found = open_zoo(disabled=(name,) if way == "argument" else ())
    assert unavailable(found) == ["fake-wobble 1.0/wobble"]
    assert found.plugins.unavailable[0].disabled
    assert "fake_wobble" not in sys.modules
    refused(found, "is disabled")


@frozen
class OtherReLU(Activation):
    """max(0, x), of another plugin."""

    name = "relu"
    acts = "elementwise"

    def build(self):
        return torch.nn.ReLU()


def test_ambiguous_name_is_an_error_only_where_it_is_used(installs, monkeypatch, tmp_path, trust_project):
    installs("fake-wobble", part("relu"))
    found = open_zoo()
    assert unavailable(found) == []
    recipe = load_recipe("yelp-perceptron", zoo=found)
    assert recipe.override("model.output=tanh").plan().model.output.name == "tanh"
    with pytest.raises(PluginError) as caught:
        recipe.override("model.output=relu").plan()
    for text in ("fake-wobble 1.0", "textzoo 0.1", '"fake-wobble/wobble:relu"', '"textzoo/textbook:relu"'):
        assert text in str(caught.value)
    for name in ("wobble:relu", "fake-wobble/wobble:relu"):
        plan = recipe.override(f"model.output={name}").plan()
        assert found.registry.entry_for(type(plan.model.output)).owner.distribution == "fake-wobble"
    (tmp_path / "zoo.toml").write_text('[owners]\n"activation.relu" = "wobble"\n')
    monkeypatch.chdir(tmp_path)
    trust_project()
    settled = open_zoo()
    plan = load_recipe("yelp-perceptron", zoo=settled).override("model.output=relu").plan()
    assert settled.registry.entry_for(type(plan.model.output)).owner.distribution == "fake-wobble"


def test_same_entry_point_in_two_distributions(installs):
    """Both are loaded, and each component has its owner."""
    installs("fake-one", part("wobble-part"), plugin="twin")
    installs("fake-two", part("wobble-part"), plugin="twin")
    found = open_zoo()
    assert unavailable(found) == []
    with pytest.raises(PluginError, match=r"provided by fake-one 1\.0 and fake-two 1\.0"):
        found.registry.get("activation", "twin:wobble-part")
    assert found.registry.get("activation", "fake-two/twin:wobble-part").owner.distribution == "fake-two"
    without = open_zoo(disabled=("fake-one/twin",))
    assert without.registry.get("activation", "wobble-part").owner.distribution == "fake-two"


def test_plugin_objects_replace_installed_plugins(installs):
    installs("fake-wobble", part("wobble-part"))
    found = open_zoo(plugins={**OURS, "mine": offering(zoo_activations=lambda: [OtherReLU])})
    assert "wobble-part" not in found.registry.names("activation")
    assert found.registry.get("activation", "mine:relu").cls is OtherReLU
    with pytest.raises(RecipeError, match="unknown activation"):
        open_zoo(plugins={}).registry.get("activation", "relu")
