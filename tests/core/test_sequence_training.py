"""What training offers, with models of sequences: weights, soft targets, clipping, samplers, texts that change."""

from __future__ import annotations

import polars as pl
import pytest
import torch

from zoo_core import load_recipe, open_run, resume, train

MODELS = {
    "cnn": ["model.channels=4", "model.windows=[2]"],
    "gru": ["model.units=4"],
    "transformer": ["model.units=8", "model.layers=1", "model.heads=2", "model.feed_forward=8"],
}
SEQUENCES = ["vectorizer=token-ids", "vectorizer.max_length=5", "vectorizer.long_texts=windows", "optimizer.lr=0.02"]
EVERYTHING = [
    "training.class_weights={ positive = 3 }",
    "training.clip=0.5",
    "sampler=balanced",
    "augmenter=word-dropout",
    "calibrator=platt",
    "training.l1=0.0001",
]


@pytest.fixture(params=sorted(MODELS))
def settings(request):
    return [f"model={request.param}", *MODELS[request.param], "model.embedding.dimensions=4", *SEQUENCES]


def test_every_setting_works_and_a_killed_training_is_resumed(settings, small, reviews, tmp_path, train_and_kill, zoo):
    recipe = small(*settings, *EVERYTHING, "training.epochs=3", "training.patience=0", "training.checkpoint=0")
    whole = train(recipe, reviews, run=tmp_path / "whole")
    assert torch.equal(
        open_run(whole.folder, zoo=zoo).predict(["good food", ""]).values, whole.predict(["good food", ""]).values
    )
    train_and_kill(recipe, reviews, run=tmp_path / "killed")
    resumed = resume(tmp_path / "killed", zoo=zoo)
    for name in ("model.safetensors", "metrics.jsonl"):
        assert (resumed.folder / name).read_bytes() == (whole.folder / name).read_bytes(), name


def test_soft_targets_are_learned(settings, reviews, tmp_path, zoo):
    table = pl.read_csv(reviews)
    share = (table["rating"] == "positive").cast(pl.Float64) * 0.8 + 0.1
    table.select(text="review", good=share, bad=1 - share).write_csv(tmp_path / "soft.csv")
    fixed = ['task.probabilities=["good", "bad"]', "training.batch_size=16", "training.epochs=2", "training.device=cpu"]
    recipe = load_recipe("text-mlp", zoo=zoo).override(*settings, *fixed, "training.clip=0.5")
    run = train(recipe, tmp_path / "soft.csv", run=tmp_path / "run")
    assert run.classes == ("bad", "good")
    assert run.predict(["good warm kind"]).values.shape == (1, 2)
