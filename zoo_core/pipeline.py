"""A run, start to end: `prepare` reads and encodes, `fit` trains, tests and writes; `train` is both."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from attrs import frozen

from zoo_core import assembly, runs, splits
from zoo_core.contracts import Encoder
from zoo_core.errors import DataError, RecipeError, listing, nearest
from zoo_core.recipe import Plan, Recipe, load_recipe
from zoo_core.table import Examples, Table, read_table
from zoo_core.tokens import Tokens, tokenised

if TYPE_CHECKING:
    from zoo_core.features import Encoded
    from zoo_core.inference import Run

SAMPLE_ROWS = 4000
SAMPLE_SEED = 1337


@frozen(eq=False)
class Prepared:
    """Encoded splits and what they were made from. `fit` may be called on it many times.

    `report` says what was read: source, sha256, rows by split, read, dropped, leaked.
    """

    plan: Plan
    classes: tuple[str, ...]
    encoder: Encoder
    splits: Mapping[str, Encoded]
    report: Mapping[str, Any]
    seconds: Mapping[str, float]


def warm_up() -> None:
    """Begin to import torch beside the reading of the data, which spends its time outside the interpreter."""
    threading.Thread(target=__import__, args=("torch",), daemon=True).start()


def train(
    recipe: Recipe | str | Path,
    data: str | Path | None = None,
    *,
    run: str | Path | None = None,
    reader: str = "",
) -> Run:
    """Read, train, test, write. `data` is a file of texts; None is the task's own sample.

    `run` is the folder to write; None takes the next free `runs/NAME-N`.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    assembly.check(recipe)
    return fit(recipe, prepare(recipe, data, reader=reader), run=run)


def prepare(recipe: Recipe, data: str | Path | None = None, *, reader: str = "") -> Prepared:
    """Read, normalise, split, fit the vectorizer on the training split, encode every split."""
    plan = assembly.check(recipe)
    began = time.perf_counter()
    warm_up()
    table = read_data(recipe, plan, data, reader=reader)
    examples = plan.task.read(table)
    shares = {"train": plan.split.train, "val": plan.split.val, "test": plan.split.test}
    rows = splits.split(examples.labels, examples.splits, shares, plan.training.seed)
    classes = classes_of(examples, rows, table.source)
    plan = assembly.check(recipe, num_classes=len(classes))
    report = {**_report(table, examples, rows), "reader": reader}
    read = time.perf_counter()
    encoder, encoded = encode(plan, examples.texts, examples.labels, rows, classes, table.source)
    done = time.perf_counter()
    return Prepared(plan, classes, encoder, encoded, report, {"read": read - began, "encode": done - read})


def read_data(recipe: Recipe, plan: Plan, data: str | Path | None, *, reader: str = "") -> Table:
    """The table in a file, or the task's sample where no file is given."""
    if data is not None:
        return read_table(data, recipe.zoo.registry, reader=reader)
    if not plan.task.has_sample:
        raise RecipeError(f'task "{plan.task.name}" brings no sample data', hint="name a file with --data FILE")
    return Table(plan.task.sample(rows=SAMPLE_ROWS, seed=SAMPLE_SEED), "the synthetic sample")


def classes_of(examples: Examples, rows: Mapping[str, Any], source: str) -> tuple[str, ...]:
    """The classes of the training split, sorted (as numbers where all are whole numbers)."""
    labels = examples.labels
    own = labels.gather(rows["train"].astype(np.uint32)).unique().to_list()
    classes = tuple(sorted(own, key=class_order(own)))
    if len(classes) < 2:
        raise DataError(f'the training split holds one class only: "{classes[0]}"', where=source)
    for name in splits.NAMES:
        check_labels(labels.gather(rows[name].astype(np.uint32)), classes, f"{source} ({name})")
    return classes


def class_order(labels: list[str]) -> Any:
    """The key that sorts class names: as numbers where all of them are whole numbers."""
    whole = all(label.lstrip("-").isdecimal() and label.isascii() for label in labels)
    return (lambda label: (int(label), label)) if whole else str


def check_labels(labels: pl.Series, classes: tuple[str, ...], source: str) -> None:
    """DataError for a label that was not seen in training."""
    strange = sorted(set(labels.unique().to_list()) - set(classes))
    if strange:
        count = int(labels.is_in(strange).sum())
        raise DataError(
            f'the label "{strange[0]}" was not seen in training ({count} rows of unseen labels)',
            where=source,
            hint=f"{nearest(strange[0], classes)} Classes: {listing(classes)}",
        )


def targets(labels: pl.Series, classes: tuple[str, ...]) -> Any:
    """Class indices `(rows,)` int64 of labels that are all known."""
    import torch

    codes = labels.cast(pl.Enum(list(classes))).to_physical().to_numpy().astype(np.int64)
    return torch.from_numpy(codes)


def tokens_of(plan: Plan, texts: pl.Series) -> Tokens:
    """Texts made plain by the task and cut by the vectorizer."""
    return tokenised(texts, lambda piece: plan.vectorizer.cut(plan.task.normalise(piece)))


def encode(
    plan: Plan,
    texts: pl.Series,
    labels: pl.Series,
    rows: Mapping[str, Any],
    classes: tuple[str, ...],
    source: str,
) -> tuple[Encoder, dict[str, Encoded]]:
    """Normalise and cut all, fit on the training split alone, transform each split."""
    tokens = tokens_of(plan, texts)
    indices = {name: targets(labels.gather(at.astype(np.uint32)), classes) for name, at in rows.items()}
    encoder, train = plan.vectorizer.fit_transform(tokens.take(rows["train"]), indices["train"])
    if encoder.num_features < 1:
        raise DataError("the vectorizer found no features in the training split", where=source)
    from zoo_core.features import Encoded

    made = {"train": train}
    made.update({name: encoder.transform(tokens.take(at)) for name, at in rows.items() if name not in made})
    return encoder, {name: Encoded(made[name], indices[name]) for name in rows}


def _report(table: Table, examples: Examples, rows: Mapping[str, Any]) -> dict[str, Any]:
    used = sum(len(at) for at in rows.values())
    dropped = dict(examples.dropped)
    assert table.frame.height == used + sum(dropped.values())
    return {
        "source": table.source,
        "sha256": table.sha256,
        "read": table.frame.height,
        "dropped": dropped,
        "rows": {name: len(at) for name, at in rows.items()},
        "leaked": splits.leakage(examples.texts, rows),
    }


def fit(recipe: Recipe, prepared: Prepared, *, run: str | Path | None = None) -> Run:
    """Train on prepared splits, test once with the best weights, write the run folder."""
    from zoo_core.fitting import train_and_write

    folder = runs.new_folder(run, recipe.name)
    try:
        return train_and_write(recipe, prepared, folder)
    except BaseException:
        if not any(folder.iterdir()):
            folder.rmdir()
        raise
