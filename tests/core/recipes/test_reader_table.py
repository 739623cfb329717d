"""The table `[reader]` of a recipe: its short form, its layers, its checks, and where it is written."""

from __future__ import annotations

import tomllib

import pytest

from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.config.toml import parse_toml
from zoo_core.errors import RecipeError
from zoo_core.recipes.annotated_toml import annotated_toml
from zoo_core.recipes.flat_keys import diff_recipes, flatten_plan
from zoo_core.recipes.provenance import trace_setting
from zoo_core.recipes.recipe import Recipe, load_recipe, to_toml


@pytest.fixture(scope="module")
def base(zoo):
    return load_recipe("text-fast", zoo=zoo)


def with_file(base, text):
    return Recipe("r", base.zoo, (*base.layers, parse_toml(text, "r.toml")))


@pytest.mark.parametrize(
    ("text", "assignments", "expected"),
    [
        ("", [], ReaderSettings()),
        ('reader = "csv"', [], ReaderSettings("csv")),
        ('reader = "csv"', ["reader.encoding=cp949"], ReaderSettings("csv", "cp949")),
        ("[reader]\ndelimiter = ';'", [], ReaderSettings(settings=(("delimiter", ";"),))),
        ("[reader]\ndelimiter = ';'", ["reader=csv"], ReaderSettings("csv", settings=(("delimiter", ";"),))),
        ("[reader]\nuse = 'tsv'\nquoting = true", ["reader=csv"], ReaderSettings("csv", settings=(("quoting", True),))),
        ("[reader]\nuse = 'tsv'\nencoding = 'cp949'", ["reader=auto"], ReaderSettings(encoding="cp949")),
        ("", ["reader.header=false", 'reader={use="csv", longest=9}'], None),
    ],
)
def test_layers_of_a_reader_are_merged_as_a_table(base, text, assignments, expected):
    recipe = with_file(base, text).with_assignments(*assignments)
    plan = recipe.plan()
    expected = expected or ReaderSettings("csv", settings=(("header", False), ("longest", 9)))
    assert plan.reader == recipe.reader() == expected
    written = to_toml(plan, base.zoo.registry)
    assert ("reader" in tomllib.loads(written)) == (expected != ReaderSettings())
    assert Recipe("r", base.zoo, (parse_toml(written, "w"),)).plan() == plan
    assert parse_toml(annotated_toml(recipe), "a").values["reader"]["use"] == expected.use
    keys = flatten_plan(plan, base.zoo.registry)
    assert keys["reader"] == expected.use and keys["reader.encoding"] == expected.encoding
    if assignments:
        given = recipe.given_reader()
        assert given.use in (expected.use, "auto") and set(given.settings) <= set(expected.settings)


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (["reader=cvs"], 'unknown reader "cvs".*did you mean "csv"'),
        (["reader.delimitr=;"], 'reader.delimitr: unknown setting "delimitr".*did you mean "delimiter"'),
        (["reader=jsonl", "reader.delimiter=;"], 'reader "jsonl" has no setting "delimiter".*reader csv takes it'),
        (["reader=tsv", "reader.delimiter=;"], "must be tab, not.*reader csv takes it"),
        (["reader.delimiter=;;"], "must be one character"),
        (["reader.encoding=base64"], 'must be a text encoding, not "base64"'),
        (["reader.encoding=unicode_escape"], "must be a text encoding"),
        (["reader.delimiter=;", "reader.nested=json"], "no reader has all of these settings"),
        (['reader.names=["a"]'], "names the columns of a file without a header"),
        (["reader=[1]"], "must be the name of a reader or a table"),
        (["reader={use=3}"], "must be the name of a reader or a table, not 3"),
    ],
)
def test_what_a_reader_lacks_is_refused(base, assignments, message):
    with pytest.raises(RecipeError, match=message) as caught:
        base.with_assignments(*assignments).plan()
    assert all(problem.where.startswith("--set reader") for problem in caught.value.problems)


def test_the_origin_of_a_setting_of_the_reader_is_told(base):
    recipe = with_file(base, "[reader]\ndelimiter = ';'").with_assignments("reader=csv")
    assert [origin.value for origin in trace_setting(recipe, "reader")] == ["auto", "csv"]
    assert [(origin.layer, origin.value) for origin in trace_setting(recipe, "reader.delimiter")][-1][1] == ";"
    assert [difference.key for difference in diff_recipes(base, recipe)] == ["reader", "reader.delimiter"]
