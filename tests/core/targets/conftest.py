"""A run with several labels a text, trained on data that is prepared by hand."""

import random
from types import ModuleType

import polars as pl
import pytest
import torch
from attrs import evolve, frozen

import zoo_calibration
import zoo_ngrams
import zoo_textbook
from zoo_core import fit, hookimpl, load_recipe, prepare
from zoo_core.config.zoo import open_zoo
from zoo_core.features.batches import EncodedSplit
from zoo_textbook.tasks.text_classification import TextClassification

TAGS = ("blue", "green", "red", "rare")
FILLER = ("round", "square", "small", "large", "thing")
SETTINGS = {
    "vectorizer": {"use": "one-hot", "cutoff": 0},
    "model": {"use": "linear", "naive_bayes": False},
    "loss": "bce-with-logits",
    "optimizer": {"use": "adam", "lr": 0.1},
    "training": {
        "epochs": 4,
        "monitor": "loss",
        "batch_size": 32,
        "device": "cpu",
        "metrics": ["accuracy", "f1", "precision", "recall", "roc-auc", "average-precision", "log-loss", "brier"],
    },
}


@frozen
class Tags(TextClassification):
    """Colors in a text."""

    name = "tags"
    targets = "multi-label"


def make_rows(rows=240):
    """Texts, and the labels of each: the colors in it, with a few mistakes."""
    draw = random.Random(3)
    texts, labels = [], []
    for row in range(rows):
        own = [tag for tag, share in zip(TAGS, (0.4, 0.3, 0.5, 0.05), strict=True) if draw.random() < share]
        texts.append(" ".join([*own, *draw.choices(FILLER, k=3), str(row)]))
        labels.append([tag for tag in TAGS if (tag in own) is (draw.random() > 0.06)])
    return texts, labels


@pytest.fixture(scope="session")
def tag_zoo():
    module = ModuleType("tags")
    module.zoo_tasks = hookimpl(lambda: [Tags])
    plugins = {"calibration": zoo_calibration, "ngrams": zoo_ngrams, "textbook": zoo_textbook, "tags": module}
    return open_zoo(plugins=plugins)


@pytest.fixture(scope="session")
def tag_recipe(tag_zoo):
    """`tag_recipe(*changes)`: a recipe whose task reads several labels a text."""
    base = load_recipe("text-fast", zoo=tag_zoo).override(SETTINGS)
    return lambda *changes, task="tags", **more: base.override(f"task={task}", *changes, **more)


@pytest.fixture(scope="session")
def prepare_tags(tag_recipe):
    """`prepare_tags(*changes)`: the recipe and its data."""

    def made(*changes, rows=240):
        texts, labels = make_rows(rows)
        recipe, numbers = tag_recipe(*changes), [str(row % 2) for row in range(rows)]
        single = tag_recipe(task="text-classification", loss="cross-entropy")
        parts = ["train"] * (rows // 2) + ["val"] * (rows // 4) + ["test"] * (rows - rows // 2 - rows // 4)
        prepared = prepare(single, pl.DataFrame({"text": texts, "label": numbers, "split": parts}))
        matrix = torch.tensor([[float(tag in own) for tag in TAGS] for own in labels])
        splits = {
            name: EncodedSplit(split.features, matrix[torch.tensor([part == name for part in parts])])
            for name, split in prepared.splits.items()
        }
        return recipe, evolve(prepared, plan=recipe.plan(), classes=TAGS, splits=splits)

    return made


@pytest.fixture(scope="session")
def tag_run(prepare_tags, tmp_path_factory):
    recipe, prepared = prepare_tags()
    return fit(recipe, prepared, run=tmp_path_factory.mktemp("tags") / "run")
