"""The part of a trained run that predicts: labels, values of every class, abstaining and prediction sets."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Self

import polars as pl
import torch

from zoo_core.components.component import TargetType
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.data.files.sources import Data
from zoo_core.data.loading import tokenize_texts
from zoo_core.errors import ZooError
from zoo_core.evaluation.evaluator import class_values, predict_scores
from zoo_core.evaluation.known_words import unknown_rows
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.parallel import prefetch_map
from zoo_core.runs.decisions.stored import StoredDecision
from zoo_core.runs.predictions import Predictions, ScoredSplit, prediction_texts
from zoo_core.runs.results.label_sets import LabelSetPredictions
from zoo_core.runs.views.inspection import InspectedRun, with_run_settings

if TYPE_CHECKING:
    from zoo_core.runs.validation.answer_rules import AnswerRules


PREDICTIONS: dict[TargetType, type[Predictions]] = {"single-label": Predictions, "multi-label": LabelSetPredictions}


class PredictingRun(InspectedRun):
    """The part of a run that predicts; `Run` has the attributes."""

    __slots__ = ()

    if TYPE_CHECKING:
        other_reader: ReaderSettings
        stored_validation: ScoredSplit | None
        decision: StoredDecision | None

        @abstractmethod
        def score_split(
            self, data: Data | None = None, *, split: str = "", reader: str = "", for_tuning: bool = False
        ) -> ScoredSplit:
            """As in `Run`."""

        @abstractmethod
        def with_threshold(self, threshold: float) -> Self:
            """As in `Run`."""

        @abstractmethod
        def _with_reader(self, reader: str) -> Self:
            """As in `Run`."""

    @with_run_settings
    def predict(
        self,
        texts: Data,
        *,
        threshold: float | None = None,
        abstain_below: float | None = None,
        accuracy: float | None = None,
        coverage: float | None = None,
        by_class: bool = False,
        reader: str = "",
    ) -> Predictions:
        """Predict a label and a value for every class, one row for each text, in order.

        `texts` are strings, or a file or a table in memory, as `train` takes them, with the texts of the task. A single
        string is the name of a file. `threshold` is as in `with_threshold`; None uses the run's own. The other options
        are those of `answer_rules`.
        """
        run = self if threshold is None else self.with_threshold(threshold)
        rules = run.answer_rules(abstain_below=abstain_below, accuracy=accuracy, coverage=coverage, by_class=by_class)
        column = run._with_reader(reader)._texts(texts)
        return rules.apply(run._predict_features(run._encode(column) if len(column) else None))

    @with_run_settings
    def answer_rules(
        self,
        *,
        abstain_below: float | None = None,
        accuracy: float | None = None,
        coverage: float | None = None,
        by_class: bool = False,
    ) -> AnswerRules:
        """The rules that `predict` applies, from the stored validation scores.

        Labels with a probability less than `abstain_below` are not given. `accuracy` chooses this confidence so that
        the answered texts have at least this accuracy. `coverage` is the share of texts whose true label is in their
        prediction set, with `by_class` in each class. Raises RecipeError for what cannot be kept.
        """
        from zoo_core.runs.validation.answer_rules import AnswerOptions, find_answer_rules

        options = AnswerOptions(abstain_below, accuracy, coverage, by_class)
        return find_answer_rules(self.head, self.stored_validation, options, self.folder)

    def predict_batches(self, columns: Iterable[pl.Series], *, threshold: float | None = None) -> Iterator[Predictions]:
        """Predict each of many columns of texts, in order; for texts that do not fit in memory.

        The next columns are encoded on all cores while the caller uses the last predictions. Torch has the threads of
        the recipe only while predictions are computed. An error of a text has its row (from 0) among all texts, as
        `Problem.row`.
        """
        run = self if threshold is None else self.with_threshold(threshold)
        first_rows = deque[int]()  # of the columns that are not yet predicted, among all texts

        def number_rows() -> Iterator[pl.Series]:
            rows = 0
            for column in columns:
                first_rows.append(rows)
                rows += len(column)
                yield column

        with closing(prefetch_map(run._encode, number_rows(), threads=os.cpu_count() or 1)) as features:
            try:
                while (predictions := run._predict_next(features)) is not None:
                    first_rows.popleft()
                    yield predictions
            except ZooError as error:
                raise error.at_rows(lambda row: row + first_rows[0]) from None

    @with_run_settings
    def _predict_next(self, features: Iterator[Bag | Dense | Sequence]) -> Predictions | None:
        """The predictions for the next features; None at the end."""
        batch = next(features, None)
        return None if batch is None else self._predict_features(batch)

    def _texts(self, data: Data) -> pl.Series:
        """The texts to predict in data that `predict` takes."""
        return prediction_texts(data, self.plan.task, self.zoo.registry, reader=self.other_reader)

    def _encode(self, texts: pl.Series) -> Bag | Dense | Sequence:
        return self.encoder.transform(tokenize_texts(self.zoo.registry, self.plan, texts))

    def _predict_features(self, features: Bag | Dense | Sequence | None) -> Predictions:
        head, are_scores = self.head, not self.head.has_probabilities
        make = PREDICTIONS[head.targets]
        if features is None:
            nothing = torch.empty(0, len(head.classes))
            return make(head.classes, head.form.labels(nothing), nothing, are_scores)
        scores = predict_scores(self.module, features)
        values = class_values(head, scores)
        unknown = unknown_rows(self.encoder, features)
        return make(head.classes, head.predict(scores), values, are_scores, unknown)
