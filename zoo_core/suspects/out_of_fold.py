"""Out-of-fold probabilities: each row is judged by a model that trained on neither the row nor a copy of its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data import loading
from zoo_core.data.folds import nested_folds
from zoo_core.data.splits import Rows, find_leaked
from zoo_core.data.splitting.rows import RowSplit
from zoo_core.data.targets import class_sort_key, training_classes
from zoo_core.errors import DataError, Terminated
from zoo_core.evaluation.evaluator import class_values, predict_scores
from zoo_core.features.tokens import Tokens
from zoo_core.filesystem.temporary import scratch_folder
from zoo_core.messages import pluralize
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.folder import claim_run_folder
from zoo_core.training import pipeline, preparation
from zoo_core.training.encoder_checks import check_features
from zoo_core.training.preparation import PreparedData

SHARES = {"train": 0.9, "val": 0.1}  # of the rows that a model is trained on
MODEL_VOTES = 2  # a model counts as much as the labels of two copies of a text


@frozen(eq=False)
class OutOfFold:
    """The probability of each class for each row `(rows, classes)`, by the model of its fold; NaN if none judged it."""

    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]

    def class_indices(self, labels: pl.Series) -> Rows:
        """The index of each label in `classes` `(rows,)`."""
        return labels.cast(pl.Enum(list(self.classes))).to_physical().to_numpy().astype(np.int64)

    def with_votes_of_copies(self, labels: pl.Series, keys: pl.Series) -> OutOfFold:
        """The same with the labels of the other copies of a text mixed into the probabilities of each copy.

        The more copies there are, the less the model counts. `keys` are equal for copies `(rows,)`.
        """
        _, text, counts = np.unique(keys.to_numpy(), return_inverse=True, return_counts=True)
        copies = np.flatnonzero(counts[text] > 1)
        texts, text = np.unique(text[copies], return_inverse=True)
        own = self.class_indices(labels)[copies]
        votes = np.zeros((len(texts), len(self.classes)))
        np.add.at(votes, (text, own), 1)
        others = votes[text]
        others[np.arange(len(copies)), own] -= 1
        mixed = self.probabilities.copy()
        mixed[copies] = MODEL_VOTES * mixed[copies] + others
        mixed[copies] /= MODEL_VOTES + others.sum(axis=1, keepdims=True)
        return OutOfFold(self.classes, mixed)


@frozen(eq=False)
class FoldRows:
    """The ascending rows of one fold: those that its model trains on, stops by, and judges."""

    train: Rows
    val: Rows
    judged: Rows


def make_text_folds(labels: pl.Series, keys: pl.Series, k: int, seed: int, source: str) -> list[FoldRows]:
    """Folds of rows in which all copies of a text lie together; `keys` are equal for copies `(rows,)`.

    A text counts as one row, with the rarest of its labels. The only text of a class is trained on in every fold and
    judged in none. Raises DataError for too few texts.
    """
    codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
    _, text = np.unique(keys.to_numpy(), return_inverse=True)
    order = np.lexsort((np.bincount(codes)[codes], text))  # of each text the row with the rarest label first
    first = order[np.unique(text[order], return_index=True)[1]]
    texts_of_class = np.bincount(codes[first])[codes[first]]
    num_judged = int((texts_of_class > 1).sum())
    if num_judged < k:
        texts = f"{pluralize(num_judged, 'different text')} of classes that have two or more"
        message = f"cannot judge labels in {k} folds: got {texts}, expected {k} or more"
        raise DataError(message, where=source, hint="use fewer folds, or add rows" if num_judged > 1 else "add rows")
    made = nested_folds(labels.gather(first.astype(np.uint32)), SHARES, k, seed)
    folds = []
    for fold in made:
        part_of_text = np.zeros(len(first), dtype=np.int8)  # 0 train, 1 val, 2 judged
        part_of_text[fold["val"]], part_of_text[fold["fold"]] = 1, 2
        part = part_of_text[text]
        part[(part == 1) & ~np.isin(codes, codes[part == 0])] = 0  # a class that training would not know
        folds.append(FoldRows(*(np.flatnonzero(part == number) for number in range(3))))
    return folds


@frozen(eq=False)
class FoldTraining:
    """Training of one model for each fold of some examples, on their tokens."""

    recipe: Recipe
    plan: Plan
    table: Table
    examples: Examples
    tokens: Tokens

    def judge(self, folds: Sequence[FoldRows], on_fold: Callable[[int], None]) -> OutOfFold:
        """Score the rows of each fold by a model of the others; calls `on_fold` with the number of each finished fold.

        A row whose class its model does not know stays without probabilities.
        """
        names = self.examples.labels.unique().to_list()
        classes = tuple(sorted(names, key=class_sort_key(names)))
        probabilities = np.full((len(self.examples.labels), len(classes)), np.nan)
        for number, fold in enumerate(folds, start=1):
            prepared = self._prepare(fold)
            values = self._score(prepared, fold, number)
            known = self.examples.labels.gather(fold.judged.astype(np.uint32)).is_in(list(prepared.classes)).to_numpy()
            rows = fold.judged[known]
            probabilities[rows] = 0
            probabilities[np.ix_(rows, [classes.index(name) for name in prepared.classes])] = values[known]
            on_fold(number)
        return OutOfFold(classes, probabilities)

    def _prepare(self, fold: FoldRows) -> PreparedData:
        """Encode the rows to train on and to stop by."""
        plan, registry, source, examples = self.plan, self.recipe.zoo.registry, self.table.source, self.examples
        rows = {"train": fold.train, "val": fold.val}
        if not len(fold.train) or not len(fold.val):
            raise DataError("a fold leaves no rows to train on", where=source, hint="use fewer folds, or add rows")

        def locate(row: int) -> str:
            return examples.location(self.table, row)

        classes = training_classes(examples.labels, None, rows, source, locate)
        encoder, encoded = preparation.encode_splits(
            registry,
            plan,
            lambda name: self.tokens.take(rows[name]),
            preparation.build_targets(examples, rows, classes, source),
            source,
            lambda name, row: locate(int(rows[name][row])),
        )
        leaked = find_leaked(examples.texts.hash().to_numpy(), rows)
        report = loading.data_report(self.table.summary(), plan.task, examples, leaked, RowSplit(rows, {}), plan.reader)
        texts = preparation.select_training_texts(registry, plan, examples.texts, rows)
        return PreparedData(plan, classes, encoder, encoded, report, {}, texts)

    def _score(self, prepared: PreparedData, fold: FoldRows, number: int) -> NDArray[np.float64]:
        """The probabilities `(judged rows, classes of the fold)` by a model of the other rows."""
        recipe, plan, name = self.recipe, self.plan, f"fold-{number}"
        with scratch_folder() as scratch, claim_run_folder(scratch / name, recipe.name) as folder:
            run = pipeline.fit_prepared(recipe, plan, prepared, folder, trial={"fold": number})
        if run.summary["interrupted"]:
            raise Terminated if run.summary["interrupted"] == "SIGTERM" else KeyboardInterrupt
        features = prepared.encoder.transform(self.tokens.take(fold.judged))
        features = check_features(recipe.zoo.registry, plan, prepared.encoder, features, len(fold.judged))
        return class_values(run.head, predict_scores(run.module, features)).double().numpy()
