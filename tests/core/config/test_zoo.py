"""Settings of the zoo in layers: built-in, user and project, each overriding the one before."""

from __future__ import annotations

from types import ModuleType

import pytest

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl
from zoo_core.config.user_settings import project_file, user_file
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.recipe import load_recipe


@pytest.fixture
def user(tmp_path, monkeypatch):
    """`user(text)`: write the settings of the user."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "user.toml").touch()
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "config" / "user.toml"))

    def write(text: str):
        user_file().parent.mkdir(exist_ok=True)
        user_file().write_text(text)

    return write


@pytest.fixture
def project(tmp_path, monkeypatch):
    """`project(text)`: write settings above the working folder."""
    inner = tmp_path / "project" / "deep" / "inside"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    return (tmp_path / "project" / "zoo.toml").write_text


MINE = "[recipes.mine]\nextends = 'yelp-mlp'\n[recipes.mine.optimizer]\nlr = {}\n"


def test_recipes_of_user_and_project(user, project, zoo):
    user(MINE.format(0.25))
    found = open_zoo()
    assert found.origins["mine"] == "user"
    assert load_recipe("mine", zoo=found).plan().optimizer.lr == 0.25
    project(MINE.format(0.5))
    found = open_zoo()
    assert found.origins["mine"] == "project"
    assert load_recipe("mine", zoo=found).plan().optimizer.lr == 0.5
    assert {name for name, origin in found.origins.items() if origin == "shipped"} == set(zoo.recipes)


def test_project_recipe_replaces_a_built_in_recipe(project):
    project("[recipes.text-mlp]\nmodel = 'perceptron'\n")
    plan = load_recipe("text-mlp", zoo=open_zoo()).plan()
    assert (plan.model.name, plan.scheduler.name) == ("perceptron", "none")


def test_defaults_of_each_layer(user, project, tmp_path):
    user("[defaults]\nmodel = 'mlp'\noptimizer = 'sgd'\n")
    project("[defaults]\noptimizer = 'adam'\nscheduler = 'reduce-on-plateau'\n")
    (tmp_path / "r.toml").write_text("about = 'nothing'\n")
    plan = load_recipe(tmp_path / "r.toml", zoo=open_zoo()).plan()
    assert (plan.model.name, plan.optimizer.name, plan.scheduler.name) == ("mlp", "adam", "reduce-on-plateau")


def test_location_of_a_problem_is_the_settings_file(user):
    user(MINE.format(-1))
    with pytest.raises(RecipeError) as caught:
        load_recipe("mine", zoo=open_zoo()).plan()
    assert str(caught.value).startswith(f"{user_file()}:4: optimizer.lr: must be above 0")


def test_plugins_disabled_in_any_layer(user, project, trust_project):
    user("[plugins]\ndisabled = ['yelp']\n")
    project("[plugins]\ndisabled = ['ngrams']\n")
    trust_project()
    found = open_zoo()
    assert sorted(absent.source.plugin for absent in found.plugins.unavailable) == ["ngrams", "yelp"]
    assert all(absent.disabled for absent in found.plugins.unavailable)


def test_program_is_warned_of_settings_that_are_ignored(project, caplog):
    project("[plugins]\ndisabled = ['ngrams']\n")
    found = open_zoo()
    assert [record.getMessage() for record in caplog.records] == list(found.warnings)
    assert "until you trust it" in found.warnings[0]
    assert open_zoo(warns=False).warnings == found.warnings and len(caplog.records) == 1


def test_user_recipes_override_recipes_of_plugins(user):
    brings = ModuleType("brings")
    brings.zoo_recipes = hookimpl(lambda: "[recipes.theirs]\nmodel = 'mlp'\n[recipes.mine]\nmodel = 'mlp'\n")
    other = ModuleType("other")
    other.zoo_recipes = hookimpl(lambda: "[recipes.mine]\nmodel = 'perceptron'\n")
    user(MINE.format(0.25))
    found = open_zoo(
        plugins={
            "calibration": zoo_calibration,
            "textbook": zoo_textbook,
            "yelp": zoo_yelp,
            "brings": brings,
            "other": other,
        }
    )
    assert (found.origins["theirs"], found.origins["mine"]) == ("plugin brings", "user")
    assert not found.plugins.unavailable
    assert load_recipe("theirs", zoo=found).plan().model.name == "mlp"


WRONG = {
    "[recipe.x]": ("recipe: unknown table", 'did you mean "recipes"'),
    "recipes = 3": ("recipes: must be a table", ""),
    "[recipes]\nx = 3": ("recipes.x: must be a table", ""),
    "[plugins]\ndisable = []": ("plugins.disable: unknown setting", 'did you mean "disabled"'),
    "[plugins]\ndisabled = 'x'": ("plugins.disabled: must be a list of plugin names", ""),
    "[owners]\n'activation.relu' = 3": ("owners.activation.relu: must be the name of a plugin", ""),
}


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("layer", ["user", "project"])
def test_invalid_settings_are_reported_with_their_line(user, project, layer, text):
    (user if layer == "user" else project)(f"# a comment\n{text}\n")
    path = user_file() if layer == "user" else project_file()
    said, hint = WRONG[text]
    with pytest.raises(RecipeError) as caught:
        open_zoo()
    line = 2 + text.count("\n")
    assert str(caught.value).startswith(f"{path}:{line}: {said}")
    assert hint in str(caught.value)


def test_all_problems_are_reported_together(user):
    user("[plugins]\ndisable = []\n[owner]\n[recipes]\nx = 1\n")
    with pytest.raises(RecipeError) as caught:
        open_zoo()
    assert [problem.where.rpartition(":")[2] for problem in caught.value.problems] == ["2", "3", "5"]


@pytest.mark.parametrize("text", ["[defaults]\nmodle = 'mlp'\n", "[defaults]\nmodel = 3\n"])
def test_invalid_defaults(user, tmp_path, text):
    user(text)
    (tmp_path / "r.toml").write_text("about = 'nothing'\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(tmp_path / "r.toml", zoo=open_zoo()).plan()
    assert str(caught.value).startswith(f"{user_file()}:2: ")


def test_project_file_is_the_nearest_above(project, tmp_path):
    project("")
    assert project_file() == tmp_path / "project" / "zoo.toml"
    (tmp_path / "project" / "deep" / "zoo.toml").write_text("")
    assert project_file() == tmp_path / "project" / "deep" / "zoo.toml"
