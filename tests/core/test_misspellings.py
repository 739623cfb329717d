"""Every single-key misspelling of every recipe there is: refused, with the line and the nearest name."""

from __future__ import annotations

from copy import deepcopy
from difflib import SequenceMatcher

import pytest

from zoo_core.config import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipe import Recipe, load_recipe, to_toml
from zoo_core.toml import Document, parse_toml

SHIPPED = sorted(open_zoo().recipes)


def slips(word):
    """A letter left out, a letter doubled, two neighbours swapped, at every place."""
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[: at + 1] + word[at:]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def tables(values, path=()):
    """Every table of a recipe and its key path; of a list, its items that are tables."""
    yield path, values
    for key, value in values.items():
        inner = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, item in inner:
            if isinstance(item, dict):
                yield from tables(item, (*path, key) if number is None else (*path, key, str(number)))


def reached(values, path):
    for key in path:
        values = values[int(key)] if isinstance(values, list) else values[key]
    return values


@pytest.mark.parametrize("name", SHIPPED)
def test_every_misspelling_of_every_key(zoo, name):
    recipe = load_recipe(name, zoo=zoo)
    text = f"about = 'a recipe'\nextends = '{name}'\n\n{to_toml(recipe.plan())}"
    document = parse_toml(text, "r.toml")
    lines = text.splitlines()
    made = 0
    for path, table in tables(document.values):
        for key in table:
            at = next(
                document.places[(*path, key)[:n]]
                for n in range(len(path) + 1, 0, -1)
                if document.places.get((*path, key)[:n])
            )
            for wrong in {slip for slip in slips(key) if slip and slip not in table}:
                values = deepcopy(document.values)
                holder = reached(values, path)
                holder[wrong] = holder.pop(key)
                places = {
                    tuple(
                        wrong if (i, k) == (len(path), key) and where[:i] == path else k for i, k in enumerate(where)
                    ): place
                    for where, place in document.places.items()
                }
                told = refused(Recipe("r", zoo, (zoo.defaults, Document(values, places))))
                about = [one for one in told if f'"{wrong}"' in one.message]
                assert len(about) == 1, (wrong, told)
                assert about[0].where == at
                assert about[0].hint.startswith('did you mean "'), (wrong, about)
                meant = about[0].hint.split('"')[1].rpartition(".")[2]
                assert meant == key or likeness(wrong, meant) >= likeness(wrong, key), (wrong, about)
                made += 1
            assert key in lines[int(at.rpartition(":")[2]) - 1] or path[:2] == ("training", "metrics")
    assert made > 400


def likeness(one, other):
    return SequenceMatcher(None, one, other).ratio()


def refused(recipe):
    with pytest.raises(RecipeError) as caught:
        recipe.plan()
    assert caught.value.exit_code == 2
    return caught.value.problems
