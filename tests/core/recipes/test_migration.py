"""Renamed components: found, usable, reported and migrated; and deprecated hooks."""

from __future__ import annotations

from importlib import metadata
from types import ModuleType

import pytest
from attrs import frozen

import zoo_calibration
import zoo_ngrams
import zoo_textbook
import zoo_yelp
from zoo_core import Activation, Metric, hookimpl
from zoo_core.components.class_checks import class_problems
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.plugins import deprecations
from zoo_core.plugins.deprecations import API_VERSION, Deprecation
from zoo_core.recipes.migration import find_renamed, migrate_recipe_file
from zoo_core.recipes.recipe import load_recipe
from zoo_core.runs.load import open_run
from zoo_core.training.pipeline import train

OURS = {"calibration": zoo_calibration, "textbook": zoo_textbook, "ngrams": zoo_ngrams, "yelp": zoo_yelp}


@frozen
class Squash(Activation):
    """tanh(x), under a better name.

    Source: none."""

    name = "squash"
    aliases = ("squish", "tanh")  # the second is another's name
    alias_expires = "2030-01-31"
    acts = "elementwise"

    def build(self):
        from torch import nn

        return nn.Tanh()


@frozen
class Right(Metric):
    """The share of rows that are right.

    Source: none."""

    name = "right"
    aliases = ("rightness",)
    response = "labels"
    higher_is_better = True

    def build(self, head):
        from zoo_textbook.metrics.label_metrics import Accuracy

        return Accuracy().build(head)


@pytest.fixture(scope="module")
def renamed():
    mine = ModuleType("mine")
    mine.zoo_activations = hookimpl(lambda: [Squash])
    mine.zoo_metrics = hookimpl(lambda: [Right])
    return open_zoo(plugins={**OURS, "mine": mine})


def test_alias_is_found_after_names(renamed):
    for name in ("squash", "squish", "mine:squish", "mine:tanh"):
        assert renamed.registry.get("activation", name).cls is Squash
    assert renamed.registry.get("activation", "tanh").owner.plugin == "textbook"
    assert "squish" not in renamed.registry.names("activation")


def test_renamed_components_are_reported_with_their_location(renamed):
    recipe = load_recipe("yelp-mlp", zoo=renamed)
    assert find_renamed(recipe) == []
    told = find_renamed(recipe.override("model.activation=squish", "training.metrics=['accuracy', 'mine:rightness']"))
    assert list(map(str, told)) == [
        '--set model.activation=squish: model.activation: activation "squish" is renamed to "squash" '
        "(the old name may be removed from 2030-01-31 on)",
        "--set training.metrics=['accuracy', 'mine:rightness']: training.metrics.1: "
        'metric "mine:rightness" is renamed to "mine:right"',
    ]


TEXT = """# an old recipe
extends = "yelp-mlp"  # as before
model = { use = "mlp", hidden = [8], activation = { use = "squish" } } # wide

[training]
metrics = ["accuracy", "mine:rightness"] # both
epochs = 3
"""


def test_migration_keeps_comments(renamed, tmp_path):
    file = tmp_path / "old.toml"
    file.write_text(TEXT)
    text, changed = migrate_recipe_file(file, renamed)
    assert text == TEXT.replace("squish", "squash").replace("rightness", "right")
    assert next(str(one).partition(": model")[0] for one in changed) == f"{file}:3"
    file.write_text(text)
    assert migrate_recipe_file(file, renamed) == (text, [])


def test_migration_does_not_change_extended_recipes(renamed, tmp_path):
    (tmp_path / "old.toml").write_text(TEXT)
    heir = tmp_path / "heir.toml"
    heir.write_text(f'extends = "{tmp_path / "old.toml"}"\ntraining = {{ epochs = 1 }}\n')
    assert len(find_renamed(load_recipe(heir, zoo=renamed))) == 2
    assert migrate_recipe_file(heir, renamed) == (heir.read_text(), [])


def test_run_with_an_old_name_is_opened(renamed, reviews, small, tmp_path):
    run = train(small("model.output=squish", zoo=renamed), reviews, run=tmp_path / "run")
    recipe = tmp_path / "run" / "recipe.toml"
    assert "squash" in recipe.read_text() and "squish" not in recipe.read_text()
    assert open_run(run.folder, zoo=renamed).plan.model.output.name == "squash"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"aliases": ["squish"]}, "its aliases must be a tuple"),
        ({"aliases": ("Not A Name",)}, "its aliases must be a tuple"),
        ({"aliases": ("odd",)}, "cannot be an alias"),
        ({"alias_expires": "soon"}, "its alias_expires must be a date"),
        ({"alias_expires": "2030-13-01"}, "its alias_expires must be a date"),
    ],
)
def test_rejects_invalid_aliases(change, said):
    body = {"__doc__": "x.", "name": "odd", "acts": "elementwise", "build": Squash.build, **change}
    [fault] = class_problems(frozen(type("Odd", (Activation,), body)))
    assert said in fault


def test_deprecated_hook_is_reported_once_for_each_plugin(monkeypatch):
    monkeypatch.setitem(deprecations.DEPRECATED_HOOKS, "zoo_metrics", Deprecation("zoo_measures", "0.3"))
    mine = ModuleType("mine")
    mine.zoo_metrics = hookimpl(lambda: [Right])
    found = open_zoo(plugins={"mine": mine})
    deprecated = "which is deprecated and will be removed in textzoo 0.3: use zoo_measures"
    warning = f'plugin "mine" (mine) implements zoo_metrics, {deprecated} (hint: upgrade or uninstall mine)'
    assert found.plugins.warnings() == [warning]
    assert found.registry.names("metric") == ["right"]


def test_api_version_is_the_version_of_textzoo():
    assert metadata.version("textzoo").split(".")[:2] == API_VERSION.split(".")


def test_migrate_command(renamed, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from zoo_cli.commands.recipe import migrate

    monkeypatch.setattr(migrate, "open_zoo_for", lambda _ctx: renamed)
    file, other = tmp_path / "old.toml", tmp_path / "new.toml"
    file.write_text(TEXT)
    for more, there in ((["-o", str(other)], other), ([], file)):
        answer = CliRunner().invoke(migrate.migrate_recipe, [str(file), *more])
        assert (answer.exit_code, answer.stdout, len(answer.stderr.splitlines())) == (0, "", 2), answer.output
        assert there.read_text() == TEXT.replace("squish", "squash").replace("rightness", "right")
    again = CliRunner().invoke(migrate.migrate_recipe, [str(file), "-o", "-"])
    assert again.stdout == file.read_text() and "all names are current" in again.stderr


def test_file_of_a_run_is_not_migrated(renamed, tmp_path, monkeypatch):
    from zoo_cli.commands.recipe import migrate

    monkeypatch.setattr(migrate, "open_zoo_for", lambda _ctx: renamed)
    file = tmp_path / "recipe.toml"
    file.write_text(TEXT)
    (tmp_path / "manifest.json").write_text('{"files": {"recipe.toml": ""}}')
    with pytest.raises(RecipeError, match=r"recipe\.toml is a file of the run in"):
        migrate.migrate_recipe.main([str(file)], standalone_mode=False)
    assert file.read_text() == TEXT
