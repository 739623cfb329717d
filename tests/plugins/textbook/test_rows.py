"""Splitters, samplers and augmenters: what they promise, by itself and in trainings of real files."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import shuffled
from zoo_core import load_recipe, open_zoo, prepare, resume, train
from zoo_core.data.splitting.time_order import split_by_rank, time_ranks
from zoo_core.errors import DataError, PluginError, RecipeError
from zoo_core.recipes.compatibility import check
from zoo_core.runs.load import open_run
from zoo_core.seeds import make_generator
from zoo_core.training.checkpoint import Checkpoint
from zoo_core.training.rows.epochs import EpochBatches
from zoo_textbook.rows.augmenters import WordDropout, WordSwap
from zoo_textbook.rows.samplers import Balanced, Sequential
from zoo_textbook.rows.splitters import ByTime

SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}
COLUMNS = {"splitter": {"use": "by-group", "column": "author"}}


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    """A file of 200 texts, each with a word that is of its row alone, a date and an author; a label is missing."""
    path = tmp_path_factory.mktemp("rows") / "dated.csv"
    random = np.random.default_rng(1)
    days = random.permutation(200)
    rows = {
        "text": [f"{'good' if at % 3 else 'bad'} food row{at} again" for at in range(200)],
        "label": ["" if at == 50 else "pos" if at % 3 else "neg" for at in range(200)],
        "date": [f"20{day // 28 + 10}-02-{day % 28 + 1:02d}" for day in days],
        "author": [f"a{at}" for at in random.integers(0, 40, 200)],
    }
    pl.DataFrame(rows).write_csv(path)
    return path


def small(**values):
    return load_recipe("text-mlp").override(vectorizer={"cutoff": 0}, training={"epochs": 2}, **values)


def rows_of(prepared, dated, column):
    """The values of a column of each split, by the words that are of one row."""
    values = pl.read_csv(dated)[column].to_list()
    names = prepared.encoder.feature_names()
    found = {}
    for split, encoded in prepared.splits.items():
        ids = encoded.features.ids.unique().tolist()
        found[split] = [values[int(names[at][3:])] for at in ids if names[at].startswith("row")]
    return found


def test_rows_by_time_through_training_and_evaluation(dated, tmp_path):
    recipe = small(splitter="by-time")
    prepared = prepare(recipe, dated)
    assert prepared.report["rows"] == {"train": 139, "val": 30, "test": 30}
    latest = max(rows_of(prepared, dated, "date")["train"])
    dates = pl.read_csv(dated).filter(pl.col("label").fill_null("") != "")["date"].sort()
    assert latest == dates[138]
    run = train(recipe, dated, run=tmp_path / "run")
    reopened = open_run(tmp_path / "run")
    assert reopened.evaluate()["accuracy"] == run.summary["metrics"]["test"]["accuracy"]
    assert reopened.plan.splitter == ByTime()


def test_groups_stay_together_and_data_without_the_column_is_told(dated):
    prepared = prepare(small(**COLUMNS), dated)
    train_authors = set(rows_of(prepared, dated, "author")["train"])
    outside = pl.read_csv(dated).filter(~pl.col("author").is_in(list(train_authors)))
    assert outside.height >= prepared.report["rows"]["val"] + prepared.report["rows"]["test"]
    with pytest.raises(DataError, match=r'missing column "group".*splitter\.column'):
        prepare(small(splitter="by-group"), dated)


def test_splits_of_the_file_win(dated, tmp_path):
    frame = pl.read_csv(dated).with_columns(split=pl.Series(["test"] * 20 + ["val"] * 20 + ["train"] * 160))
    frame.drop("date").write_csv(tmp_path / "own.csv")
    assert prepare(small(splitter="by-time"), tmp_path / "own.csv").report["rows"]["test"] == 20


def test_a_wrong_date_is_told_with_its_line(dated, tmp_path):
    lines = dated.read_text().splitlines()
    (tmp_path / "wrong.csv").write_text("\n".join([*lines[:70], lines[70].replace("20", "x", 1), *lines[71:]]))
    with pytest.raises(DataError, match=r'wrong.csv:71: cannot order rows by column "date": got "'):
        prepare(small(splitter="by-time"), tmp_path / "wrong.csv")


@given(st.lists(st.integers(0, 30), min_size=12, max_size=60))
def test_times_are_cut_between_equal_ones(times):
    if len(set(times)) < 3:
        return
    parts = split_by_rank(np.array(times), SHARES)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(times)))
    values = [{times[row] for row in parts[name]} for name in SHARES]
    assert all(values) and max(values[0]) < min(values[1]) and max(values[1]) < min(values[2])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["3", "1e1", "-2"], [1, 2, 0]),
        (["2024-02-01", "2024-01-31", "2023-12-31"], [2, 1, 0]),
        (["2024-01-31T10:00:00Z", "2024-01-31 09:59:59.5", "2024-01-31T12:00:00+03:00"], [2, 1, 0]),
        (["2024-01-31", "2024-01-31 00:00", "2024/01/31"], [0, 0, 0]),
    ],
)
def test_times(values, expected):
    assert time_ranks(pl.Series("t", values)).tolist() == expected
    assert time_ranks(pl.Series("t", ["31.12.2023", "01.01.2024"]), form="%d.%m.%Y").tolist() == [0, 1]


def test_classes_are_balanced(dated):
    classes = torch.tensor([0] * 90 + [2] * 9)
    order = Balanced().order(classes, epoch=1, generator=torch.Generator())
    assert classes[order].bincount().tolist() == [49, 0, 49] and Balanced().num_rows(classes) == 98
    assert classes[order[:20]].unique().tolist() == [0, 2]
    plan = small(sampler="balanced").plan()
    prepared = prepare(small(), dated)
    batches = EpochBatches(open_zoo().registry, plan, prepared.splits["train"])
    assert batches.steps == len(list(batches.of_epoch(1)))


def test_the_default_has_the_order_of_torch(dated):
    prepared = prepare(small(), dated)
    split = prepared.splits["train"]
    found = EpochBatches(open_zoo().registry, small().plan(), split).of_epoch(2)
    expected = shuffled(split, epoch=2, seed=1337, batch_size=128)
    assert all(torch.equal(one.rows, other.rows) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("rows", [[0, 0, 1], [0, 1, 3], [0, 1], [0.0, 1.0, 2.0]])
def test_a_broken_sampler_is_named(dated, monkeypatch, rows):
    monkeypatch.setattr(Sequential, "order", lambda self, classes, *, epoch, generator: torch.tensor(rows))
    prepared = prepare(small(), dated)
    train_rows = type(prepared.splits["train"])(
        prepared.splits["train"].features.slice(0, 3), prepared.splits["train"].targets[:3]
    )
    batches = EpochBatches(open_zoo().registry, small(sampler="sequential").plan(), train_rows)
    with pytest.raises(PluginError, match=r'sampler "sequential" of textzoo .* order'):
        batches.order(1, make_generator(1, "shuffle", 1))


def test_augmentation_changes_training_texts_alone(dated, tmp_path, monkeypatch):
    """A leak probe: a word that an augmenter writes is in no text that is validated, tested or predicted."""
    given: list[pl.Series] = []

    def augment(self, texts, *, seed):
        given.append(texts)
        return texts + " probe good"

    monkeypatch.setattr(WordDropout, "augment", augment)
    recipe = small(augmenter="word-dropout")
    prepared = prepare(recipe, dated)
    assert "probe" not in prepared.encoder.feature_names()  # fitted on unchanged texts
    run = train(recipe, dated, run=tmp_path / "run")
    assert len(given) == 2 and all(len(texts) == run.summary["rows"]["train"] for texts in given)
    plain = prepare(small(), dated)
    for name in ("train", "val", "test"):
        assert torch.equal(prepared.splits[name].features.ids, plain.splits[name].features.ids)
    seen = " ".join(given[0].to_list()).split()
    tested = {word for text in pl.read_csv(dated)["text"] for word in text.split()} - set(seen)
    assert len([word for word in tested if word.startswith("row")]) == 200 - run.summary["rows"]["train"]
    count = len(given)
    run.predict(["good food"])
    run.evaluate()
    assert len(given) == count


@given(st.lists(st.text("ab é日", max_size=12), max_size=8), st.floats(0, 1), st.integers(0, 9))
def test_words_are_dropped_and_swapped(texts, share, seed):
    column = pl.Series(texts, dtype=pl.String)
    dropped = WordDropout(share=share).augment(column, seed=seed).to_list()
    swapped = WordSwap(share=share).augment(column, seed=seed).to_list()
    for text, less, moved in zip(texts, dropped, swapped, strict=True):
        assert sorted(moved.split(" ")) == sorted(text.split(" "))
        words = iter(text.split())
        assert all(word in words for word in less.split())  # in order
        assert bool(less.split()) == bool(text.split())


def test_augmented_training_is_resumed(dated, tmp_path, monkeypatch):
    recipe = small(augmenter="word-dropout", sampler="balanced").override("training.checkpoint=0", "training.epochs=4")
    whole = train(recipe, dated, run=tmp_path / "whole")

    checkpoints = []
    save = Checkpoint.save

    def kill(self, capture):
        save(self, capture)
        checkpoints.append(1)
        if len(checkpoints) == 2:
            raise MemoryError

    with monkeypatch.context() as patched, pytest.raises(MemoryError):
        patched.setattr(Checkpoint, "save", kill)
        train(recipe, dated, run=tmp_path / "stopped")
    resumed = resume(tmp_path / "stopped")
    assert all(torch.equal(value, resumed.module.state_dict()[key]) for key, value in whole.module.state_dict().items())


def test_numbers_are_not_augmented():
    recipe = load_recipe("text-mlp").override("task=columns", "vectorizer=dense-columns", "augmenter=word-swap")
    with pytest.raises(RecipeError, match='augmenter "word-swap" changes text'):
        check(recipe)


def test_the_recipe_names_all_three(dated, tmp_path):
    run = train(small(), dated, run=tmp_path / "run")
    components = json.loads((tmp_path / "run/components.json").read_text())
    assert {"splitter", "sampler", "augmenter"} <= set(components.get("components", components))
    assert run.plan.augmenter.name == "none"
