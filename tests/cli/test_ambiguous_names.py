"""Two plugins with a component of one name: an error only for calls that use the name, and its resolution."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SOURCE = """
from attrs import frozen
from zoo_core import Activation, hookimpl

@frozen
class Other(Activation):
    '''x: by {name}.'''
    name = "{part}"
    acts = "elementwise"

    def build(self):
        from torch import nn
        return nn.Identity()

@hookimpl
def zoo_activations():
    return [Other]
"""
TRAIN = ("train", "yelp-mlp", "--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")


@pytest.fixture
def install(tmp_path, monkeypatch, distribution):
    """`install(name, part, plugin)`: install a valid distribution with one activation."""

    def installed(name, part, plugin):
        module = f"{name}_{tmp_path.name}".replace("-", "_")
        source = SOURCE.format(name=name, part=part)
        monkeypatch.syspath_prepend(distribution(tmp_path / "site", name, source, module=module, plugin=plugin))

    return installed


def test_ambiguous_name_is_rejected_when_used(zoo, refused, install, reviews):
    install("textzoo-tanh", "tanh", "other")
    assert (zoo("list").code, zoo("list").err) == (0, "")
    owners = [row["plugin"] for row in zoo("list", "activation", "--json").json if row["name"] == "tanh"]
    assert owners == ["textbook", "other"]
    expected = ('activation "tanh" is ambiguous: provided by ', "textzoo-tanh 1.0", "textzoo ")
    hint = 'hint: write "textzoo/textbook:tanh" or "textzoo-tanh/other:tanh"'
    refused(zoo("show", "activation", "tanh"), 5, *expected, hint)
    refused(zoo(*TRAIN, "--data", reviews, "--set", "model.activation=tanh"), 5, *expected, hint)
    assert zoo(*TRAIN, "--data", reviews, "--set", "model.activation=relu").code == 0


@pytest.fixture
def made(zoo, install, reviews):
    """`zoo train --json` of a run with the other tanh."""
    install("textzoo-tanh", "tanh", "other")
    answer = zoo(*TRAIN, "--data", reviews, "--set", "model.activation=other:tanh", "--json")
    assert (answer.code, answer.err) == (0, "")
    return answer.json


def test_qualified_name_resolves_the_ambiguity(zoo, made):
    assert "by textzoo-tanh" in zoo("show", "activation", "other:tanh").out
    parts = json.loads((Path(made["run"]) / "components.json").read_text("utf-8"))
    assert parts["model.activation"]["distribution"] == "textzoo-tanh"
    found = zoo("evaluate", made["run"], "--json").json
    assert found.items() >= {"rows": 12, **made["metrics"]["test"]}.items()
    assert zoo("predict", made["run"], "good").code == 0


def test_recipe_with_a_qualified_name_is_reproducible(zoo, made, reviews):
    answer = zoo("train", f"{made['run']}/recipe.toml", "--data", reviews, "--run", "again", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["metrics"] == made["metrics"]


def test_run_requires_the_plugin_of_its_component(zoo, made):
    Path(made["run"]).rename("run")
    answer = zoo("--no-plugin", "other", "predict", "run", "good")
    assert (answer.code, answer.out) == (5, "")
    assert "textzoo-tanh" in answer.err


def test_preferred_owner_or_disabled_plugin_resolves_the_ambiguity(zoo, install):
    install("textzoo-tanh", "tanh", "other")
    assert zoo("--no-plugin", "other", "show", "activation", "tanh").out.startswith("activation tanh   (textzoo/")
    for owner, shown in (("other", "textzoo-tanh/other"), ("textbook", "textzoo/textbook")):
        Path("zoo.toml").write_text(f'[owners]\n"activation.tanh" = "{owner}"\n', encoding="utf-8")
        assert zoo("plugins", "trust").code == 0
        assert zoo("show", "activation", "tanh").out.startswith(f"activation tanh   ({shown}:tanh)")


def test_two_plugins_with_one_name_are_both_loaded(zoo, refused, install):
    install("textzoo-anna", "twirl", "same")
    install("textzoo-berta", "twirl", "same")
    there = [row["distribution"] for row in zoo("plugins", "list", "--json").json if row["plugin"] == "same"]
    assert there == ["textzoo-anna", "textzoo-berta"]
    refused(zoo("show", "activation", "same:twirl"), 5, "provided by textzoo-anna 1.0 and textzoo-berta 1.0")
    assert "by textzoo-berta" in zoo("show", "activation", "textzoo-berta/same:twirl").out
