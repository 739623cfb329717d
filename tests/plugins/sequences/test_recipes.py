"""The recipes of sequences train, and pretrained vectors go into a run that needs their file no more."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
import torch

from zoo_core import DataError, load_recipe, open_run, prepare, resume, train
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.recipes.compatibility import check
from zoo_core.training.checkpoint import Checkpoint

GOOD, BAD = "good food and kind people", "bad food , never again !"
TINY = ("training.epochs=2", "vectorizer.min_count=1", "training.patience=0")
ROWS = {
    "text": [{"text": text, "label": label} for label, text in (("pos", GOOD), ("neg", BAD)) for _ in range(20)],
    "agnews": [
        {"title": "Stocks rise", "description": "Wall Street .", "label": "3"},
        {"title": "A goal", "description": "The final .", "label": "2"},
    ]
    * 20,
    "surnames": [{"surname": name, "nationality": where} for name, where in (("Kim", "Korean"), ("Rossi", "Italian"))]
    * 20,
}
RECIPES = ("text-cnn", "text-gru", "text-transformer", "agnews-cnn", "surnames-cnn", "surnames-rnn")


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_trains_and_predicts(zoo, tmp_path, name):
    recipe = load_recipe(name, zoo=zoo)
    check(recipe)
    rows = ROWS[name.partition("-")[0]]
    run = train(recipe.with_assignments(*TINY), rows, run=tmp_path / "run")
    assert run.summary["epochs"] == 2
    predicted = open_run(tmp_path / "run", zoo=zoo).predict([rows[0].get("text", "Kim")])
    assert len(predicted) == 1


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("food 1 2 3\nGOOD 3 2 1\ngood 0 1 0\n")
    return path


@pytest.fixture
def pretrained(zoo, vectors):
    """The recipe `text-cnn` with the vectors of a file, frozen, unless it is overridden."""
    settings = ("model.embedding=vectors", f"model.embedding.file={vectors}", "model.embedding.dimensions=3")
    return load_recipe("text-cnn", zoo=zoo).with_assignments(*TINY, *settings, "model.embedding.tuned=false")


def test_a_run_has_its_vectors_and_needs_the_file_no_more(pretrained, zoo, vectors, tmp_path):
    sha256 = hashlib.sha256(vectors.read_bytes()).hexdigest()
    run = train(pretrained, ROWS["text"], run=tmp_path / "run")
    report = run.summary["start"]
    assert (report["vectors"], report["sha256"]) == (str(vectors), sha256)
    assert (report["tokens"], report["tokens with a vector"]) == (11, 2)
    names = run.encoder.feature_names()
    weights = run.module.embedding.weight
    torch.testing.assert_close(weights[names.index("good")], torch.tensor([0.0, 1, 0]))
    torch.testing.assert_close(weights[names.index("food")], torch.tensor([1.0, 2, 3]))
    vectors.unlink()
    opened = open_run(tmp_path / "run", zoo=zoo)
    assert opened.summary["start"] == report
    scores = [one.predict([GOOD, BAD]).values for one in (run, opened)]
    torch.testing.assert_close(scores[0], scores[1])


@pytest.mark.parametrize("content", ["food 1 2\n", "food 1 2 3\nbad 1\n", "nothing 1 2 3\n", None])
def test_nothing_is_written_for_unsound_vectors(pretrained, vectors, tmp_path, content):
    vectors.unlink() if content is None else vectors.write_text(content)
    with pytest.raises(DataError, match=r"vectors\.txt"):
        train(pretrained, ROWS["text"], run=tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir() if path != vectors] == []


@pytest.mark.parametrize("file", ["none.txt", ".", "-", "~no-such-user/x", "a\0b", "pipe", ""])
@pytest.mark.parametrize("work", [train, prepare])
def test_a_file_that_a_setting_names_is_checked_before_the_data_is_read(pretrained, tmp_path, monkeypatch, file, work):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    recipe = pretrained.override(f"model.embedding.file={json.dumps(file)}")
    with pytest.raises((DataError, RecipeError)) as error:
        work(recipe, "none.csv")
    assert str(error.value).startswith(f"{file}: " if "\0" not in file and file else ("a", "model.embedding.file: "))
    assert isinstance(error.value, RecipeError) == (file == "")


def test_a_relative_file_keeps_its_meaning_when_resumed_elsewhere(pretrained, vectors, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{row['label']},{row['text']}\n".replace(" ,", "") for row in ROWS["text"]]
    Path("rows.csv").write_text("".join(["label,text\n", *rows]), encoding="utf-8")
    recipe = pretrained.override("model.embedding.file=vectors.txt", "training.checkpoint=0")
    whole = train(recipe, "rows.csv", run="whole")
    save = Checkpoint.save

    def dying(self, state):
        save(self, state)
        raise InputOutputError("the disk went away")

    with monkeypatch.context() as patch, pytest.raises(InputOutputError):
        patch.setattr(Checkpoint, "save", dying)
        train(recipe, "rows.csv", run="run")
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    run = resume("../run")
    assert run.summary["start"] == whole.summary["start"]
    for name in ("model.safetensors", "recipe.toml"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_the_home_folder_may_be_written_as_a_tilde(pretrained, vectors, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    run = train(pretrained.override("model.embedding.file=~/vectors.txt"), ROWS["text"], run=tmp_path / "run")
    assert run.summary["start"]["vectors"] == "~/vectors.txt"
