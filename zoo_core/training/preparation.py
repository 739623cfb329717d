"""Preparation."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen

from zoo_core.components.protocols import Encoder
from zoo_core.data import splits
from zoo_core.data.files.sources import Data
from zoo_core.data.loading import data_report, load_data
from zoo_core.data.targets import class_indices, class_probabilities, training_classes
from zoo_core.errors import DataError
from zoo_core.features.tokens import Tokens
from zoo_core.memory import release_free_memory
from zoo_core.recipes import compatibility
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.timing import Stopwatch

if TYPE_CHECKING:
    from torch import Tensor

    from zoo_core.components.examples import Examples
    from zoo_core.features.batches import EncodedSplit


@frozen(eq=False)
class PreparedData:
    """Encoded splits and what they were made from. `fit` may be called on it many times, by recipes that differ in
    anything but task, vectorizer and split.

    `report` says what was read: source, sha256, rows by split, read, dropped, leaked.
    """

    plan: Plan
    classes: tuple[str, ...]
    encoder: Encoder
    splits: Mapping[str, EncodedSplit]
    report: Mapping[str, Any]
    seconds: Mapping[str, float]


def preload_torch() -> None:
    """Begin to import torch beside the reading of the data, which spends its time outside the interpreter."""
    threading.Thread(target=__import__, args=("torch",), daemon=True).start()


def prepare_data(recipe: Recipe, data: Data | None, reader: str) -> PreparedData:
    plan = compatibility.check(recipe)
    if plan.training.device == "cuda":
        from zoo_core.training.preflight import resolve_device

        resolve_device(plan)
    clock = Stopwatch()
    preload_torch()
    found = load_data(recipe, plan, data, reader, clock)
    examples, tokens, source = found.examples, found.tokens, found.summary["source"]
    shares = {"train": plan.split.train, "val": plan.split.val, "test": plan.split.test}
    try:
        rows = splits.split_rows(examples.labels, examples.splits, shares, plan.split.seed)
    except DataError as error:
        raise DataError(*(evolve(problem, where=source) for problem in error.problems)) from None
    classes = training_classes(examples.labels, examples.probabilities, rows, source)
    plan = compatibility.check(recipe, num_classes=len(classes))
    report = data_report(found.summary, examples.dropped, found.hashes, rows, reader)
    clock.lap("read")
    importlib.import_module("torch")  # what is left to wait for
    clock.lap("import")
    wanted = build_targets(examples, rows, classes, source)
    parts = tokens.partition(rows)
    del found, examples, tokens, rows
    release_free_memory()  # of all that was read little is left, and of all that is made on the way to features
    encoder, encoded = encode_splits(recipe, plan, parts.pop, wanted, source)
    release_free_memory()
    clock.lap("encode")
    return PreparedData(plan, classes, encoder, encoded, report, clock.laps)


@frozen(eq=False)
class SplitTargets:
    """Of each split the class indices `(rows,)`, and what is learned: these, or probabilities `(rows, classes)`."""

    indices: Mapping[str, Tensor]
    loss_targets: Mapping[str, Tensor]


def build_targets(examples: Examples, rows: Mapping[str, Any], classes: tuple[str, ...], source: str) -> SplitTargets:
    """The targets of each split's rows."""
    labels, soft = examples.labels, examples.probabilities
    indices = {name: class_indices(labels.gather(at.astype(np.uint32)), classes) for name, at in rows.items()}
    if soft is None:
        return SplitTargets(indices, indices)
    whole = class_probabilities(soft, classes, source)
    return SplitTargets(indices, {name: whole[at] for name, at in rows.items()})


def encode_splits(
    recipe: Recipe,
    plan: Plan,
    tokens: Callable[[str], Tokens],
    wanted: SplitTargets,
    source: str,
) -> tuple[Encoder, dict[str, EncodedSplit]]:
    """Fit on the training split alone, transform each split.

    `tokens` gives those of a split by its name, and is asked once for each, so that it may let them go.
    """
    from zoo_core.features.batches import EncodedSplit
    from zoo_core.parallel import torch_threads
    from zoo_core.training.preflight import check_encoder, check_features

    registry = recipe.zoo.registry
    with torch_threads(plan.training.threads):
        encoder, train = check_encoder(registry, plan, _fitted(plan, tokens("train"), wanted.indices["train"]))
        if encoder.num_features < 1:
            hint = "its cutoffs may be too high for these texts"
            raise DataError("the vectorizer found no features in the training split", where=source, hint=hint)
        made = {"train": train}
        made.update({name: encoder.transform(tokens(name)) for name in wanted.loss_targets if name != "train"})
    for name, features in made.items():
        check_features(registry, plan, encoder, features, len(wanted.indices[name]))
    return encoder, {name: EncodedSplit(made[name], learned) for name, learned in wanted.loss_targets.items()}


def _fitted(plan: Plan, tokens: Tokens, labels: Any) -> Any:
    """What `fit_transform` gives, None where `fit` gave nothing that could transform."""
    try:
        return plan.vectorizer.fit_transform(tokens, labels)
    except AttributeError as error:
        if error.obj is None and error.name == "transform":
            return None
        raise
