"""`swap`, `compare` and the listeners of `train`, as Python code calls them."""

from __future__ import annotations

import numpy as np
import pytest

from zoo_core import compare, load_component, prepare, swap, train
from zoo_core.errors import RecipeError
from zoo_core.experiments.swapping.given_swaps import swap_texts


def test_swap_and_compare_give_tables_and_figures(small, reviews, tmp_path, capsys):
    seen = []
    first = train(small(), reviews, run=tmp_path / "first", on_epoch=lambda *epoch: seen.append(epoch), progress=True)
    assert [epoch for epoch, _, _ in seen] == list(range(1, first.summary["epochs"] + 1))
    assert set(seen[0][1]) >= {"train_loss", "val_loss"} and seen[0][2] is True
    assert capsys.readouterr().err.startswith(f"epoch 1/{first.plan.training.epochs}  train_loss ")

    compared = compare([first, tmp_path / "first"], on="val")
    assert compared.frame()["difference"].to_list() == [None, 0.0]
    assert len(compared.sentences) == 1 and "<table" in compared._repr_html_()

    swapped = swap(small(), {"optimizer.lr": [0.01, 0.1]}, data=reviews, seeds=1, run=tmp_path / "swap", progress=True)
    assert swapped.frame()["variant"].to_list() == ["0.01", "0.1"]
    assert "trial 2/2: 0.1" in capsys.readouterr().err
    assert len(swapped.sentences) == 1 and "variant" in repr(swapped)
    assert len(swapped.plot().axes) == 2
    assert (tmp_path / "swap" / "table.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        (({"optimizer.lr": 0.1},), {"data": [("a", "b")]}, "from a file"),
        (({"optimizer.lr": 0.1},), {"data": [("a", "b")]}, "write it to a file"),
        (({"optimizer.lr": object()},), {}, "invalid value in a swap"),
        (({1: [2, 3]},), {}, "invalid swap"),
        ((3,), {}, "invalid swap"),
        ((), {"on": "train"}, "on='train'"),
        ((), {"jobs": 0}, "jobs=0"),
        (("optimizer.l=1,2",), {}, 'did you mean "optimizer.lr"'),
        (({"optimizer.lr": []},), {}, "invalid swap"),
        ((), {"seeds": [1, 2]}, "expected whole numbers"),
    ],
)
def test_what_is_wrong_is_told_before_training(small, arguments, options, expected):
    with pytest.raises(RecipeError, match=expected):
        swap(small(), *arguments, **options)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (np.logspace(-2, -1, 2), "0.01,0.1"),
        (range(1, 3), "1,2"),
        ((value for value in (1, 2.5)), "1,2.5"),
        (0.1, "0.1"),
        ("sgd", "sgd"),
        (["adam", load_component("optimizer", "sgd", lr=0.5)], 'adam,{use = "sgd", lr = 0.5}'),
        ([load_component("optimizer", "sgd"), {"use": "sgd", "lr": 0.5}], 'sgd,{use = "sgd", lr = 0.5}'),
        (["a,b", "c"], '"a,b",c'),
    ],
)
def test_values_to_swap_are_any_iterable_a_component_or_one_value(zoo, given, text):
    assert swap_texts({"key": given}, zoo.registry) == [f"key={text}"]


@pytest.mark.parametrize("call", [train, swap, prepare])
@pytest.mark.parametrize("wrong", [{"model": "mlp"}, 3])
def test_a_recipe_is_a_recipe_a_name_or_a_file(call, wrong):
    with pytest.raises(RecipeError, match="a recipe must be a Recipe, a name or a file, not "):
        call([wrong] if call is swap else wrong)


def test_compare_needs_two_runs_and_an_effect(tmp_path):
    with pytest.raises(RecipeError, match="two runs"):
        compare()
    with pytest.raises(RecipeError, match="min_effect"):
        compare(tmp_path, tmp_path, min_effect=0)
    with pytest.raises(TypeError, match="on_epoch"):
        train("yelp-perceptron", on_epoch=3)
