"""Runs with tokenizers: trained, opened without the package that learned the pieces, damaged, and swapped."""

from __future__ import annotations

import json
import sys
from hashlib import sha256

import pytest
import torch

from tests.cli.conftest import zoo as cli
from zoo_core import load_recipe, open_run, resume, swap, train
from zoo_core.errors import DataError
from zoo_core.runs.store import MANIFEST, to_json

TEXTS = ["good warm food", "unkindest staff", "", "▁cold ##rude Ġthe", "음식"]
SETTINGS = ("training.epochs=3", "training.steps=0", "training.device=cpu")


@pytest.fixture(scope="module")
def recipe(zoo):
    return load_recipe("text-fast", zoo=zoo).override("task.text=review", "task.label=rating", *SETTINGS)


@pytest.fixture(scope="module")
def subwords(recipe):
    return recipe.override("vectorizer.tokenizer=subwords", "vectorizer.tokenizer.vocabulary_size=60")


@pytest.fixture(scope="module")
def run(subwords, reviews, tmp_path_factory):
    return train(subwords, reviews, run=tmp_path_factory.mktemp("runs") / "subwords")


def test_a_run_is_opened_without_the_package(run, zoo, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    monkeypatch.setattr("zoo_core.data.files.extras.find_spec", lambda _name: None)
    again = open_run(run.folder, zoo=zoo)
    assert torch.equal(again.predict(TEXTS).values, run.predict(TEXTS).values)
    assert again.predict(["good warm kind", "bad cold rude"]).labels == ["positive", "negative"]


def test_a_killed_training_is_resumed_with_the_same_pieces(subwords, run, reviews, tmp_path, zoo, train_and_kill):
    train_and_kill(subwords.override("training.checkpoint=0"), reviews, run=tmp_path / "killed")
    resumed = resume(tmp_path / "killed", zoo=zoo)
    for name in ("encoder.json", "model.safetensors", "metrics.jsonl"):
        assert (resumed.folder / name).read_bytes() == (run.folder / name).read_bytes(), name


def test_an_explanation_sums_the_pieces_of_a_word(run):
    explained = run.explain("good staff unkindness")
    tokens = {one.token: one for one in explained.contributions}
    assert {"good", "staff"} <= set(tokens)
    unknown = tokens["unkindness"]
    assert "kind" in {piece.token for piece in unknown.pieces}
    total = explained.base + sum(one.value for one in explained.contributions)
    assert total == pytest.approx(explained.score, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    "damage",
    [
        {"tokenizer.left": None},
        {"tokenizer.left": ["a"]},
        {"tokenizer.left": ["ab"], "tokenizer.right": ["c"]},
        {"tokenizer.more": ["a"]},
        {"tokenizer.left": 3.5},
    ],
)
def test_a_damaged_state_is_refused(run, reviews, tmp_path, damage):
    folder = tmp_path / "run"
    folder.mkdir()
    for path in run.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    stored = json.loads((folder / "encoder.json").read_bytes())
    state = {name: value for name, value in {**stored["state"], **damage}.items() if value is not None}
    (folder / "encoder.json").write_bytes(to_json({**stored, "state": state}))
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"]["encoder.json"] = sha256((folder / "encoder.json").read_bytes()).hexdigest()
    (folder / MANIFEST).write_bytes(to_json(manifest))
    answer = cli("predict", folder, "good")
    assert answer.code == 4 and "encoder.json" in answer.err and answer.err.count("\n") == 1, answer.err


def test_a_swap_of_tokenizers_ends_in_a_verdict(recipe, reviews, tmp_path):
    setting = {"vectorizer.tokenizer": ["spaces", "words", "subwords"]}
    swapped = swap(recipe, setting, data=reviews, seeds=1, run=tmp_path / "swap")
    assert swapped.frame()["variant"].to_list() == ["spaces", "words", "subwords"]
    assert len(swapped.sentences) == 2


@pytest.mark.parametrize("tokenizer", ["words", "subwords"])
def test_texts_without_any_word(recipe, tmp_path, tokenizer):
    file = tmp_path / "marks.csv"
    file.write_text("review,rating\n" + "".join(f"{'!?'[row % 2]},{'ab'[row % 2]}\n" for row in range(40)))
    inner = "vectorizer.tokenizer" + (".words" if tokenizer == "subwords" else "")
    settings = [f"vectorizer.tokenizer={tokenizer}", f"{inner}=words", f"{inner}.punctuation=false"]
    with pytest.raises(DataError):
        train(recipe.override(*settings), file, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()
