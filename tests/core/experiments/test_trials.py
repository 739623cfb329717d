"""Trials: the same bytes as a training alone, the splits they see, and records that were changed."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
import safetensors.torch
import torch

from zoo_core import train
from zoo_core.errors import DataError, NumericalError, RecipeError, RunFolderError
from zoo_core.experiments import swap_folder
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.prepared_cache import EvaluationRows
from zoo_core.experiments.records import RUN_HASH, hash_run
from zoo_core.experiments.results import to_dict
from zoo_core.experiments.swap_folder import open_swap_folder
from zoo_core.runs.amend import amend_run
from zoo_core.runs.sealed_json import read_sealed_json, to_sealed_json
from zoo_core.runs.staging import locked_folder


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


def table_of(results, folder):
    """The results apart from times."""
    values = to_dict(results, folder)
    return {**values, "variants": [{**variant, "seconds": 0} for variant in values["variants"]]}


@pytest.fixture(scope="module")
def original(small, reviews, tmp_path_factory, run_swap):
    """The design, the folder and the table of a swap of one trial."""
    recipe = small("training.epochs=2", "model.hidden=[8]", name="yelp-mlp")
    design, folder = design_swap(recipe, [], data=str(reviews), seeds=1), tmp_path_factory.mktemp("swap") / "swap"
    return design, folder, table_of(run_swap(design, folder)[1], folder)


@pytest.fixture
def finished(original, tmp_path):
    """The same with a copy of the folder, to be damaged."""
    design, folder, table = original
    return design, Path(shutil.copytree(folder, tmp_path / "swap")), {**table, "out": str(tmp_path / "swap")}


def the_file(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[-7] ^= 1
    path.write_bytes(data)


def reseal(path, change):
    """Change a record and give it a valid hash again."""
    values = read_sealed_json(path)
    change(values)
    path.write_bytes(to_sealed_json(values))


DAMAGES = {
    "records/*.json": [
        flip_a_bit,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"[]"),
        lambda path: os.truncate(path, 2**35),
        lambda path: reseal(path, lambda record: record.pop("rows")),
        lambda path: reseal(path, lambda record: record.update(design="another")),
        lambda path: reseal(path, lambda record: record.update(status="good")),
    ],
    "records/*.safetensors": [flip_a_bit, lambda path: path.write_bytes(b"\x80\x04."), Path.unlink],
    "trials/*/model.safetensors": [flip_a_bit, Path.unlink],
    "trials/*/manifest.json": [lambda path: os.truncate(path, 10)],
}


@pytest.mark.parametrize(
    ("pattern", "damage"), [(pattern, damage) for pattern, damages in DAMAGES.items() for damage in damages]
)
def test_a_trial_with_a_damaged_file_is_trained_again(finished, run_swap, caplog, pattern, damage):
    design, folder, table = finished
    path = the_file(folder, pattern)
    damage(path)
    _, results = run_swap(design, folder)
    assert table_of(results, folder) == table
    assert f"{path.name}: " in caplog.text or f"{path.parent}: " in caplog.text
    assert caplog.text.count("this trial is trained again") == 1
    before = caplog.text
    run_swap(design, folder)
    assert caplog.text == before


def test_a_file_damaged_after_the_check_is_refused(finished, run_swap, monkeypatch):
    design, folder, _ = finished
    monkeypatch.setattr(swap_folder, "check_trial", lambda *_: None)
    flip_a_bit(the_file(folder, "records/*.safetensors"))
    with pytest.raises(RunFolderError, match="safetensors: the file is damaged"):
        run_swap(design, folder)
    flip_a_bit(the_file(folder, "records/*.json"))
    with pytest.raises(RunFolderError, match="json: the file is damaged"):
        run_swap(design, folder)


def test_scores_with_a_valid_hash_are_still_checked(finished, run_swap):
    design, folder, _ = finished
    path = the_file(folder, "records/*.safetensors")
    infinite = torch.full((2, 2), torch.inf)
    for name, scores, error in (("x", torch.zeros(2, 2), RunFolderError), ("scores", infinite, NumericalError)):
        data = safetensors.torch.save({name: scores, "targets": torch.zeros(2, dtype=torch.int64)})
        path.write_bytes(data)
        digest = sha256(data).hexdigest()
        reseal(the_file(folder, "records/*.json"), lambda record, digest=digest: record.update(scores_sha256=digest))
        with pytest.raises(error, match="scores"):
            run_swap(design, folder)


def test_a_stored_threshold_is_no_damage(finished, run_swap, caplog):
    design, folder, _ = finished
    assert (
        hash_run(next((folder / "trials").iterdir())) == read_sealed_json(the_file(folder, "records/*.json"))[RUN_HASH]
    )
    amend_run(next((folder / "trials").iterdir()), "decision.json", b"{}")
    run_swap(design, folder)
    assert caplog.text == ""


def test_a_damaged_design_is_refused_by_name(finished, run_swap):
    design, folder, _ = finished
    flip_a_bit(folder / "swap.json")
    with pytest.raises(RunFolderError, match=r"swap.json: .*hint: name another folder with --run"):
        run_swap(design, folder)
    (folder / "swap.json").write_bytes(b"")
    with pytest.raises(RunFolderError, match=r"swap.json"):
        run_swap(design, folder)


@pytest.mark.parametrize("left", [(), ("lock",), (".swap.json.0123abcd.partial",), ("lock", "swap.json")])
def test_a_swap_killed_at_its_start_goes_on(mlp, reviews, tmp_path, run_swap, left):
    folder = tmp_path / "swap"
    folder.mkdir()
    for name in left:
        (folder / name).touch()
    records, _ = run_swap(design_swap(mlp, [], data=str(reviews), seeds=1), folder)
    assert len(records) == 1 and not list(folder.glob(".*"))


def test_a_folder_abandoned_at_its_start_is_chosen_again(mlp, reviews, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("swaps/yelp-mlp-1")
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    (folder / ".swap.json.0123abcd.partial").touch()
    design = design_swap(mlp, [], data=str(reviews), seeds=1)
    with open_swap_folder(design, None) as chosen:
        assert chosen == folder and not list(folder.glob(".*"))
        with open_swap_folder(design_swap(mlp, [], data=str(reviews), seeds=2), None) as other:
            assert other == Path("swaps/yelp-mlp-2")
    (folder / "swap.json").unlink()
    with locked_folder(folder, doing="swap", hint=""), open_swap_folder(design, None) as other:
        assert other == Path("swaps/yelp-mlp-3")


@pytest.mark.parametrize("name", ["notes.txt", ".swap.json.partial", "swap.json.partial", ".other.0123abcd.partial"])
def test_a_folder_of_something_else_is_refused(mlp, reviews, tmp_path, run_swap, name):
    (tmp_path / "swap").mkdir()
    (tmp_path / "swap" / name).write_text("keep me", "utf-8")
    with pytest.raises(RecipeError, match="not a swap folder"):
        run_swap(design_swap(mlp, [], data=str(reviews), seeds=1), tmp_path / "swap")
    assert [path.name for path in (tmp_path / "swap").iterdir()] == [name]


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
