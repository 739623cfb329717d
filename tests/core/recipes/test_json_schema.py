"""The JSON Schema of recipes: it accepts valid recipes and rejects misspelled keys."""

from __future__ import annotations

import json
import math
import tomllib
from copy import deepcopy
from types import ModuleType

import pytest
from attrs import frozen
from jsonschema import Draft7Validator

from zoo_core import Activation, Model, hookimpl, setting, slot
from zoo_core.components.kinds import setting_fields
from zoo_core.components.validators import Bounds
from zoo_core.config.toml import Document, parse_toml
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.json_schema import recipe_schema
from zoo_core.recipes.plan import SLOTS
from zoo_core.recipes.recipe import Recipe, load_recipe, to_toml

SHIPPED = sorted(open_zoo().recipes)


@pytest.fixture(scope="module")
def schema(zoo):
    return json.loads(json.dumps(recipe_schema(zoo), allow_nan=False))


@pytest.fixture(scope="module")
def accepts(schema):
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema).is_valid


@pytest.mark.parametrize("name", SHIPPED)
def test_accepts_built_in_recipes(zoo, accepts, name):
    assert accepts(zoo.recipes[name].values)
    assert accepts(tomllib.loads(to_toml(load_recipe(name, zoo=zoo).plan())))


def texts_of(zoo, name):
    """A shipped recipe as it is written, and with every default."""
    return zoo.recipes[name].values, tomllib.loads(to_toml(load_recipe(name, zoo=zoo).plan()))


def uses_of(values, path):
    """The components that the tables around a key name: they decide which keys are valid there."""
    uses = []
    for key in path[:-1]:
        values = values[key]
        uses.append(values.get("use") if isinstance(values, dict) else None)
    return path, *uses


@pytest.mark.parametrize("name", SHIPPED)
def test_rejects_misspelled_keys(zoo, accepts, name):
    """Every key of a recipe beside those that an earlier recipe has in the same components."""
    known = set()
    for earlier in SHIPPED[: SHIPPED.index(name)]:
        known |= {uses_of(values, path) for values in texts_of(zoo, earlier) for path in paths(values)}
    for values in map(deepcopy, texts_of(zoo, name)):
        assert list(paths(values))
        for path in list(paths(values)):
            if "parts" in path[-2:-1] or uses_of(values, path) in known:
                continue  # components by name: any name is a column
            changed = deepcopy(values)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            holder[f"{path[-1]}x"] = holder.pop(path[-1])
            assert not accepts(changed), path


def paths(values, above=()):
    """The path of every key, those in lists as well."""
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(values, dict):
            yield (*above, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*above, key))


CASES = [
    # a recipe, and whether it is valid
    ("", True),
    ("model = 'mlp'", True),
    ("model = 'textbook:mlp'", True),
    ("model = 'textzoo/textbook:mlp'", True),
    ("model = { use = 'textbook:mlp', hidden = [3] }", True),
    ("model = { hidden = [3] }\nextends = 'yelp-mlp'", True),
    ("model = { use = 'mlp', activation = { use = 'prelu', init = 1 } }", True),
    ("extends = 'other.toml'", True),
    ("model = 'mpl'", False),
    ("model = 3", False),
    ("model = { use = 'mlp', cutoff = 3 }", False),
    ("model = { use = 'mlp', hidden = [] }", False),
    ("model = { use = 'mlp', hidden = [0] }", False),
    ("model = { use = 'mlp', hidden = [1.5] }", False),
    ("model = { use = 'mlp', dropout = 1 }", False),
    ("model = { use = 'mlp', activation = 'softmax' }", False),
    ("model = { use = 'mlp', activation = { use = 'softmax' } }", False),
    ("optimizer = { use = 'adam', lr = 0 }", False),
    ("optimizer = { use = 'adam', lr = '0.1' }", False),
    ("optimizer = { lr = 0 }", False),
    ("vectorizer = { use = 'one-hot', punctuation = 1 }", False),
    ("task = { use = 'yelp', text = '' }", False),
    ("training = { device = 'gpu' }", True),
    ("training = { device = 'tpu' }", False),
    ("training = { epochs = 0 }", False),
    ("training = { metrics = 'f1' }", False),
    ("training = { metrics = ['acuracy'] }", False),
    ("training = { seed = 9223372036854775807 }", True),
    ("training = 3", False),
    ("split = { train = 1.5 }", False),
    ("loss = { use = 'os.system' }", False),
]


@pytest.mark.parametrize(("text", "sound"), CASES, ids=[row[0] for row in CASES])
def test_schema_agrees_with_the_zoo(zoo, accepts, text, sound):
    assert accepts(tomllib.loads(text)) is sound
    document = parse_toml(text, "r.toml")
    below = zoo.recipes["yelp-perceptron"] if "extends" not in text else zoo.recipes["yelp-mlp"]
    recipe = Recipe("r", zoo, (zoo.defaults, below, document))
    try:
        recipe.plan()
        assert sound
    except RecipeError:
        assert not sound


JUNK = (True, -1, 2**70, "", "relu", "textbook:sigmoid", ":", [], [1], ["f1"], {}, {"use": "mlp"}, {"use": 3})


@pytest.mark.parametrize("name", ["yelp-mlp", "text-fast"])
@pytest.mark.slow
def test_whatever_stands_at_any_key_both_say_the_same(zoo, accepts, name):
    whole = tomllib.loads(to_toml(load_recipe(name, zoo=zoo).plan()))
    sound = 0
    for path in paths(whole):
        for junk in JUNK:
            values = deepcopy(whole)
            holder = values
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = junk
            recipe = Recipe("r", zoo, (zoo.defaults, Document(values, {})))
            try:
                recipe.plan()
                assert accepts(values), (path, junk)
                sound += 1
            except RecipeError as error:
                key = ".".join(map(str, path)).removesuffix(".use")
                here = any(one.setting.startswith(key) and one.code != "between-settings" for one in error.problems)
                assert not accepts(values) or not here, (path, junk)  # what is wrong between settings no schema says
    assert sound > 20


def test_what_an_editor_shows(zoo, schema):
    top = schema["properties"]
    assert set(top) == {"about", "extends", *SLOTS, "reader", "split", "training"}
    assert all(top[slot]["default"] == zoo.defaults.values[slot] for slot in SLOTS)
    enumerated = top["model"]["anyOf"][0]
    assert enumerated["enum"] == zoo.registry.names("model")
    assert len(enumerated["x-taplo"]["docs"]["enumValues"]) == len(enumerated["enum"])
    lr = schema["definitions"]["optimizer.adam"]["properties"]["lr"]
    limits = {"exclusiveMinimum": 0, "maximum": 1e30}
    assert lr == {"description": "learning rate (above 0)", "type": "number", **limits, "default": 0.001}
    for entry in zoo.registry.entries:
        part = schema["definitions"][f"{entry.kind}.{entry.name}"]
        assert set(part["properties"]) == {"use", *(one.name for one in setting_fields(entry.cls))}
        assert all(one["description"] for one in part["properties"].values())


@frozen
class Nested(Model):
    """A model in a model: a schema that would never end were it written out.

    Source: none."""

    name = "nested"
    accepts = ("bag",)
    inner: Model = slot("linear", "a model inside")
    rate: float = setting(1.0, "a number", Bounds(ge=-math.inf, lt=2))

    def build(self, *, num_features, num_outputs):
        raise AssertionError("no schema builds anything")


@frozen
class Relu(Activation):
    """Another of a name that is there.

    Source: none."""

    name = "relu"
    acts = "elementwise"

    def build(self):
        raise AssertionError("no schema builds anything")


def test_parts_in_themselves_and_contested_names():
    import zoo_calibration
    import zoo_ngrams
    import zoo_textbook

    mine = ModuleType("mine")
    mine.zoo_models = hookimpl(lambda: [Nested])
    mine.zoo_activations = hookimpl(lambda: [Relu])
    schema = recipe_schema(
        open_zoo(plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "ngrams": zoo_ngrams, "mine": mine})
    )
    Draft7Validator.check_schema(schema)
    accepts = Draft7Validator(schema).is_valid
    assert accepts({"model": {"use": "nested", "inner": {"use": "nested", "inner": "linear", "rate": -5}}})
    assert not accepts({"model": {"use": "nested", "inner": {"use": "nested", "rate": 2}}})
    assert accepts({"model": {"use": "mlp", "activation": "mine/mine:relu"}})
    assert not accepts({"model": {"use": "mlp", "activation": "relu"}})  # two claim it


@pytest.mark.parametrize("reader", ["csv", "auto", {"use": "csv", "delimiter": ";"}, {"encoding": "cp949"}])
def test_a_reader_is_a_name_or_a_table(accepts, reader):
    assert accepts({"reader": reader})


@pytest.mark.parametrize("reader", ["cvs", 3, {"delimitr": ";"}, {"header": "no"}])
def test_no_other_reader_is_accepted(accepts, reader):
    assert not accepts({"reader": reader})
