"""A run, start to end: `prepare` reads and encodes, `fit` trains, tests and writes; `train` is both."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import polars as pl
from attrs import evolve, frozen

from zoo_core import assembly, runs, splits
from zoo_core.blame import broken, faults_of
from zoo_core.clock import Clock
from zoo_core.errors import DataError, RecipeError
from zoo_core.examples import Examples
from zoo_core.labels import classes_of, targets
from zoo_core.protocols import Encoder
from zoo_core.recipe import Plan, Recipe, load_recipe, to_toml
from zoo_core.registry import Registry
from zoo_core.soft import targets as soft_targets
from zoo_core.sources import Data, files_of
from zoo_core.table import Table, read_table
from zoo_core.text import pieces
from zoo_core.tokens import Tokens, tokenised
from zoo_core.unfinished import Begun, occupied

if TYPE_CHECKING:
    from zoo_core.features import Encoded
    from zoo_core.inference import Run

SAMPLE_ROWS = 4000
SAMPLE_SEED = 1337


@frozen(eq=False)
class Prepared:
    """Encoded splits and what they were made from. `fit` may be called on it many times, by recipes that differ in
    anything but task, vectorizer and split.

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
    data: Data | None = None,
    *,
    run: str | Path | None = None,
    reader: str = "",
) -> Run:
    """Read, train, test, write. `data`: a file, a pattern, a folder, several of them; None is the task's sample.

    `run` is the folder to write; None takes the next free `runs/NAME-N`.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    with faults_of(recipe.zoo.registry):
        plan = assembly.check(recipe)
        with runs.claimed(run, recipe.name) as folder, occupied(folder) as desk:
            files = None if data is None else files_of(data)
            if "-" not in (files or ()):  # what came through a pipe is gone
                told = to_toml(plan, recipe.zoo.registry)
                Begun(recipe.name, told, files, reader, str(Path.cwd())).write(desk)
            return finish(recipe, prepared_from(recipe, data, reader), folder, desk)


def prepare(recipe: Recipe, data: Data | None = None, *, reader: str = "") -> Prepared:
    """Read, normalise, split, fit the vectorizer on the training split, encode every split."""
    with faults_of(recipe.zoo.registry):
        return prepared_from(recipe, data, reader)


def prepared_from(recipe: Recipe, data: Data | None, reader: str) -> Prepared:
    plan = assembly.check(recipe)
    if plan.training.device == "cuda":
        from zoo_core.fitting import device_of

        device_of(plan)
    clock = Clock()
    warm_up()
    table = read_data(recipe, plan, data, reader=reader)
    examples = read_examples(recipe, plan, table)
    shares = {"train": plan.split.train, "val": plan.split.val, "test": plan.split.test}
    try:
        rows = splits.split(examples.labels, examples.splits, shares, plan.split.seed)
    except DataError as error:
        raise DataError(*(evolve(problem, where=table.source) for problem in error.problems)) from None
    classes = classes_of(examples, rows, table.source)
    plan = assembly.check(recipe, num_classes=len(classes))
    report = {**reported(table, examples, rows), "reader": reader}
    clock.lap("read")
    texts, labels, source = pieces(examples.texts), examples.labels, table.source
    soft = examples.probabilities
    del table, examples  # or every text would stand in memory until all are cut
    tokens = tokens_of(recipe.zoo.registry, plan, texts)
    clock.lap("normalise")
    importlib.import_module("torch")  # what is left to wait for
    clock.lap("import")
    parts = {name: tokens.take(at) for name, at in rows.items()}
    del tokens
    encoder, encoded = encode(recipe, plan, parts.pop, labels, rows, classes, source, soft)
    clock.lap("encode")
    return Prepared(plan, classes, encoder, encoded, report, clock.laps)


def read_data(recipe: Recipe, plan: Plan, data: Data | None, *, reader: str = "") -> Table:
    """The table in a file, or the task's sample where no file is given."""
    if data is not None:
        return read_table(data, recipe.zoo.registry, reader=reader)
    if reader:
        raise RecipeError("a reader is for a file", hint="name one with --data FILE")
    if not plan.task.has_sample:
        raise RecipeError(f'task "{plan.task.name}" brings no sample data', hint="name a file with --data FILE")
    return Table(plan.task.sample(rows=SAMPLE_ROWS, seed=SAMPLE_SEED), "the synthetic sample", origin="sample")


def _column(value: object, dtype: Any, length: int) -> bool:
    sound = isinstance(value, pl.Series) and value.dtype == dtype and len(value) == length
    return sound and not cast(pl.Series, value).null_count()


def read_examples(recipe: Recipe, plan: Plan, table: Table) -> Examples:
    """What the task reads from a table; PluginError where it lost count of the rows."""
    found = plan.task.read(table)
    if not isinstance(found, Examples):
        raise broken(recipe.zoo.registry, plan.task, f"read() gave {type(found).__name__}, not Examples")
    columns = (found.texts, found.labels, found.splits, found.probabilities)
    lengths = {len(column) for column in columns if column is not None}
    if lengths != {table.frame.height - sum(found.dropped.values())}:
        raise broken(recipe.zoo.registry, plan.task, "rows read are not rows used and rows dropped")
    return found


def tokens_of(registry: Registry, plan: Plan, texts: pl.Series | list[pl.Series]) -> Tokens:
    """Texts made plain by the task and cut by the vectorizer; PluginError where one of them loses a text."""

    def cut(piece: pl.Series) -> pl.Series:
        plain = plan.task.normalise(piece)
        if not _column(plain, pl.String, len(piece)):
            raise broken(registry, plan.task, "normalise() did not give a string for each text")
        lists = plan.vectorizer.cut(plain)
        if not _column(lists, pl.List(pl.String), len(piece)):
            raise broken(registry, plan.vectorizer, "cut() did not give a list of strings for each text")
        return lists

    return tokenised(texts, cut)


def encode(
    recipe: Recipe,
    plan: Plan,
    tokens: Callable[[str], Tokens],
    labels: pl.Series,
    rows: Mapping[str, Any],
    classes: tuple[str, ...],
    source: str,
    soft: pl.DataFrame | None = None,
) -> tuple[Encoder, dict[str, Encoded]]:
    """Fit on the training split alone, transform each split. `soft` holds probabilities to be learned, not labels.

    `tokens` gives those of a split by its name, and is asked once for each, so that it may let them go.
    """
    from zoo_core.features import Encoded
    from zoo_core.rehearsal import check_encoder, check_features
    from zoo_core.threads import threads

    registry = recipe.zoo.registry
    indices = {name: targets(labels.gather(at.astype(np.uint32)), classes) for name, at in rows.items()}
    with threads(plan.training.threads):
        encoder, train = check_encoder(registry, plan, _fitted(plan, tokens("train"), indices["train"]))
        if encoder.num_features < 1:
            hint = "its cutoffs may be too high for these texts"
            raise DataError("the vectorizer found no features in the training split", where=source, hint=hint)
        made = {"train": train, **{name: encoder.transform(tokens(name)) for name in rows if name != "train"}}
    for name, features in made.items():
        check_features(registry, plan, encoder, features, len(rows[name]))
    if soft is not None:
        whole = soft_targets(soft, classes, source)
        indices = {name: whole[at] for name, at in rows.items()}
    return encoder, {name: Encoded(made[name], indices[name]) for name in rows}


def _fitted(plan: Plan, tokens: Tokens, labels: Any) -> Any:
    """What `fit_transform` gives, None where `fit` gave nothing that could transform."""
    try:
        return plan.vectorizer.fit_transform(tokens, labels)
    except AttributeError as error:
        if error.obj is None and error.name == "transform":
            return None
        raise


def reported(table: Table, examples: Examples, rows: Mapping[str, Any]) -> dict[str, Any]:
    """What was read, and how its rows are split."""
    return {
        "source": table.source,
        "files": table.files(),
        "origin": table.origin,
        "sha256": table.sha256,
        "read": table.frame.height,
        "dropped": dict(examples.dropped),
        "rows": {name: len(at) for name, at in rows.items()},
        "leaked": splits.leakage(examples.texts, rows),
    }


def fit(recipe: Recipe, prepared: Prepared, *, run: str | Path | None = None) -> Run:
    """Train on prepared splits, test once with the best weights, write the run folder.

    RecipeError where the recipe's task, vectorizer or split are not those the splits were prepared with.
    """
    with faults_of(recipe.zoo.registry), runs.claimed(run, recipe.name) as folder, occupied(folder):
        return finish(recipe, prepared, folder, None)


def finish(recipe: Recipe, prepared: Prepared, folder: Path, desk: Path | None) -> Run:
    from zoo_core.fitting import train_and_write

    plan = assembly.check(recipe, num_classes=len(prepared.classes))
    for slot in ("task", "vectorizer", "split"):
        if getattr(plan, slot) != getattr(prepared.plan, slot):
            raise RecipeError(f"the data was prepared with another {slot}", hint="prepare it with this recipe")
    return train_and_write(recipe.zoo, recipe.name, plan, prepared, folder, desk)
