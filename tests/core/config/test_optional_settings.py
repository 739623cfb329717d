"""Settings that may have no value: None in Python, "none" in a recipe and on the command line."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Literal

import jsonschema
import pytest
from attrs import frozen

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import Activation, hookimpl, load_component, load_recipe, setting
from zoo_core.components.class_checks import class_problems
from zoo_core.components.validators import Bounds
from zoo_core.config.structure import unstructure
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.alternatives import enum_words
from zoo_core.recipes.annotated_toml import annotated_toml
from zoo_core.recipes.flat_keys import flatten_plan
from zoo_core.recipes.json_schema import recipe_schema
from zoo_core.recipes.recipe import to_toml


@frozen
class Capped(Activation):
    """ReLU up to a cap, if there is one.

    Source: the tests.
    """

    name = "capped"
    acts = "elementwise"
    cap: float | None = setting(6.0, "the largest output", Bounds(gt=0))
    depth: int | None = setting(None, "how deep", Bounds(ge=1))
    words: str | tuple[str, ...] | None = setting(None, "words or a file")
    style: Literal["soft", "hard"] | None = setting(None, "the style")

    def build(self):
        import torch

        return torch.nn.ReLU6()


@pytest.fixture(scope="module")
def zoo():
    plugin = ModuleType("capped")
    plugin.zoo_activations = hookimpl(lambda: [Capped])
    return open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, "capped": plugin}
    )


def recipe_with(zoo, *settings):
    return load_recipe("yelp-mlp", zoo=zoo).override("model.activation=capped", *settings)


def test_the_class_is_valid(zoo):
    assert class_problems(Capped) == []
    assert [enum_words(float | None), enum_words(Literal["a"] | None)] == [["none"], ["a", "none"]]


@pytest.mark.parametrize(("text", "value"), [("none", None), ("'none'", None), ("2", 2.0)])
def test_none_on_the_command_line(zoo, text, value):
    assert recipe_with(zoo, f"model.activation.cap={text}").plan().model.activation.cap == value


def test_none_in_python(zoo):
    component = load_component("activation", "capped", cap=None, style="soft", words=["a"], zoo=zoo)
    assert (component.cap, component.style, component.words) == (None, "soft", ("a",))
    assert recipe_with(zoo, {"model.activation.cap": None}).plan().model.activation.cap is None


def test_it_is_written_and_read_again(zoo):
    plan = recipe_with(zoo, "model.activation.cap=none", "model.activation.depth=3").plan()
    text = to_toml(plan, zoo.registry)
    assert 'cap = "none"' in text
    assert unstructure(plan)["model"]["activation"] == {
        "use": "capped",
        "cap": "none",
        "depth": 3,
        "words": "none",
        "style": "none",
    }
    assert flatten_plan(plan, zoo.registry)["model.activation.cap"] == "none"
    assert 'depth = "none"' in annotated_toml(recipe_with(zoo))


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("cap=0", "model.activation.cap: must be above 0, not 0.0"),
        ("cap=high", 'must be a number, not the string "high" (hint: write "none" for no value)'),
        ("depth=1.5", 'must be a whole number, not 1.5 (hint: write "none" for no value)'),
        ("style=sharp", 'must be "soft" | "hard", not the string "sharp"'),
    ],
)
def test_an_invalid_value_is_rejected(zoo, assignment, message):
    with pytest.raises(RecipeError) as caught:
        recipe_with(zoo, f"model.activation.{assignment}").plan()
    assert message in str(caught.value)


def test_the_schema_accepts_it(zoo):
    schema = recipe_schema(zoo)
    for cap, is_valid in (("none", True), (2.0, True), ("high", False)):
        document = {"model": {"use": "mlp", "activation": {"use": "capped", "cap": cap}}}
        errors = list(jsonschema.Draft7Validator(json.loads(json.dumps(schema))).iter_errors(document))
        assert (errors == []) is is_valid


def test_none_as_a_word_of_its_own_is_refused():
    @frozen
    class Ambiguous(Capped):
        name = "ambiguous"
        kind_of: Literal["none", "some"] | None = setting(None, "ambiguous")

    assert "the setting kind_of has an unsupported type" in "; ".join(class_problems(Ambiguous))
