"""What a row of each class counts in training, and what a model is told of it after the last epoch."""

from __future__ import annotations

import csv
import random

import pytest
import torch

import zoo_core
from zoo_core.components.head import Head
from zoo_core.features.batches import EncodedSplit
from zoo_core.features.layouts import Dense
from zoo_core.training.rows.class_weights import count_classes, positive_weights, row_weights
from zoo_core.training.rows.epochs import EpochBatches
from zoo_ngrams.models import Linear

BALANCED = [12 / (3 * 6), 12 / (3 * 4), 12 / (3 * 2)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((), None),
        (("sampler=sequential",), None),
        (("training.class_weights=balanced",), BALANCED),
        (("sampler=balanced",), BALANCED),
        (("training.class_weights={ c = 4 }",), [12 / 18, 12 / 18, 48 / 18]),
        (("training.class_weights={ c = 4 }", "sampler=balanced"), [1 / 3, 1 / 2, 4.0]),
    ],
)
@pytest.mark.parametrize("soft", [False, True])
def test_weights_of_the_loss_times_draws_of_the_sampler(small, zoo, settings, expected, soft):
    labels = torch.tensor([0] * 6 + [1] * 4 + [2] * 2)
    targets = torch.nn.functional.one_hot(labels).float() if soft else labels
    head = Head(("a", "b", "c"), 3, "softmax", class_counts=count_classes(targets, 3))
    train = EpochBatches(zoo.registry, small(*settings).plan(), EncodedSplit(Dense(torch.zeros(12, 1)), targets))
    found = row_weights(train, head, epoch=1)
    assert (found is None) if expected is None else torch.allclose(found, torch.tensor(expected))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("none", None), ("balanced", [1.5, 9.0, 1.0, 1.0]), ("{ b = 2 }", [1.0, 2.0, 1.0, 1.0])],
)
def test_positive_weights_also_of_labels_that_all_rows_have_or_none(small, setting, expected):
    """Of 10 rows, 4 have the first label, 1 the second, all the third, and none the last."""
    head = Head(tuple("abcd"), 4, "sigmoid", "multi-label", class_counts=(4.0, 1.0, 10.0, 0.0))
    found = positive_weights(small(f"training.positive_weights={setting}").plan(), head, 10)
    assert (found is None) if expected is None else found.tolist() == pytest.approx(expected)


def test_a_class_without_training_rows(small, zoo):
    targets = torch.tensor([0, 0, 2])
    head = Head(("a", "b", "c"), 3, "softmax", class_counts=count_classes(targets, 3))
    for settings, expected in {"training.class_weights=balanced": [0.75, 0.0, 1.5], "sampler=balanced": None}.items():
        train = EpochBatches(zoo.registry, small(settings).plan(), EncodedSplit(Dense(torch.zeros(3, 1)), targets))
        found = row_weights(train, head, epoch=1)
        assert torch.isfinite(found).all()
        assert expected is None or found.tolist() == expected


def test_training_tells_the_model_of_positive_weights(tmp_path, monkeypatch):
    told, finish = [], Linear.finish

    def note(self, module, **offered):
        told.append((offered["class_weights"], offered["positive_weights"].tolist()))
        finish(self, module, **offered)

    monkeypatch.setattr(Linear, "finish", note)
    rows = [("a x", ["a"]), ("a b", ["a", "b"]), ("a y", ["a"]), ("z", [])] * 10
    recipe = zoo_core.load_recipe("tags-fast").override("training.epochs=1", "training.steps=1")
    splits = [*["train"] * 24, *["val", "test"] * 8]
    data = {"text": [text for text, _ in rows], "label": [labels for _, labels in rows], "split": splits}
    zoo_core.train(recipe.override("training.positive_weights=balanced"), data, run=tmp_path / "run")
    assert told == [(None, pytest.approx([1 / 3, 3.0]))]


def test_training_tells_the_model_and_raises_a_rare_class(tmp_path, monkeypatch):
    told, draw, file = [], random.Random(3), tmp_path / "rare.csv"
    finish = Linear.finish

    def note(self, module, **offered):
        told.append(offered["class_weights"])
        finish(self, module, **offered)

    monkeypatch.setattr(Linear, "finish", note)
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        for number in range(600):
            is_rare = number % 12 == 0
            words = [
                draw.choice("abcdef" if draw.random() < (0.35 if is_rare else 0.65) else "uvwxyz") for _ in "12345"
            ]
            writer.writerow([" ".join(words), "rare" if is_rare else "usual"])
    recalls = {}
    for way in ("none", "balanced"):
        recipe = zoo_core.load_recipe("text-fast").override(f"training.class_weights={way}", "training.steps=20")
        run = zoo_core.train(recipe, file, run=tmp_path / way)
        test = run.score_split()
        rare = test.targets == run.head.classes.index("rare")
        recalls[way] = float((run.head.predict(test.scores) == test.targets)[rare].float().mean())
    assert told[0] is None
    assert told[1].tolist() == pytest.approx([6.0, 6 / 11], rel=0.03)  # 50 and 550 of 600 rows
    assert recalls["balanced"] > recalls["none"] + 0.3
