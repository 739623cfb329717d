"""A setting that is one string, or a list of them."""

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
class Reads:
    """One column or several."""

    text: str | tuple[str, ...] = setting("text", "columns", not_empty)


@pytest.mark.parametrize(("given", "kept"), [("a", "a"), (["a", "b"], ("a", "b")), (["a"], ("a",)), ("[x", "[x")])
def test_both_are_kept_as_they_are(registry, given, kept):
    made = structure(Reads, {"text": given}, registry)
    assert made.text == kept
    assert structure(Reads, unstructure(made), registry) == made


@pytest.mark.parametrize("wrong", [1, True, ["a", 1], {"a": "b"}, "", []])
def test_nothing_else_is(registry, wrong):
    with pytest.raises(RecipeError, match="text"):
        structure(Reads, {"text": wrong}, registry)


def test_on_the_command_line(zoo):
    base = load_recipe("text-mlp", zoo=zoo)
    assert base.override("task.text=title").plan().task.text == "title"
    assert base.override('task.text=["title", "body"]').plan().task.text == ("title", "body")
    assert base.override("task.text=1").plan().task.text == "1"


def test_no_other_choice_of_types_is_a_setting():
    @frozen
    class Odd(Task):
        """A task of odd settings."""

        name = "odd"
        size: int | str = setting(1, "a size")

        def read(self, table): ...
        def texts(self, table): ...
        def normalize(self, texts): ...

    assert any("no recipe can hold" in fault for fault in class_problems(Odd))
    assert format_type(str | tuple[str, ...]) == "str | list of str"
