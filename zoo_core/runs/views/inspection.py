"""What Python code looks at in a trained run: its history, vocabulary, weights, encoded texts and figures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

import polars as pl
from attrs import evolve
from torch import nn

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.metric_names import metric_label
from zoo_core.components.protocols import Encoder
from zoo_core.config.zoo import Zoo
from zoo_core.data.files.sources import Data
from zoo_core.data.loading import tokenize_texts
from zoo_core.errors import RecipeError
from zoo_core.evaluation.encoded_texts import EncodedTexts
from zoo_core.evaluation.evaluator import Evaluator
from zoo_core.evaluation.feature_scores import feature_scores
from zoo_core.evaluation.intervals.figures import Figures, compute_figures
from zoo_core.evaluation.intervals.interval import format_interval
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.plan import Plan
from zoo_core.runs.history import read_history
from zoo_core.runs.predictions import ScoredSplit, texts_to_series
from zoo_core.torch_threads import torch_threads

if TYPE_CHECKING:
    from zoo_core.plots.figure import PlotFigure

P = ParamSpec("P")
R = TypeVar("R")
AnyRun = TypeVar("AnyRun", bound="InspectedRun")


def with_run_settings(method: Callable[Concatenate[AnyRun, P], R]) -> Callable[Concatenate[AnyRun, P], R]:
    """Call a method of a run with the torch threads of its recipe, and attribute errors to plugins."""

    @wraps(method)
    def call(self: AnyRun, *args: P.args, **kwargs: P.kwargs) -> R:
        with attribute_errors(self.zoo.registry), torch_threads(self.plan.training.threads):
            return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[AnyRun, P], R]", call)


class InspectedRun:
    """The part of a run that shows what it has learned; `Run` has the attributes."""

    __slots__ = ()

    if TYPE_CHECKING:
        folder: Path
        plan: Plan
        head: Head
        encoder: Encoder
        module: nn.Module
        summary: Mapping[str, Any]
        zoo: Zoo

        @abstractmethod
        def scores_and_targets(self, data: Data | None = None, *, split: str = "", reader: str = "") -> Any:
            """As in `Run`."""

        @abstractmethod
        def evaluator(self) -> Evaluator:
            """As in `Run`."""

        @abstractmethod
        def top_features(self, limit: int = 20) -> Any:
            """As in `Run`."""

    def __repr__(self) -> str:
        return f"<Run of {self.summary['recipe']} in {self.folder}>"

    def _repr_html_(self) -> str:
        metrics = {split: values for split, values in self.summary["metrics"].items() if values}
        names = list(dict.fromkeys(name for values in metrics.values() for name in values))
        intervals = self.summary.get("intervals", {})
        columns: dict[str, list[Any]] = {}
        for name in names:
            columns[name] = [values.get(name) for values in metrics.values()]
            if intervals:  # runs of older versions have none
                columns[f"{name} 95% CI"] = [format_interval(intervals.get(split, {}).get(name)) for split in metrics]
        return f"<code>{escape(repr(self))}</code>{pl.DataFrame({'split': list(metrics), **columns})._repr_html_()}"

    @property
    def model(self) -> nn.Module:
        """The trained module, which takes the features of `encode`, or a tensor `(batch, features)`."""
        return self.module

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of their indices."""
        return self.head.classes

    @property
    def history(self) -> pl.DataFrame:
        """The losses and metrics of each epoch: `epoch`, `train_loss`, `val_loss`, …, as the run's folder has them."""
        best, monitor = self.summary.get("best_epoch"), self.plan.training.monitor
        history = read_history(self.folder, best_epoch=best, monitor=monitor)
        return pl.DataFrame({"epoch": history.epochs, **history.metrics})

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The name of each feature, in the order of the vector. Raises RecipeError if features have no names."""
        names = tuple(self.encoder.feature_names())
        if not names:
            vectorizer = self.plan.vectorizer.name
            raise RecipeError(f'features of "{vectorizer}" cannot be read back as words', hint="use vectorizer=ngrams")
        return names

    @with_run_settings
    def figures(self, scored: ScoredSplit, more_metrics: Sequence[Metric] = ()) -> Figures:
        """The loss and every metric of rows that were scored, with their intervals, and the majority's share.

        Of the data that it was trained on, also those without the rows whose text is in an earlier split, too.
        """
        evaluator = self.evaluator()
        known = {metric_label(metric) for metric in evaluator.metrics}
        more = [metric for metric in more_metrics if metric_label(metric) not in known]
        leaked = None if scored.rows is None else scored.rows.leaked
        evaluator = evolve(evaluator, metrics=(*evaluator.metrics, *more))
        return compute_figures(evaluator, scored.scores, scored.loss_targets, leaked)

    @with_run_settings
    def encode(self, texts: Iterable[str]) -> EncodedTexts:
        """The words of texts, their features and their vectors, as the model gets them."""
        tokens = tokenize_texts(self.zoo.registry, self.plan, texts_to_series(texts))
        return EncodedTexts.of_tokens(self.encoder, tokens, tuple(self.encoder.feature_names()))

    @with_run_settings
    def weights_of(self, word: str) -> dict[str, float]:
        """What a word alone adds to the score of each class, by class: the weight of the word in a linear model.

        Raises RecipeError if the word is not in the vocabulary.
        """
        return feature_scores(self.module, self.head, list(self.vocabulary), self.plan.vectorizer.layout, word)

    @with_run_settings
    def plot(self, *panels: str, data: Data | None = None, on: str = "", reader: str = "", top: int = 8) -> PlotFigure:
        """The figure of `zoo plot run`: the given panels, or all that fit the labels and can be drawn.

        Panels are "curves", "confusion", "classes", "reliability", "roc", "pr" and "words". `data`, `on` and `reader`
        select rows as in `evaluate`; `top` is the number of words for each class. Raises RecipeError for an unknown
        panel.
        """
        from zoo_core.plots.run_page import figure_of_run
        from zoo_core.runs.report import run_report

        return figure_of_run(run_report(self, panels, data=data, split=on, reader=reader, top=top))
