"""Runs whose plugin was uninstalled, disabled, renamed or upgraded: what made them, and what brings it back."""

from __future__ import annotations

from types import ModuleType

import pytest
from attrs import evolve, frozen

import zoo_calibration
import zoo_ngrams
import zoo_textbook
import zoo_yelp
from zoo_core import Activation, hookimpl, resume
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, RunFolderError
from zoo_core.recipes.component_owners import find_missing_owners, find_other_versions
from zoo_core.recipes.fingerprints import component_fingerprints
from zoo_core.runs.listing.rows import list_runs
from zoo_core.runs.load import open_run
from zoo_core.runs.resume_info import ResumeInfo
from zoo_core.runs.staging import staging_folder
from zoo_core.runs.views.changes import changes_since_training
from zoo_core.training.pipeline import train

OURS = {"calibration": zoo_calibration, "textbook": zoo_textbook, "ngrams": zoo_ngrams, "yelp": zoo_yelp}


@frozen
class Wobble(Activation):
    """x.

    Source: none."""

    name = "wobble"
    acts = "elementwise"

    def build(self):
        from torch import nn

        return nn.Identity()


@frozen
class Waddle(Wobble):
    """x, renamed.

    Source: none."""

    name = "waddle"
    aliases = ("wobble",)


def zoo_with(*classes, plugin: str = "mine", distribution: str = "textzoo-mine", version: str = "1.2") -> Zoo:
    """A zoo with a plugin of these activations, as if a distribution had brought it; without classes, no plugin."""
    made = ModuleType(plugin)
    made.zoo_activations = hookimpl(lambda: list(classes))
    zoo = open_zoo(plugins={**OURS, **({plugin: made} if classes else {})})
    entries = [
        evolve(entry, owner=evolve(entry.owner, distribution=distribution, version=version))
        if entry.owner.plugin == plugin
        else entry
        for entry in zoo.registry.entries
    ]
    return evolve(zoo, registry=evolve(zoo.registry, entries=tuple(entries)))


@pytest.fixture(scope="module")
def run(reviews, small, tmp_path_factory):
    recipe = small("model.output=wobble", zoo=zoo_with(Wobble))
    return train(recipe, reviews, run=tmp_path_factory.mktemp("made") / "run")


def test_run_of_an_uninstalled_plugin_says_what_made_it(run):
    with pytest.raises(PluginError) as caught:
        open_run(run.folder, zoo=zoo_with())
    made = 'made with plugin "mine" of textzoo-mine 1.2, which is not installed (hint: pip install textzoo-mine==1.2)'
    assert str(caught.value) == f"{run.folder}: {made}"
    [row] = list_runs(run.folder.parent, zoo_with())
    assert (row.state, list(map(str, row.missing))) == ("finished", [made])
    assert list_runs(run.folder.parent, zoo_with(Wobble))[0].missing == ()


def test_other_broken_plugins_are_not_blamed(run):
    broken = ModuleType("broken")
    broken.zoo_losses = 3
    zoo = open_zoo(plugins={**OURS, "broken": broken})
    with pytest.raises(PluginError, match=r"^.*textzoo-mine 1\.2, which is not installed") as caught:
        open_run(run.folder, zoo=zoo)
    assert "broken" not in str(caught.value)


def test_component_of_another_plugin_is_no_substitute(run):
    class_of_another = type("Wobble", (Wobble,), {"__module__": "elsewhere", "__doc__": Wobble.__doc__})
    zoo = zoo_with(frozen(class_of_another), plugin="other", distribution="textzoo-other")
    with pytest.raises(PluginError, match=r"textzoo-mine 1\.2.*pip install textzoo-mine==1\.2"):
        open_run(run.folder, zoo=zoo)


def test_renamed_component_is_found_by_its_alias(run):
    reopened = open_run(run.folder, zoo=zoo_with(Waddle, version="2.0"))
    assert reopened.plan.model.output.name == "waddle"
    assert changes_since_training(reopened) == [
        f'{run.folder}: made with plugin "mine" of textzoo-mine 1.2, now 2.0 (hint: pip install textzoo-mine==1.2)'
    ]
    assert list_runs(run.folder.parent, zoo_with(Waddle))[0].missing == ()


def test_renamed_plugin_of_the_distribution_is_followed(run, small):
    zoo = zoo_with(Wobble, plugin="ours")
    assert open_run(run.folder, zoo=zoo).plan == run.plan
    assert find_missing_owners(component_fingerprints(run.plan, run.zoo.registry), zoo) == []


def test_plugin_without_the_component_is_told(run):
    components = component_fingerprints(run.plan, run.zoo.registry)
    components["model"] = {**components["model"], "name": "gone"}
    [problem] = find_missing_owners(components, run.zoo)
    assert 'does not have model "gone"' in problem.message and problem.hint == "pip install textbook"


def test_disabled_plugin_is_told_with_how_to_enable_it(run):
    made = ModuleType("mine")
    zoo = open_zoo(plugins={**OURS, "mine": made}, disabled=("mine",))
    components = component_fingerprints(run.plan, run.zoo.registry)
    mine = {**components["model.output"], "distribution": "mine"}
    [problem] = find_missing_owners({"model.output": mine}, zoo)
    assert problem.message.endswith("which is disabled") and "zoo plugins enable mine" in problem.hint
    assert find_other_versions({"model.output": mine}, zoo) == [problem]


def test_resume_says_which_plugin_is_missing(run, tmp_path, reviews):
    folder = tmp_path / "stopped"
    components = component_fingerprints(run.plan, run.zoo.registry)
    recipe = (run.folder / "recipe.toml").read_text("utf-8")
    staging = staging_folder(folder)
    staging.mkdir()
    ResumeInfo("yelp-perceptron", recipe, [str(reviews)], "", str(tmp_path), components).write(staging)
    with pytest.raises(PluginError, match=r"textzoo-mine 1\.2, which is not installed \(hint: pip install"):
        resume(folder, zoo=zoo_with())
    assert staging.is_dir()
    assert resume(folder, zoo=zoo_with(Wobble)).plan.model.output.name == "wobble"


@frozen
class Grown(Wobble):
    """x or a learned multiple of it, as the next version might have it.

    Source: none."""

    name = "wobble"

    def build(self):
        from torch import nn

        return nn.PReLU()


Grown.__qualname__ = "Wobble"


def test_upgrade_that_cannot_read_a_run_is_named(run):
    with pytest.raises(RunFolderError) as caught:
        open_run(run.folder, zoo=zoo_with(Grown, version="2.0"))
    weight, version = caught.value.problems
    assert "is missing" in weight.message and version.message == 'made with plugin "mine" of textzoo-mine 1.2, now 2.0'
    assert version.hint == "pip install textzoo-mine==1.2"
