"""Preparation of data: read, split, tokenize, fit the encoder on the training split, encode every split."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from attrs import field, frozen
from numpy.typing import NDArray

from zoo_core.components.contracts import Vectorizer
from zoo_core.components.encoding.tokenized_encoder import final_tokens, fit_tokenizer
from zoo_core.components.protocols import Encoder
from zoo_core.data.files.sources import Data
from zoo_core.data.loading import data_report, find_data, load_data, locate_example, normalize_texts
from zoo_core.data.settings.files import require_files
from zoo_core.data.splits import find_leaked
from zoo_core.data.splitting.rows import RowSplitter
from zoo_core.data.targets import class_probabilities, label_targets, training_classes
from zoo_core.errors import ZooError
from zoo_core.features.cut_texts import CutTexts
from zoo_core.features.tokens import Tokens
from zoo_core.memory import release_free_memory
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.compatibility import check_plan
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.timing import Stopwatch
from zoo_core.training.torch_import import start_torch_import, wait_for_torch

if TYPE_CHECKING:
    from torch import Tensor

    from zoo_core.components.examples import Examples
    from zoo_core.features.batches import EncodedSplit

TokenSource = Callable[[str], Tokens]  # the tokens of a split, by its name


@frozen(eq=False)
class PreparedData:
    """Encoded splits with their encoder. `fit` takes them for any recipe with the same task, vectorizer and split.

    `report` describes the data: source, sha256, rows of each split, read, dropped, leaked. `train_texts` are the
    normalized texts of the training split `(rows,)`, None unless the plan's augmenter changes them. `leaked` says which
    rows of each later split `(rows,)` have a text that an earlier split has, too.
    """

    plan: Plan
    classes: tuple[str, ...]
    encoder: Encoder
    splits: Mapping[str, EncodedSplit]
    report: Mapping[str, Any]
    seconds: Mapping[str, float]
    train_texts: pl.Series | None = None
    leaked: Mapping[str, Tensor] = field(factory=dict)


@frozen(eq=False)
class SplitTargets:
    """The targets of each split by name.

    `indices` are class indices `(rows,)`, of label sets a matrix `(rows, classes)` float32 of 0 and 1; `loss_targets`
    are the same, or probabilities `(rows, classes)`.
    """

    indices: Mapping[str, Tensor]
    loss_targets: Mapping[str, Tensor]


def prepare_data(recipe: Recipe, data: Data | None) -> PreparedData:
    """Read and encode data for a recipe. Memory that is no longer needed is released as early as possible."""
    plan = recipe.plan()
    check_plan(recipe, plan)
    require_files(plan)
    if plan.training.device == "cuda":
        from zoo_core.training.preflight import resolve_device

        resolve_device(plan)
    stopwatch = Stopwatch()
    start_torch_import()
    data = find_data(data, plan.task, plan.reader, plan.splitter)
    loaded = load_data(recipe, plan, data, stopwatch)
    examples, tokens, source = loaded.examples, loaded.tokens, loaded.summary["source"]
    numbers = examples.row_numbers

    def locate(row: int) -> str:
        return locate_example(recipe, plan, data, row if numbers is None else int(numbers[row]))

    split = RowSplitter(recipe.zoo.registry, plan, source, locate).split(examples, loaded.columns)
    rows = split.rows
    classes = training_classes(examples.labels, examples.probabilities, rows, source, locate)
    check_plan(recipe, plan, classes=classes)
    leaked = find_leaked(loaded.hashes, rows)
    report = data_report(loaded.summary, plan.task, examples, leaked, split, plan.reader)
    stopwatch.lap("read")
    wait_for_torch()
    stopwatch.lap("import")
    targets = build_targets(examples, rows, classes, source)
    train_texts = select_training_texts(recipe.zoo.registry, plan, loaded.texts, rows)
    tokens_by_split = tokens.partition(rows)
    del loaded, examples, tokens
    release_free_memory()  # of all that was read and made so far, little is left
    hand_over = tokens_by_split.pop  # no reference stays here, so that encode_splits releases each split's tokens
    encoder, encoded = encode_splits(
        recipe.zoo.registry, plan, hand_over, targets, source, lambda name, row: locate(int(rows[name][row]))
    )
    release_free_memory()
    stopwatch.lap("encode")
    return PreparedData(plan, classes, encoder, encoded, report, stopwatch.laps, train_texts, to_masks(leaked))


def to_masks(leaked: Mapping[str, NDArray[np.bool_]]) -> dict[str, Tensor]:
    """The rows that `find_leaked` found, as tensors `(rows,)`."""
    import torch

    return {name: torch.from_numpy(rows.copy()) for name, rows in leaked.items()}


def select_training_texts(
    registry: Registry, plan: Plan, texts: pl.Series | None, rows: Mapping[str, Any]
) -> pl.Series | None:
    """The normalized texts of the training split, of all texts, for an augmenter; None if it changes nothing."""
    if texts is None or not plan.augmenter.changes_texts:
        return None
    return normalize_texts(registry, plan, texts.gather(rows["train"].astype(np.uint32)))


def build_targets(examples: Examples, rows: Mapping[str, Any], classes: tuple[str, ...], source: str) -> SplitTargets:
    """Build the targets of each split's rows."""
    labels, probabilities = examples.labels, examples.probabilities
    indices = {
        name: label_targets(labels.gather(split_rows.astype(np.uint32)), classes) for name, split_rows in rows.items()
    }
    if probabilities is None:
        return SplitTargets(indices, indices)
    targets = class_probabilities(probabilities, classes, source)
    return SplitTargets(indices, {name: targets[split_rows] for name, split_rows in rows.items()})


def encode_splits(
    registry: Registry,
    plan: Plan,
    tokens_of: TokenSource,
    targets: SplitTargets,
    source: str,
    locate: Callable[[str, int], str],
) -> tuple[Encoder, dict[str, EncodedSplit]]:
    """Fit the encoder on the training split alone and transform every split.

    Asks `tokens_of` once for each split and holds no reference to tokens that are encoded, so that it may release them.
    `locate` gives the place of a row of a split, for messages.
    """
    from zoo_core.features.batches import EncodedSplit
    from zoo_core.torch_threads import torch_threads
    from zoo_core.training.encoder_checks import check_features
    from zoo_core.training.learnable_texts import WordCheck, check_features_differ

    with torch_threads(plan.training.threads):
        words = WordCheck(plan, source)
        with _located_errors("train", locate):
            encoder, train = _fit_transform(registry, plan, words.check("train", tokens_of("train")), targets)
        features: dict[str, tuple[object, CutTexts]] = {"train": train}
        for name in targets.loss_targets:
            if name != "train":
                with _located_errors(name, locate):
                    features[name] = _transform(registry, plan, encoder, words.check(name, tokens_of(name)))
        words.warn_of_empty_texts()
    checked = {
        name: EncodedSplit(
            check_features(registry, plan, encoder, features[name][0], len(targets.indices[name])),
            loss_targets,
            features[name][1],
        )
        for name, loss_targets in targets.loss_targets.items()
    }
    check_features_differ(checked["train"].features, source)
    return encoder, checked


@contextmanager
def _located_errors(split: str, locate: Callable[[str, int], str]) -> Iterator[None]:
    """Give errors of single rows of a split their place in the data."""
    try:
        yield
    except ZooError as error:
        raise error.at_rows(lambda row: locate(split, row)) from None


def _fit_transform(
    registry: Registry, plan: Plan, tokens: Tokens, targets: SplitTargets
) -> tuple[Encoder, tuple[object, CutTexts]]:
    """Fit the encoder and transform the training split, in one call if the vectorizer has its own for both."""
    from zoo_core.training.encoder_checks import check_encoder, check_fitted_pair, count_cut

    vectorizer, labels = plan.vectorizer, targets.indices["train"]
    split = fit_tokenizer(vectorizer, tokens)
    if type(vectorizer).fit_transform is not Vectorizer.fit_transform:
        encoder, features = check_fitted_pair(registry, plan, vectorizer.fit_transform(split.tokens, labels))
        return split.join(encoder), (features, count_cut(registry, plan, encoder, split.tokens))
    encoder = check_encoder(registry, plan, vectorizer.fit(split.tokens, labels))
    return split.join(encoder), _transform(registry, plan, encoder, split.tokens)


def _transform(registry: Registry, plan: Plan, encoder: Encoder, tokens: Tokens) -> tuple[object, CutTexts]:
    """The features of a split, and how many of its texts are cut."""
    from zoo_core.training.encoder_checks import count_cut

    encoder, tokens = final_tokens(encoder, tokens)  # texts are split once for both
    return encoder.transform(tokens), count_cut(registry, plan, encoder, tokens)
