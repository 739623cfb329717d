"""The textbook's Yelp classifier, which the zoo is compared with.

Written from the description in Rao & McMahan, *Natural Language Processing with PyTorch*, section 3.6: a perceptron on
collapsed one-hot vectors, which a torch Dataset makes dense, one review at a time. It shares no code with the zoo.

    python -m benchmarks.textbook_method FILE [--seed N] [--json]
"""
# ruff: noqa: E402 (the clock starts before the heavy imports, which are measured)

from __future__ import annotations

import time

STARTED = time.perf_counter()

import argparse
import copy
import csv
import json
import re
import statistics
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader, Dataset

IMPORTED = time.perf_counter()

UNKNOWN = "<UNK>"
CUTOFF = 25  # words that occur more often are kept
BATCH_SIZE = 128
EPOCHS = 100
PATIENCE = 5
SEED = 1337

Review = tuple[str, str]  # normalized text, rating
Item = tuple[np.ndarray, np.float32]  # one-hot vector, target
Split = list[Review]


def normalize(text: str) -> str:
    """Convert to lower case, put spaces around . , ! ?, and replace other runs of non-letters by one space."""
    spaced = re.sub(r"([.,!?])", r" \1 ", text.lower())
    return re.sub(r"[^a-z.,!?]+", " ", spaced)


def words(text: str) -> Iterator[str]:
    """Yield the tokens between spaces that are not substrings of the punctuation, as "" is."""
    return (token for token in text.split(" ") if token not in string.punctuation)


def read_reviews(path: Path) -> dict[str, Split]:
    """Read the normalized reviews of each split from a CSV file with the columns rating, review and split."""
    splits: dict[str, Split] = {"train": [], "val": [], "test": []}
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            splits[row["split"]].append((normalize(row["review"]), row["rating"]))
    return splits


def word_indices(reviews: Split) -> dict[str, int]:
    """Return the vocabulary: the unknown word, then each word that occurs more than `CUTOFF` times."""
    counts = Counter(word for text, _ in reviews for word in words(text))
    known = [word for word, count in counts.items() if count > CUTOFF]
    return {word: index for index, word in enumerate([UNKNOWN, *known])}


def label_indices(reviews: Split) -> dict[str, int]:
    """Return the sorted ratings and their indices."""
    return {rating: index for index, rating in enumerate(sorted({rating for _, rating in reviews}))}


class ReviewDataset(Dataset[Item]):
    """The reviews of one split; a dense one-hot vector is made each time a review is asked for."""

    def __init__(self, reviews: Split, vocabulary: dict[str, int], labels: dict[str, int]) -> None:
        self.reviews = reviews
        self.vocabulary = vocabulary
        self.labels = labels

    def __len__(self) -> int:
        return len(self.reviews)

    def __getitem__(self, index: int) -> Item:
        text, rating = self.reviews[index]
        return self.vectorize(text), np.float32(self.labels[rating])

    def vectorize(self, text: str) -> np.ndarray:
        """Return 1 for the words of the text, 0 for the others: float32 `(words,)`."""
        one_hot = np.zeros(len(self.vocabulary), dtype=np.float32)
        for word in words(text):
            one_hot[self.vocabulary.get(word, self.vocabulary[UNKNOWN])] = 1
        return one_hot


class Perceptron(nn.Module):
    """A weighted sum of the features."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(num_features, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Features `(batch, words)` → logits `(batch,)`."""
        logits: Tensor = self.fc1(features)  # (batch, 1)
        return logits.squeeze(1)


def batches(dataset: ReviewDataset, *, drop_last: bool = True) -> DataLoader[Any]:
    """Return shuffled batches; the textbook drops the last one of every split if it is not full."""
    return DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True, drop_last=drop_last)


def train_epoch(model: nn.Module, loss_function: nn.Module, optimizer: Optimizer, train: ReviewDataset) -> None:
    """Train for one pass over the training split."""
    model.train()
    for features, targets in batches(train):
        optimizer.zero_grad()
        loss = loss_function(model(features), targets)
        loss.backward()
        optimizer.step()


@torch.no_grad()
def evaluate(
    model: nn.Module, loss_function: nn.Module, split: ReviewDataset, *, drop_last: bool = True
) -> dict[str, float]:
    """Return the mean loss and the accuracy."""
    model.eval()
    rows, loss, correct = 0, 0.0, 0
    for features, targets in batches(split, drop_last=drop_last):
        logits = model(features)
        rows += len(targets)
        loss += float(loss_function(logits, targets)) * len(targets)
        correct += int(((logits > 0) == (targets > 0.5)).sum())
    return {"loss": loss / rows, "accuracy": correct / rows}


def fit(model: nn.Module, loss_function: nn.Module, train: ReviewDataset, val: ReviewDataset) -> dict[str, Any]:
    """Train until the validation loss has not improved for `PATIENCE` epochs; restore the best weights."""
    optimizer = Adam(model.parameters(), lr=0.001)
    scheduler = ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=1)
    best_loss, best_epoch, best_weights = float("inf"), 0, model.state_dict()
    seconds: list[float] = []
    for epoch in range(1, EPOCHS + 1):
        started = time.perf_counter()
        train_epoch(model, loss_function, optimizer, train)
        seconds.append(time.perf_counter() - started)
        val_loss = evaluate(model, loss_function, val)["loss"]
        scheduler.step(val_loss)
        if val_loss < best_loss:
            best_loss, best_epoch, best_weights = val_loss, epoch, copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= PATIENCE:
            break
    model.load_state_dict(best_weights)
    return {"epochs": len(seconds), "best_epoch": best_epoch, "seconds_per_epoch": statistics.median(seconds)}


def run(path: Path, seed: int) -> dict[str, Any]:
    """Read, train and test; return the results. The test uses every row, so that peers are comparable."""
    torch.manual_seed(seed)
    started = time.perf_counter()
    reviews = read_reviews(path)
    vocabulary, labels = word_indices(reviews["train"]), label_indices(reviews["train"])
    split = {name: ReviewDataset(rows, vocabulary, labels) for name, rows in reviews.items()}
    read = time.perf_counter()
    model, loss_function = Perceptron(len(vocabulary)), nn.BCEWithLogitsLoss()
    training = fit(model, loss_function, split["train"], split["val"])
    test = evaluate(model, loss_function, split["test"], drop_last=False)
    done = time.perf_counter()
    seconds = {
        "import": IMPORTED - STARTED,
        "read": read - started,
        "fit": done - read,
        "total": done - STARTED,
    }
    return {**training, "seconds": seconds, "features": len(vocabulary), "test": test}


def main() -> None:
    """Run the method on a file and print the results."""
    parser = argparse.ArgumentParser(description="The textbook's Yelp classifier, timed.")
    parser.add_argument("file", type=Path, help="a CSV file with the columns rating, review, split")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args()
    results = run(options.file, options.seed)
    print(json.dumps(results) if options.json else "\n".join(f"{name:18} {value}" for name, value in results.items()))


if __name__ == "__main__":
    main()
