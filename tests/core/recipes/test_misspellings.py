"""Every one-letter misspelling of every key is rejected, with its line and a suggestion."""

from __future__ import annotations

from copy import deepcopy
from difflib import SequenceMatcher

import pytest

from zoo_core.config.toml import Document, parse_toml
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.recipe import Recipe, load_recipe, to_toml

SHIPPED = sorted(open_zoo().recipes)


def misspellings(word):
    """A letter left out, doubled, changed, or swapped with the next, at every place."""
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[: at + 1] + word[at:]
        yield word[:at] + "x" + word[at + 1 :]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def tables(values, path=()):
    """Every table of a recipe and its key path; of a list, its items that are tables."""
    yield path, values
    for key, value in values.items():
        inner = enumerate(value) if isinstance(value, list) else [("", value)]
        for number, item in inner:
            if isinstance(item, dict):
                yield from tables(item, (*path, key, *([str(number)] if value is not item else [])))


def renamed(document, path, key, wrong):
    """The document with one key spelled otherwise, on the same line."""
    values = deepcopy(document.values)
    holder = values
    for name in path:
        holder = holder[int(name)] if isinstance(holder, list) else holder[name]
    holder[wrong] = holder.pop(key)
    at = (*path, key)
    places = {
        (*path, wrong, *p[len(at) :]) if p[: len(at)] == at else p: line for p, line in document.locations.items()
    }
    return Document(values, places)


def refused(recipe):
    with pytest.raises(RecipeError) as caught:
        recipe.plan()
    assert caught.value.exit_code == 2
    return caught.value.problems


def similarity(one, other):
    return SequenceMatcher(None, one, other).ratio()


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.slow
def test_misspelled_keys_have_a_suggestion(zoo, name):
    text = f"about = 'a recipe'\nextends = '{name}'\n\n{to_toml(load_recipe(name, zoo=zoo).plan())}"
    document = parse_toml(text, "r.toml")
    lines = text.splitlines()
    made = 0
    for path, table in tables(document.values):
        for key in [] if path[-1:] == ("parts",) else table:  # its keys are columns, which are of any name
            above = ((*path, key)[:length] for length in range(len(path) + 1, 0, -1))
            at = next(document.locations[one] for one in above if one in document.locations)
            if "metrics" not in path:  # the items of a list share the place of the list
                assert key in lines[int(at.rpartition(":")[2]) - 1]
            for wrong in {text for text in misspellings(key) if text and text not in table}:
                told = refused(Recipe("r", zoo, (zoo.defaults, renamed(document, path, key, wrong))))
                (problem,) = [one for one in told if f'"{wrong}"' in one.message]
                assert problem.where == at
                assert problem.hint.startswith('did you mean "'), (wrong, problem)
                meant = problem.hint.split('"')[1].rpartition(".")[2]
                assert meant == key or similarity(wrong, meant) >= similarity(wrong, key), (wrong, problem)
                made += 1
    assert made > 800
