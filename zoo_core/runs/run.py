"""Asking a trained run: predict, evaluate, explain."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import polars as pl
import torch
from attrs import evolve, frozen
from torch import Tensor, nn

from zoo_core.components.examples import Examples
from zoo_core.components.head import Head
from zoo_core.components.protocols import Encoder
from zoo_core.components.table import Table
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo
from zoo_core.data import loading, splits
from zoo_core.data.files.sources import Data
from zoo_core.data.targets import class_indices, class_probabilities, require_known_labels
from zoo_core.errors import DataError, RecipeError
from zoo_core.evaluation.evaluator import Evaluator, predict_scores
from zoo_core.evaluation.explanation import (
    Contribution,
    Explanation,
    bag_attribution_task,
    dense_attribution_task,
    explain,
    top_features,
    word_attribution_task,
)
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.messages import name_hint
from zoo_core.parallel import prefetch_map, torch_threads
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, to_toml
from zoo_core.runs.predictions import Predictions, ScoredSplit, texts_to_series
from zoo_core.runs.threshold import Threshold

P = ParamSpec("P")
R = TypeVar("R")


def _asked(method: Callable[Concatenate[Run, P], R]) -> Callable[Concatenate[Run, P], R]:
    """A method of a run during which torch has the threads of its recipe, and a plugin's fault is told as its own."""

    @wraps(method)
    def told(self: Run, *args: P.args, **kwargs: P.kwargs) -> R:
        with attribute_errors(self.zoo.registry), torch_threads(self.plan.training.threads):
            return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[Run, P], R]", told)


@frozen(eq=False, repr=False)
class Run:
    """A trained run. `summary` is what `zoo train --json` prints; `threshold` what its folder keeps, if anything."""

    folder: Path
    plan: Plan
    head: Head
    encoder: Encoder
    module: nn.Module
    summary: Mapping[str, Any]
    zoo: Zoo
    threshold: Threshold | None = None

    def __repr__(self) -> str:
        return f"<Run of {self.summary['recipe']} in {self.folder}>"

    def evaluator(self) -> Evaluator:
        """The loss and metrics of this run's recipe."""
        return Evaluator(self.head, self.plan.loss.build(class_weights=None), self.plan.training.metrics)

    def _features(self, texts: pl.Series) -> Bag | Dense | Sequence:
        return self.encoder.transform(loading.tokenize_texts(self.zoo.registry, self.plan, texts))

    def with_threshold(self, threshold: float) -> Run:
        """This run with another threshold, its folder left as it is: for two classes, the least probability of the
        second that is called the second. RecipeError where there is none to set."""
        if not 0 <= threshold <= 1:
            raise RecipeError(f"a threshold is between 0 and 1, not {threshold}")
        if threshold != 0.5 and not self.head.has_threshold:
            raise RecipeError("a threshold needs two classes and a loss that gives probabilities")
        return evolve(self, head=evolve(self.head, threshold=threshold))

    @_asked
    def predict(self, texts: Iterable[str], *, threshold: float | None = None) -> Predictions:
        """A label and a value for every class, one row for each text, in order.

        `threshold`: as in `at`; None for the run's own.
        """
        run = self if threshold is None else self.with_threshold(threshold)
        column = texts if isinstance(texts, pl.Series) else texts_to_series(texts)
        return run._answers(run._features(column) if len(column) else None)

    def predict_batches(self, columns: Iterable[pl.Series], *, threshold: float | None = None) -> Iterator[Predictions]:
        """What `predict` gives for each of many columns of texts, in order.

        The next columns are encoded on all cores while what was predicted for the last is used: for texts that are many
        and come in pieces. Torch has the recipe's threads only while an answer is made, not while it is used.
        """
        run = self if threshold is None else self.with_threshold(threshold)
        with closing(prefetch_map(run._features, columns, threads=os.cpu_count() or 1)) as features:
            while (found := run._answered(features)) is not None:
                yield found

    @_asked
    def _answered(self, features: Iterator[Bag | Dense | Sequence]) -> Predictions | None:
        """The answers to what comes next, None at the end."""
        found = next(features, None)
        return None if found is None else self._answers(found)

    def _answers(self, features: Bag | Dense | Sequence | None) -> Predictions:
        head, known = self.head, self.head.has_probabilities
        if features is None:
            return Predictions(head.classes, torch.empty(0).long(), torch.empty(0, len(head.classes)), not known)
        scores = predict_scores(self.module, features)
        values = head.probabilities(scores) if known else head.class_scores(scores)
        return Predictions(head.classes, head.predict(scores), values, are_scores=not known)

    @_asked
    def evaluate(self, data: Data | None = None, *, split: str = "", reader: str = "") -> dict[str, float | int]:
        """The loss and every metric over a split, and its `rows`; the split is chosen as by `scored`."""
        return self.evaluate_scores(self.score_split(data, split=split, reader=reader))

    @_asked
    def evaluate_scores(self, scored: ScoredSplit) -> dict[str, float | int]:
        """The loss and every metric over rows that were scored, and how many `rows` they are."""
        return {"rows": len(scored.loss_targets), **self.evaluator().from_scores(scored.scores, scored.loss_targets)}

    def scores_and_targets(
        self, data: Data | None = None, *, split: str = "", reader: str = ""
    ) -> tuple[Tensor, Tensor]:
        """Scores `(rows, outputs)` and class indices `(rows,)` of a split, of probabilities the likeliest.

        Without `data`: the data it was trained on, split as it was ("test" unless `split` says otherwise).
        With `data`: that file's `split`, or all of its rows.
        """
        found = self.score_split(data, split=split, reader=reader)
        return found.scores, found.targets

    @_asked
    def score_split(
        self, data: Data | None = None, *, split: str = "", reader: str = "", for_tuning: bool = False
    ) -> ScoredSplit:
        """The same, with what they are of. `choosing`, for a decision that the test split must not know of: left out,
        the split is "val", of a file as well if it has splits."""
        table = self._table(data, reader)
        examples = loading.read_task_examples(self.recipe(), self.plan, table)
        texts, labels, soft = examples.texts, examples.labels, examples.probabilities
        if data is None or (for_tuning and examples.splits is not None):
            split = split or ("val" if for_tuning else "test")
        if split:
            rows = self._rows(examples, split, given=data is not None, source=table.source)
            texts, labels = texts.gather(rows), labels.gather(rows)
            soft = None if soft is None else soft[rows]
        if soft is not None:
            truth = class_probabilities(soft, self.head.classes, table.source)
        else:
            require_known_labels(labels, self.head.classes, table.source)
            truth = class_indices(labels, self.head.classes)
        return ScoredSplit(predict_scores(self.module, self._features(texts)), truth, table.source, split)

    def _table(self, data: Data | None, reader: str) -> Table:
        """The table in a file, or the one this run was trained on, if it still is what it was."""
        if data is not None:
            return loading.load_table(self.recipe(), self.plan, data, reader=reader)
        trained_on = self.summary["data"]
        hint = "name a file with --data FILE"
        if trained_on["origin"] == "stdin":
            raise RecipeError("the training data came from standard input", hint=hint)
        if trained_on["origin"] != "file":
            return loading.load_table(self.recipe(), self.plan, None)
        files = trained_on["files"]
        for name in files:
            if not Path(name).exists():
                raise DataError("the file it was trained on is not there", where=name, hint=hint)
        reader = reader or trained_on["reader"]
        table = loading.load_table(self.recipe(), self.plan, files, reader=reader)
        if table.sha256 != trained_on["sha256"]:
            raise DataError("the file was changed since training", where=table.source, hint=hint)
        return table

    def _rows(self, examples: Examples, split: str, *, given: bool, source: str) -> pl.Series:
        if split not in splits.SPLIT_NAMES:
            raise RecipeError(f'there is no split "{split}"', hint=name_hint(split, splits.SPLIT_NAMES))
        if given:
            if examples.splits is None:
                raise DataError("there is no split column", where=source, hint="leave --split out for every row")
            rows = (examples.splits == split).arg_true()
        elif split != "test" and "fold" in self.summary.get("rows", {}):
            raise RecipeError(f'this run was trained on a fold, which has no split "{split}" of the file\'s')
        else:
            shares = {name: getattr(self.plan.split, name) for name in splits.SPLIT_NAMES}
            found = splits.split_rows(examples.labels, examples.splits, shares, self.plan.split.seed)
            rows = pl.Series(found[split])
        if not len(rows):
            raise DataError(f'no row is in the split "{split}"', where=source)
        return rows

    @_asked
    def explain(self, text: str, *, label: str = "") -> Explanation:
        """What each feature of a text, or each of its words where features have no name, added to a class's score.

        The class is the one predicted unless `label` names another. The parts sum to the score.
        """
        if label and label not in self.head.classes:
            raise RecipeError(f'there is no class "{label}"', hint=name_hint(label, self.head.classes))
        tokens = loading.tokenize_texts(self.zoo.registry, self.plan, pl.Series([text]))
        features = self.encoder.transform(tokens)
        predicted = self.head.classes[int(self.head.predict(predict_scores(self.module, features))[0])]
        index = self.head.classes.index(label or predicted)
        if isinstance(features, Bag) and self.plan.vectorizer.has_feature_names:
            question = bag_attribution_task(self.module, features, self.head, index, self.encoder.feature_names())
        elif isinstance(features, Dense) and self.plan.vectorizer.has_feature_names:
            question = dense_attribution_task(self.module, features, self.head, index, self.encoder.feature_names())
        else:
            question = word_attribution_task(self.module, tokens, self.encoder.transform, self.head, index)
        return explain(question, self.head.classes[index], predicted)

    @_asked
    def top_features(self, limit: int = 20) -> dict[str, list[Contribution]]:
        """The most telling words of each class."""
        vectorizer = self.plan.vectorizer
        if vectorizer.layout != "bag" or not vectorizer.has_feature_names:
            hint = "" if vectorizer.input_type == "numbers" else "vectorizer=ngrams can"
            raise RecipeError(f'features of "{vectorizer.name}" cannot be read back as words', hint=hint)
        return top_features(self.module, self.head, self.encoder.feature_names(), limit)

    def override(self, *assignments: str) -> Run:
        """This run reading other columns: `override("task.text=comment")`. RecipeError for anything but the task's."""
        plan = self.recipe().override(*assignments).plan()
        if evolve(plan, task=self.plan.task) != self.plan or type(plan.task) is not type(self.plan.task):
            told = "of a trained run only the settings of its task can be changed"
            raise RecipeError(told, hint="as in task.text=NAME")
        return evolve(self, plan=plan)

    def recipe(self) -> Recipe:
        """The recipe this run was made by, every setting written out."""
        return Recipe(
            self.summary["recipe"], self.zoo, (parse_toml(to_toml(self.plan, self.zoo.registry), "recipe.toml"),)
        )
