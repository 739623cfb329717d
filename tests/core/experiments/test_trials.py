"""Trials: the same bytes as a training alone, the splits they see, and records that were changed."""

from __future__ import annotations

import json

import pytest

from zoo_core import train
from zoo_core.errors import DataError, RecipeError, RunFolderError
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.prepared_cache import EvaluationRows
from zoo_core.experiments.results import to_dict


def test_a_trial_has_the_bytes_of_a_training_alone(mlp, reviews, tmp_path, run_swap):
    design = design_swap(mlp, ["model.activation=relu,prelu"], data=str(reviews), seeds=2)
    records, _ = run_swap(design, tmp_path / "swap")
    assert len(records) == 4
    for record in records:
        activation = design.variants.compatible[record["variant"]].name
        recipe = mlp.override(f"model.activation={activation}", f"training.seed={record['seed']}")
        alone = train(recipe, reviews, run=tmp_path / record["trial"])
        trial = tmp_path / "swap" / "trials" / record["trial"]
        for name in ("model.safetensors", "metrics.jsonl", "recipe.toml", "components.json", "encoder.json"):
            assert (trial / name).read_bytes() == (alone.folder / name).read_bytes(), name


@pytest.mark.parametrize(("split", "evaluated"), [("val", {"val"}), ("test", {"val", "test"})])
def test_the_test_split_is_encoded_and_scored_only_on_request(mlp, reviews, tmp_path, run_swap, split, evaluated):
    design = design_swap(mlp, ["optimizer.lr=0.1,0.01"], data=str(reviews), seeds=1, rows=EvaluationRows(split))
    records, results = run_swap(design, tmp_path / "swap")
    run = tmp_path / "swap" / "trials" / records[0]["trial"]
    result = json.loads((run / "result.json").read_bytes())
    assert set(result["metrics"]) == evaluated and set(result["rows"]) == {"train", *evaluated}
    assert to_dict(results, tmp_path)["evaluated_on"] == split


def test_rejects_data_that_changed(mlp, reviews, tmp_path, run_swap):
    file = tmp_path / "reviews.csv"
    file.write_bytes(reviews.read_bytes())
    design = design_swap(mlp, ["optimizer.lr=0.1,0.01"], data=str(file), seeds=1)
    file.write_bytes(reviews.read_bytes().replace(b"food", b"meal"))
    with pytest.raises(DataError, match="changed since the swap started"):
        run_swap(design, tmp_path / "swap")


@pytest.fixture
def finished(mlp, reviews, tmp_path, run_swap):
    """The design and the folder of a swap of one trial."""
    design = design_swap(mlp, [], data=str(reviews), seeds=1)
    run_swap(design, tmp_path / "swap")
    return design, tmp_path / "swap"


@pytest.mark.parametrize("content", ["{", '{"status": "done"}', '{"trial": "x"}', "[]"])
def test_rejects_a_record_that_was_changed(finished, run_swap, content):
    design, folder = finished
    (record,) = (folder / "records").glob("*.json")
    record.write_text(content, "utf-8")
    with pytest.raises(RunFolderError, match=r"record of|not JSON"):
        run_swap(design, folder)


def test_rejects_a_record_that_lacks_a_value(finished, run_swap):
    design, folder = finished
    (record,) = (folder / "records").glob("*.json")
    values = json.loads(record.read_bytes())
    for key in ("parameters", "epochs", "seconds", "features", "rows", "metrics", "classes"):
        record.write_text(json.dumps({name: value for name, value in values.items() if name != key}), "utf-8")
        with pytest.raises(RunFolderError, match="invalid record of a trial"):
            run_swap(design, folder)


def test_rejects_scores_that_were_changed(finished, run_swap):
    design, folder = finished
    (scores,) = (folder / "records").glob("*.safetensors")
    scores.write_bytes(b"\x80\x04.")
    with pytest.raises(RunFolderError, match="invalid scores of a trial"):
        run_swap(design, folder)


def test_rejects_a_metric_that_does_not_apply_to_every_variant(mlp, reviews, tmp_path, run_swap):
    design = design_swap(mlp, ["loss=cross-entropy,hinge"], data=str(reviews), seeds=1)
    _, results = run_swap(design, tmp_path / "swap")
    assert results.metric == "accuracy"
    for metric, message in (
        ("loss", "different losses"),
        ("log-loss", "needs probabilities"),
        ("acuracy", 'did you mean "accuracy"\\?'),
    ):
        with pytest.raises(RecipeError, match=message):
            run_swap(design, tmp_path / "swap", metric=metric)
    _, results = run_swap(design, tmp_path / "swap", metric="f1")
    assert results.comparisons[0].result.test == "paired bootstrap"
