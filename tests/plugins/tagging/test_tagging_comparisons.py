"""Comparisons of runs and variants with several labels a text."""

import json

import polars as pl
import pytest

from zoo_core import compare, load_recipe, swap, train
from zoo_tagging.tasks import TextTagging

FAST = ("training.batch_size=64", "training.steps=60")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    frame = TextTagging(separator="").sample_data(rows=200, seed=5)
    path = tmp_path_factory.mktemp("data") / "questions.csv"
    frame.with_columns(label=pl.Series([";".join(json.loads(cell)) for cell in frame["label"]])).write_csv(path)
    return str(path)


@pytest.fixture(scope="module")
def runs(data, tmp_path_factory):
    folder, recipe = tmp_path_factory.mktemp("runs"), load_recipe("tags-fast").override(*FAST)
    weak = train(recipe.override("training.steps=2"), data, run=folder / "weak")
    return weak, train(recipe, data, run=folder / "strong")


@pytest.mark.parametrize("metric", ["accuracy", "f1"])
def test_runs_are_compared_by_the_metrics_that_evaluation_shows(runs, metric):
    shown = [run.evaluate()[metric] for run in runs]
    compared = compare(*runs, metric=metric)
    assert [one["mean"] for one in compared.values["runs"]] == pytest.approx(shown, abs=1e-6)
    (found,) = compared.values["comparisons"]
    assert found["low"] > 0 and found["difference"] == pytest.approx(shown[1] - shown[0], abs=1e-6)
    assert len(compared.sentences) == 1


def test_a_swap_of_losses_ends_in_a_verdict(data, tmp_path):
    recipe = load_recipe("tags-fast").override(*FAST)
    swapped = swap(recipe, "loss=bce-with-logits,asymmetric", data=data, seeds=1, run=tmp_path / "swap")
    assert swapped.frame()["variant"].to_list() == ["bce-with-logits", "asymmetric"]
    assert swapped.frame()["verdict"].to_list()[1]
    assert len(swapped.sentences) == 1 and "asymmetric" in swapped.sentences[0]
