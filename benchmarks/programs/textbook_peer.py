"""The textbook's method: dense one-hot vectors, one review at a time, for two classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from benchmarks.programs.files import SEED, Frames, main
from benchmarks.textbook_method import Perceptron, ReviewDataset, evaluate, fit, label_indices, normalize, word_indices


def run(frames: Frames, settings: Mapping[str, Any]) -> dict[str, float]:
    """Train until the validation loss no longer improves; there are no settings."""
    torch.manual_seed(SEED)
    reviews = {name: [(normalize(text), label) for text, label in frame.rows()] for name, frame in frames.items()}
    vocabulary, labels = word_indices(reviews["train"]), label_indices(reviews["train"])
    if len(labels) != 2:
        raise SystemExit(f"the textbook's method needs two classes: got {len(labels)}")
    split = {name: ReviewDataset(rows, vocabulary, labels) for name, rows in reviews.items()}
    model, loss_function = Perceptron(len(vocabulary)), nn.BCEWithLogitsLoss()
    fit(model, loss_function, split["train"], split["val"])
    return {name: evaluate(model, loss_function, split[name], drop_last=False)["accuracy"] for name in ("val", "test")}


if __name__ == "__main__":
    main(run)
