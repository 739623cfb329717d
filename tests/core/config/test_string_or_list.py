"""A setting of type `str | tuple[str, ...]`: one string or a list of strings."""

from __future__ import annotations

import pytest
from attrs import frozen

from zoo_core import Task, setting
from zoo_core.components.class_checks import class_problems
from zoo_core.components.setting_types import format_type
from zoo_core.components.validators import not_empty
from zoo_core.config.structure import structure, unstructure
from zoo_core.errors import RecipeError
from zoo_core.recipes.recipe import load_recipe


@frozen
class ColumnSettings:
    """The names of one or several columns."""

    text: str | tuple[str, ...] = setting("text", "column names", not_empty)


@pytest.mark.parametrize(("value", "expected"), [("a", "a"), (["a", "b"], ("a", "b")), (["a"], ("a",)), ("[x", "[x")])
def test_a_string_and_a_list_are_structured(registry, value, expected):
    settings = structure(ColumnSettings, {"text": value}, registry)
    assert settings.text == expected
    assert structure(ColumnSettings, unstructure(settings), registry) == settings


@pytest.mark.parametrize("value", [1, True, ["a", 1], {"a": "b"}, "", []])
def test_rejects_other_values(registry, value):
    with pytest.raises(RecipeError, match="text"):
        structure(ColumnSettings, {"text": value}, registry)


def test_an_override_sets_a_string_or_a_list(zoo):
    base = load_recipe("text-mlp", zoo=zoo)
    assert base.override("task.text=title").plan().task.text == "title"
    assert base.override('task.text=["title", "body"]').plan().task.text == ("title", "body")
    assert base.override("task.text=1").plan().task.text == "1"


def test_rejects_other_unions():
    @frozen
    class UnionTask(Task):
        """A task with an unsupported setting."""

        name = "union"
        size: int | str = setting(1, "a size")

        def read(self, table): ...
        def texts(self, table): ...
        def normalize(self, texts): ...

    assert any("has an unsupported type" in problem for problem in class_problems(UnionTask))
    assert format_type(str | tuple[str, ...]) == "str | list of str"
