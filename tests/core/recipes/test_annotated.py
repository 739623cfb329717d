"""An annotated recipe is the same recipe."""

from __future__ import annotations

import tomllib
from types import ModuleType

import pytest
from attrs import frozen

from zoo_core import Model, hookimpl, setting
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.annotated_toml import annotated_toml
from zoo_core.recipes.flat_keys import flatten_plan
from zoo_core.recipes.recipe import Recipe, default_recipe, load_recipe

SHIPPED = sorted(open_zoo().recipes)


@pytest.mark.parametrize("name", SHIPPED)
def test_annotated_recipe_has_every_setting(zoo, name):
    recipe = load_recipe(name, zoo=zoo)
    text = annotated_toml(recipe, about='with "quotes"')
    document = parse_toml(text, "r.toml")
    assert Recipe("r", zoo, (document,)).plan() == recipe.plan()
    assert document.values["about"] == 'with "quotes"'
    keys = list(flatten_plan(recipe.plan(), zoo.registry))
    assert len(keys) > 20
    for key in keys:
        assert tuple(key.split(".")) in document.locations, key
    assert all(len(line) <= 120 for line in text.splitlines())


def test_comments_of_settings(zoo):
    text = annotated_toml(
        default_recipe(zoo).with_components({"model": "mlp"}).override("model.activation=prelu", "optimizer.lr=0.1")
    )
    assert "# learning rate (float, above 0; default 0.001)\nlr = 0.1\n" in text
    assert '\n[model.activation]\n# max(x, 0) + a·min(x, 0), with a learned slope a.\nuse = "prelu"\n' in text
    assert "\n# model: how features become scores. Choose from cnn, conv-stack, embedding-bag" in text
    assert (
        '# where to train; auto uses a GPU if there is one; gpu means cuda ("auto" | "cpu" | "cuda"; default "auto")\n'
        in text
    )


def test_component_without_settings_is_a_name(zoo):
    recipe = load_recipe("yelp-mlp", zoo=zoo).override(
        'training.metrics=["accuracy", { use = "f1", average = "macro" }]'
    )
    values = tomllib.loads(annotated_toml(recipe))
    assert values["model"]["activation"] == "relu"
    assert values["training"]["metrics"] == ["accuracy", {"use": "f1", "average": "macro"}]


def test_rejects_incompatible_components(zoo):
    with pytest.raises(RecipeError, match='loss "bce" expects probabilities'):
        annotated_toml(load_recipe("yelp-mlp", zoo=zoo).override("loss=bce"))


@frozen
class Odd(Model):
    """Says
    more\x1b[31m than one line.

    Source: none."""

    name = "odd"
    accepts = ("bag",)
    words: str = setting('a\n"b"\x1b', 'ends here\nuse = "mlp"')

    def build(self, *, num_features, num_outputs):
        raise AssertionError("nothing is built")


def test_text_of_a_plugin_stays_in_its_comment():
    import zoo_calibration
    import zoo_ngrams
    import zoo_textbook

    mine = ModuleType("mine")
    mine.zoo_models = hookimpl(lambda: [Odd])
    zoo = open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "ngrams": zoo_ngrams, "mine": mine}
    )
    text = annotated_toml(default_recipe(zoo).with_components({"model": "odd"}))
    assert "\x1b" not in text
    assert tomllib.loads(text)["model"] == {"use": "odd", "words": 'a\n"b"\x1b'}
