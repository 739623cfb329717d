"""Recipes of one name from several owners: an error at use, a longer name, a preference, the user's own first."""

from __future__ import annotations

from types import ModuleType

import pytest

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl
from zoo_core.config.user_settings import user_file
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import PluginError, RecipeError
from zoo_core.recipes.recipe import load_recipe


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """`opened(settings, plugin=recipes, …)`: a zoo with these settings of the user and these plugins of recipes."""
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "user.toml"))
    (tmp_path / "user.toml").touch()

    def open_with(settings: str = "", **texts: str):
        user_file().write_text(settings)
        plugins = {}
        for name, text in texts.items():
            plugins[name] = ModuleType(name)
            plugins[name].zoo_recipes = hookimpl(lambda text=text: text)
        return open_zoo(plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, **plugins})

    return open_with


def rate(name: str, zoo) -> float:
    return load_recipe(name, zoo=zoo).plan().optimizer.lr


def recipe(name: str, lr: float, extends: str = "yelp-perceptron") -> str:
    return f"[recipes.{name}]\nextends = '{extends}'\noptimizer.lr = {lr}\n"


def test_name_of_two_plugins_disables_neither(opened):
    zoo = opened(anna=recipe("mine", 0.1), berta=recipe("mine", 0.2) + recipe("other", 0.3))
    assert not zoo.plugins.unavailable
    with pytest.raises(PluginError) as caught:
        load_recipe("mine", zoo=zoo)
    assert str(caught.value) == (
        'recipe "mine" is ambiguous: provided by anna and berta (hint: write "anna/anna:mine" or "berta/berta:mine")'
    )
    assert [rate(name, zoo) for name in ("anna:mine", "berta/berta:mine", "other")] == [0.1, 0.2, 0.3]
    listed = [name for name in zoo.recipes if name.endswith(("mine", "other"))]
    assert sorted(listed) == ["anna/anna:mine", "berta/berta:mine", "other"]
    assert "mine" in zoo.recipes and "carla:mine" not in zoo.recipes
    assert zoo.origins["anna/anna:mine"] == "plugin anna"


def test_preferred_owner_settles_a_name(opened):
    zoo = opened('[owners]\n"recipe.mine" = "berta"\n', anna=recipe("mine", 0.1), berta=recipe("mine", 0.2))
    assert (rate("mine", zoo), rate("anna:mine", zoo)) == (0.2, 0.1)
    assert [name for name in zoo.recipes if name.endswith("mine")] == ["mine", "anna/anna:mine"]


def test_recipe_that_the_zoo_adds_does_not_break_a_plugin(opened):
    zoo = opened(anna=recipe("yelp-mlp", 0.1) + recipe("tuned", 0.2, "yelp-mlp") + "model.hidden = [7]\n")
    assert not zoo.plugins.unavailable
    with pytest.raises(PluginError, match=r'"yelp-mlp" is ambiguous: provided by anna and textzoo \(hint'):
        load_recipe("yelp-mlp", zoo=zoo)
    assert (rate("anna:yelp-mlp", zoo), load_recipe("shipped:yelp-mlp", zoo=zoo).plan().model.name) == (0.1, "mlp")


@pytest.mark.parametrize("name", ["tuned", "anna:tuned"])
def test_plugin_extends_its_own_recipe_first(opened, name):
    zoo = opened(anna=recipe("base", 0.1) + "[recipes.tuned]\nextends = 'base'\n", berta=recipe("base", 0.2))
    assert rate(name, zoo) == 0.1


def test_shipped_recipes_extend_shipped_ones(opened):
    assert load_recipe("yelp-mlp", zoo=opened()).layers[-2].title == "yelp-perceptron"
    zoo = opened(anna=recipe("yelp-perceptron", 0.77, "yelp-mlp"))
    assert rate("yelp-mlp", zoo) == rate("shipped:yelp-perceptron", zoo) != 0.77 == rate("anna:yelp-perceptron", zoo)


def test_recipe_of_the_user_replaces_and_refers_to_both(opened):
    both = recipe("mine", 0.3, "anna:mine") + recipe("yours", 0.4, "berta/berta:mine")
    zoo = opened(both, anna=recipe("mine", 0.1) + "training.epochs = 3\n", berta=recipe("mine", 0.2))
    assert (rate("mine", zoo), load_recipe("mine", zoo=zoo).plan().training.epochs) == (0.3, 3)
    assert (rate("yours", zoo), rate("user:mine", zoo), rate("anna:mine", zoo)) == (0.4, 0.3, 0.1)
    assert [name for name in zoo.recipes if name.endswith("mine")] == ["mine"]


def test_circle_through_longer_names_is_told(opened):
    text = "[recipes.a]\nextends = 'anna:b'\n[recipes.b]\nextends = 'a'\n"
    with pytest.raises(RecipeError, match="circular extends: a → anna:b → a"):
        load_recipe("a", zoo=opened(anna=text))


def test_place_of_an_ambiguous_base_is_named(opened):
    zoo = opened("[recipes.x]\nextends = 'mine'\n", anna=recipe("mine", 0.1), berta=recipe("mine", 0.2))
    with pytest.raises(PluginError) as caught:
        load_recipe("x", zoo=zoo)
    assert str(caught.value).startswith(f'{user_file()}:2: recipe "mine" is ambiguous')


@pytest.mark.parametrize("name", ["carla:mine", "carla/carla:mine", "anna:nothing"])
def test_unknown_longer_name_is_an_unknown_recipe(opened, name):
    with pytest.raises(RecipeError, match=f'unknown recipe "{name}"'):
        load_recipe(name, zoo=opened(anna=recipe("mine", 0.1)))
