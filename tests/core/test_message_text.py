"""No code reads message text: with other words in every suggestion, the outcomes stay the same."""

from __future__ import annotations

import ast
from pathlib import Path

import polars as pl
import pytest

from zoo_core.components.table import Table
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import DataError, PluginError, RecipeError
from zoo_core.experiments.variants import build_variants
from zoo_core.messages import Suggestion
from zoo_core.recipes.alternatives import find_alternatives
from zoo_core.recipes.recipe import load_recipe

ROOT = Path(__file__).resolve().parents[2]
STRING_METHODS = {
    *("startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition"),
    *("split", "rsplit", "splitlines", "find", "index", "count", "replace"),
}
READS_ERRORS_OF_OTHERS = {  # errors of libraries, which have no other data
    "zoo_core/data/files/columnar_child.py",  # the first line of what polars says
    "zoo_core/data/files/compression.py",  # lzma and zstandard have a single class of error
    "zoo_core/memory.py",  # libraries have no class of error for memory that runs out
    "zoo_core/plugins/attribution.py",  # torch raises RuntimeError for numbers that are too large
    "zoo_core/plugins/plugin_source.py",  # any error on one line
    "zoo_core/testing/modules/behavior.py",  # the first line of what torch says
    "zoo_core/testing/tasks/behavior.py",  # a check of the message itself
    "zoo_core/training/forward_pass.py",  # the first line of what the compiler of torch says
}


@pytest.fixture
def reworded(monkeypatch):
    """Every suggestion in other words: `perhaps NAME`."""
    monkeypatch.setattr(Suggestion, "text", property(lambda self: f"perhaps {self.match}"))


@pytest.fixture
def broken_zoo():
    """A zoo with a plugin that cannot be used beside the built-in ones."""
    import zoo_calibration
    import zoo_textbook
    import zoo_yelp

    return open_zoo(
        plugins={
            "calibration": zoo_calibration,
            "textbook": zoo_textbook,
            "yelp": zoo_yelp,
            "broken": type("Broken", (), {"zoo_models": 1}),
        }
    )


def only_problem(error, call):
    with pytest.raises(error) as caught:
        call()
    (problem,) = caught.value.problems
    return problem


def test_misspelled_component_is_not_blamed_on_an_absent_plugin(broken_zoo, reworded):
    assert broken_zoo.plugins.unavailable
    assert only_problem(RecipeError, lambda: broken_zoo.registry.get("activation", "rleu")).hint == "perhaps relu"
    with pytest.raises(PluginError):
        broken_zoo.registry.get("activation", "xxxxxxxx")


def test_misspelled_recipe_is_not_blamed_on_an_absent_plugin(broken_zoo, reworded):
    problem = only_problem(RecipeError, lambda: load_recipe("yelp-perceptrn", zoo=broken_zoo))
    assert problem.hint.startswith("perhaps yelp-perceptron")
    with pytest.raises(PluginError):
        load_recipe("xxxxxxxx", zoo=broken_zoo)


@pytest.mark.parametrize(
    ("assignment", "hint"),
    [
        ("optimizer.l=0.1", "perhaps lr"),
        ('optimizer={ us = "sgd" }', "perhaps use"),
        ("epohcs=1", "perhaps training.epochs"),
        ("modle=mlp", "perhaps model"),
        ("training.device=cpus", "perhaps cpu"),
    ],
)
def test_suggestions_for_settings(small, reworded, assignment, hint):
    assert only_problem(RecipeError, small(assignment).plan).hint == hint


def test_suggestion_for_a_column(reworded):
    table = Table(pl.DataFrame({"text": ["a"]}), "file.csv")
    problem = only_problem(DataError, lambda: table.column("txet", setting="task.text"))
    assert problem.hint.startswith("perhaps text, or set task.text")


def test_suggestion_for_a_slot(small, reworded):
    problem = only_problem(RecipeError, lambda: build_variants(small(), ["model.ouptut=none,sigmoid"]))
    assert problem.hint.startswith("perhaps model.output ")


def test_unknown_setting_of_a_swap_has_a_code(small, monkeypatch):
    """A key that no value makes a setting is refused as a slot, whatever the message says."""
    problem = only_problem(RecipeError, small("optimizer.nothing=1").plan)
    assert (problem.code, problem.setting) == ("unknown-setting", "optimizer.nothing")
    problem = only_problem(RecipeError, lambda: build_variants(small(), ["optimizer.nothing=1,2"]))
    assert problem.message.startswith('unknown slot "optimizer.nothing" in ')


def test_component_names_the_setting_that_is_wrong(small):
    problem = only_problem(RecipeError, small("optimizer=sgd", "optimizer.nesterov=true").plan)
    assert (problem.setting, problem.code) == ("optimizer.nesterov", "between-settings")
    assert problem.where == "--set optimizer.nesterov=true"


def test_reason_of_an_alternative_leaves_out_its_own_slot(zoo):
    choices = find_alternatives(load_recipe("yelp-mlp", zoo=zoo), "model.activation").candidates
    reasons = {choice.name: choice.reasons for choice in choices}
    assert reasons["softmax"] == ('activation "softmax" does not fit this slot: expected acts = "elementwise"',)


def reads_text(node: ast.expr) -> bool:
    """Whether an expression is the text of a problem or of an error: `x.message`, `x.hint`, `str(error)`."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("message", "hint")
    names_error = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str"
    if not names_error or not node.args:
        return False
    return isinstance(node.args[0], ast.Name) and node.args[0].id in ("error", "stop", "problem")


def test_no_string_method_is_called_on_a_message():
    sources = [path for room in ("zoo_core", "cli", "plugins") for path in sorted((ROOT / room).rglob("*.py"))]
    assert len(sources) > 100
    found = []
    for path in sources:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            method = is_method and node.func.attr in STRING_METHODS and reads_text(node.func.value)
            inside = isinstance(node, ast.Compare) and any(map(reads_text, [node.left, *node.comparators]))
            if (method or inside) and name not in READS_ERRORS_OF_OTHERS:
                found.append(f"{name}:{node.lineno}")
    assert found == []
