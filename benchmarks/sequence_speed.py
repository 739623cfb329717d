"""A sequence model of the zoo beside the same model trained in the book's way, and by skorch if it is installed.

    python -m benchmarks.sequence_speed FILE [--model gru] [--epochs 2] [--threads 2] [--set KEY=VALUE]…

FILE is a CSV file with the columns rating, review and split. All of them train the module that the zoo builds, on the
same vocabulary, in batches of one size, with Adam and as many threads; they differ in how batches are made. In the
book's way (Rao & McMahan, section 5.3) a Dataset looks up the tokens of one text at a time, and pads it to the longest
text of the data set; skorch gets the padded matrix of all texts. Prints the seconds of an epoch with its validation,
the share of places that are padding, the accuracy on test, and the seconds from file to test, imports left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from attrs import asdict, frozen
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

import zoo_core
from benchmarks.textbook_method import Split, label_indices, read_reviews
from zoo_core.features.layouts import Sequence
from zoo_core.recipes.recipe import Recipe

BATCH_SIZE, LEARNING_RATE, MIN_COUNT = 64, 0.001, 2
SETTINGS = ["vectorizer=token-ids", f"vectorizer.min_count={MIN_COUNT}", "scheduler=none", "calibrator=none"]
TRAINING = [
    f"training.batch_size={BATCH_SIZE}",
    f"optimizer.lr={LEARNING_RATE}",
    "training.patience=0",
    "loss=cross-entropy",
]
Item = tuple[np.ndarray, int, int]  # ids, the number of tokens, target


@frozen
class Result:
    """What a way of training took: the seconds of each epoch and in all; the share of padding; the accuracy."""

    epochs: list[float]
    total: float
    padding: float
    accuracy: float


def train_zoo(recipe: Recipe, path: Path) -> Result:
    """Train with the zoo."""
    started = time.perf_counter()
    prepared = zoo_core.prepare(recipe, path)
    ends = [time.perf_counter()]
    with tempfile.TemporaryDirectory() as folder:
        run = zoo_core.fit(
            recipe, prepared, run=Path(folder) / "run", on_epoch=lambda *_: ends.append(time.perf_counter())
        )
    total, split = time.perf_counter() - started, prepared.splits["train"]
    generator = torch.Generator().manual_seed(1)
    order = torch.randperm(len(split), generator=generator)
    batches = split.batches(batch_size=BATCH_SIZE, order=order, generator=generator)
    padded = [cast(Sequence, batch.features).each_window().padded() for batch in batches]
    padding = 1 - sum(int(lengths.sum()) for _, lengths in padded) / sum(ids.numel() for ids, _ in padded)
    return Result(np.diff(ends).tolist(), total, padding, run.summary["metrics"]["test"]["accuracy"])


class IndexDataset(Dataset[Item]):
    """The texts of a split; the indices of one are made each time it is asked for, padded to `longest`."""

    def __init__(self, reviews: Split, indices: dict[str, int], labels: dict[str, int], longest: int) -> None:
        self.reviews, self.indices, self.labels, self.longest = reviews, indices, labels, longest

    def __len__(self) -> int:
        return len(self.reviews)

    def __getitem__(self, row: int) -> Item:
        text, rating = self.reviews[row]
        found = [self.indices.get(word, 1) for word in text.split(" ") if word][: self.longest]
        padded = np.zeros(self.longest, dtype=np.int64)
        padded[: len(found)] = found
        return padded, max(len(found), 1), self.labels[rating]


class PaddedModel(nn.Module):
    """A module of the zoo for matrices of ids that are padded already."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return cast(Tensor, self.module.score(self.module.embedding(ids), lengths))


def book_datasets(path: Path, max_length: int) -> tuple[dict[str, IndexDataset], int]:
    """The datasets of the splits, and the size of the vocabulary."""
    reviews = read_reviews(path)
    counts = Counter(word for text, _ in reviews["train"] for word in text.split(" ") if word)
    known = [word for word, count in counts.items() if count >= MIN_COUNT]
    indices, labels = {word: at + 2 for at, word in enumerate(known)}, label_indices(reviews["train"])
    longest = max(len([word for word in text.split(" ") if word]) for split in reviews.values() for text, _ in split)
    longest = min(longest, max_length)
    return {name: IndexDataset(split, indices, labels, longest) for name, split in reviews.items()}, len(known) + 2


def train_book(build: Callable[[int], nn.Module], path: Path, epochs: int, max_length: int) -> Result:
    """Train in the book's way; the weights of the last epoch are tested."""
    started = time.perf_counter()
    datasets, width = book_datasets(path, max_length)
    torch.manual_seed(1)
    model = PaddedModel(build(width))
    optimizer, seconds, tokens = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE), [], 0
    for _ in range(epochs):
        begun = time.perf_counter()
        model.train()
        tokens = 0
        for ids, lengths, targets in DataLoader(datasets["train"], batch_size=BATCH_SIZE, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            functional.cross_entropy(model(ids, lengths), targets).backward()
            optimizer.step()
            tokens += int(lengths.sum())
        accuracy_of(model, datasets["val"])
        seconds.append(time.perf_counter() - begun)
    accuracy = accuracy_of(model, datasets["test"])
    places = len(datasets["train"]) // BATCH_SIZE * BATCH_SIZE * datasets["train"].longest
    return Result(seconds, time.perf_counter() - started, 1 - tokens / places, accuracy)


@torch.no_grad()
def accuracy_of(model: nn.Module, dataset: IndexDataset) -> float:
    """The share of correct classes."""
    model.eval()
    loader = DataLoader(dataset, batch_size=BATCH_SIZE)
    correct = [int((model(ids, lengths).argmax(dim=1) == targets).sum()) for ids, lengths, targets in loader]
    return sum(correct) / len(dataset)


def train_skorch(build: Callable[[int], nn.Module], path: Path, epochs: int, max_length: int) -> Result:
    """Train with skorch, on the padded matrix of all texts."""
    from skorch import NeuralNetClassifier
    from skorch.dataset import Dataset as Given
    from skorch.helper import predefined_split

    started = time.perf_counter()
    datasets, width = book_datasets(path, max_length)
    arrays = {name: [np.stack(part) for part in zip(*split, strict=True)] for name, split in datasets.items()}
    inputs = {name: {"ids": ids, "lengths": lengths} for name, (ids, lengths, _) in arrays.items()}
    validation = predefined_split(Given(inputs["val"], arrays["val"][2]))
    options = {"lr": LEARNING_RATE, "batch_size": BATCH_SIZE, "max_epochs": epochs, "verbose": 0}
    torch.manual_seed(1)
    net = NeuralNetClassifier(
        PaddedModel(build(width)),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        iterator_train__shuffle=True,
        train_split=validation,
        **options,
    )
    net.fit(inputs["train"], arrays["train"][2])
    accuracy = float((net.predict(inputs["test"]) == arrays["test"][2]).mean())
    lengths = arrays["train"][1]
    padding = 1 - lengths.sum() / (len(lengths) * datasets["train"].longest)
    return Result(list(net.history[:, "dur"]), time.perf_counter() - started, float(padding), accuracy)


def measure(options: argparse.Namespace) -> dict[str, Result]:
    """The results by name, the zoo's first."""
    torch.set_num_threads(options.threads)
    training = [f"training.epochs={options.epochs}", f"training.threads={options.threads}"]
    changes = [*SETTINGS, f"vectorizer.max_length={options.max_length}", f"model={options.model}", *TRAINING, *training]
    recipe = zoo_core.load_recipe("yelp-mlp").with_assignments(*changes, *options.set)

    def build(width: int) -> nn.Module:
        return cast(nn.Module, zoo_core.call_build(recipe.plan().model, num_features=width, num_outputs=2))

    results = {"zoo": train_zoo(recipe, options.file)}
    ways = {"book": train_book, **({"skorch": train_skorch} if find_spec("skorch") else {})}
    for name, train in ways.items():
        limit = options.max_length if name == "book" and options.limit_book else 10**6
        results[name] = train(build, options.file, options.epochs, limit)
    return results


def main() -> None:
    """Measure and print the results."""
    parser = argparse.ArgumentParser(description="A sequence model of the zoo beside the book's way and skorch.")
    parser.add_argument("file", type=Path, help="a CSV file with the columns rating, review, split")
    parser.add_argument("--model", default="cnn", help="the model")
    parser.add_argument("--epochs", type=int, default=2, help="the epochs of each way")
    parser.add_argument("--threads", type=int, default=2, help="the threads of torch")
    parser.add_argument("--max-length", type=int, default=512, help="tokens that the zoo reads of a text")
    parser.add_argument("--limit-book", action="store_true", help="the book's way reads as few tokens of a text")
    parser.add_argument("--set", action="append", default=[], help="a change of the recipe of the zoo")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args()
    results = measure(options)
    if options.json:
        print(json.dumps({name: asdict(result) for name, result in results.items()}))
        return
    ours = statistics.median(results["zoo"].epochs)
    for name, result in results.items():
        epoch = statistics.median(result.epochs)
        times = f"{epoch:8.2f} s an epoch ({epoch / ours:5.2f} x){result.total:9.2f} s in all"
        print(f"{name:8}{times}  padding {result.padding:6.1%}  accuracy {result.accuracy:.4f}")


if __name__ == "__main__":
    main()
