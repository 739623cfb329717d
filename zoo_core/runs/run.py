"""A trained run: predict, evaluate, explain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve, frozen
from torch import Tensor, nn

from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.decisions.decision import COST
from zoo_core.components.head import Head
from zoo_core.components.protocols import Encoder
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo
from zoo_core.data.files.sources import Data
from zoo_core.data.findings import Finding
from zoo_core.errors import RecipeError, ZooError
from zoo_core.evaluation.evaluator import Evaluator, build_evaluation_loss, class_values, predict_scores
from zoo_core.messages import join_names
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, to_toml
from zoo_core.runs.calibration.recalibration import CalibratedRun
from zoo_core.runs.decisions.decided_run import DecidedRun
from zoo_core.runs.decisions.stored import StoredDecision
from zoo_core.runs.evaluation_data import TrainedOn, read_labeled_rows
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.views.inspection import with_run_settings

if TYPE_CHECKING:
    from zoo_core.evaluation.explanation import Explanation
    from zoo_core.evaluation.word_pieces import Contribution
    from zoo_core.runs.results.explainer import Explainer
    from zoo_core.runs.results.wrong_rows import WrongRow


@frozen(eq=False, repr=False)
class Run(DecidedRun, CalibratedRun):
    """A trained run. `summary` is what `zoo train --json` prints; `decision` what its folder stores, if anything.

    `stored_validation` has the scores of the validation rows, for decisions that must not depend on the test split; it
    needs no data file. None in runs of versions that did not store them.
    """

    folder: Path
    plan: Plan
    head: Head
    encoder: Encoder
    module: nn.Module
    summary: Mapping[str, Any]
    zoo: Zoo
    decision: StoredDecision | None = None
    other_reader: ReaderSettings = ReaderSettings()  # for data that it was not trained on
    stored_validation: ScoredSplit | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the training showed that its user should know, the most serious first."""
        return tuple(Finding(**values) for values in self.summary.get("findings", ()))

    def recipe(self) -> Recipe:
        """The recipe of this run, with every setting written out."""
        text = to_toml(self.plan, self.zoo.registry)
        return Recipe(self.summary["recipe"], self.zoo, (parse_toml(text, "recipe.toml"),))

    def override(self, *changes: str | Mapping[str, Any], **values: Any) -> Run:
        """This run with other settings of its task or of reading: `override("task.text=body")`.

        Changes are written as in `Recipe.override`. Raises RecipeError for any other setting. Data it was not trained
        on is read with the settings of reading that are given here alone: its own recipe's are for its own data.
        """
        recipe = self.recipe().override(*changes, **values)
        plan = recipe.plan()
        same = evolve(plan, task=self.plan.task, reader=self.plan.reader)
        if same != self.plan or type(plan.task) is not type(self.plan.task):
            message = "only the settings of its task and of reading can be changed in a trained run"
            raise RecipeError(message, hint="for example task.text=NAME")
        if plan.task.fields() != self.plan.task.fields():
            message = "the features of this run are those of its columns, which cannot have other names"
            columns = f"name the columns of the data as the run has them: {join_names(self.plan.task.fields())}"
            raise RecipeError(message, hint=columns)
        return evolve(self, plan=plan, other_reader=recipe.given_reader())

    def _with_reader(self, reader: str) -> Run:
        """This run with a reader by name for all data; itself for ""."""
        return self.override(f"reader={reader}") if reader else self

    def evaluator(self) -> Evaluator:
        """The loss and metrics of this run's recipe. Raises RunFolderError if the loss needs counts that it lacks."""
        loss = build_evaluation_loss(self.plan.loss, self.head)
        return Evaluator(self.head, loss, self.plan.training.metrics)

    @with_run_settings
    def evaluate(self, data: Data | None = None, *, split: str = "", reader: str = "") -> dict[str, float | int]:
        """Compute the loss, every metric and the number of `rows` of a split, selected as in `score_split`."""
        return self.evaluate_scores(self.score_split(data, split=split, reader=reader))

    @with_run_settings
    def evaluate_scores(self, scored: ScoredSplit) -> dict[str, float | int]:
        """Compute the loss, every metric and the number of `rows` of rows that were scored.

        With costs of mistakes, also their mean, as `cost`.
        """
        head = self.head
        values = self.evaluator().from_scores(scored.scores, scored.loss_targets)
        if head.decision.costs:
            values[COST] = head.decision.mean_cost(head.predict(scored.scores), scored.targets)
        return {"rows": len(scored.loss_targets), **values}

    def scores_and_targets(
        self, data: Data | None = None, *, split: str = "", reader: str = ""
    ) -> tuple[Tensor, Tensor]:
        """Scores `(rows, outputs)` and class indices `(rows,)` of a split, selected as in `score_split`."""
        scored = self.score_split(data, split=split, reader=reader)
        return scored.scores, scored.targets

    @with_run_settings
    def score_split(
        self, data: Data | None = None, *, split: str = "", reader: str = "", for_tuning: bool = False
    ) -> ScoredSplit:
        """Score the rows of a split.

        Without `data`: of the data it was trained on, split as it was ("test" by default). With `data`, a file or
        values in memory: of these, or all of their rows by default. `for_tuning` is for decisions that must not depend
        on the test split: the default is "val", also of a file that has splits.
        """
        run = self._with_reader(reader)
        trained_on = TrainedOn(run.recipe(), run.plan, self.head.classes, self.summary, run.other_reader)
        rows = read_labeled_rows(trained_on, data, split=split, for_tuning=for_tuning)
        try:
            scores = predict_scores(self.module, self._encode(rows.texts))
            class_values(self.head, scores)
        except ZooError as error:
            raise error.at_rows(rows.locate) from None
        return ScoredSplit(scores, rows.targets, rows.source, rows.split, rows, self.head.targets)

    @with_run_settings
    def explain(self, text: str | Mapping[str, Any], *, label: str = "") -> Explanation:
        """Attribute the score of a class to the features of a text, or to its words if features have no names.

        A row of several columns is a dictionary, or a text as `zoo predict` takes it. The class is the predicted one
        unless `label` names another. The contributions sum to the score.
        """
        rows = [text] if isinstance(text, str) else self._texts([text])
        return self._explainer().explain(rows[0], label)

    def _explainer(self) -> Explainer:
        from zoo_core.runs.results.explainer import Explainer  # here, as below, because a training explains nothing

        return Explainer(self.zoo.registry, self.plan, self.head, self.encoder, self.module)

    @with_run_settings
    def wrong_rows(self, scored: ScoredSplit, limit: int | None = None) -> list[WrongRow]:
        """The rows of a scored split that are predicted wrongly; see `find_wrong_rows`."""
        from zoo_core.runs.results.wrong_rows import find_wrong_rows

        return find_wrong_rows(self.head, scored, self._explainer().explain, limit, self.plan.task.show)

    def errors(
        self, data: Data | None = None, *, limit: int | None = None, split: str = "", reader: str = ""
    ) -> pl.DataFrame:
        """The rows that are predicted wrongly, as a table: row, line, true, predicted, p, text, words.

        The most frequent confusion comes first, and within it the most confident prediction. `limit` keeps the most
        confident ones. The rows are those of `evaluate`.
        """
        from zoo_core.runs.results.wrong_rows import wrong_rows_frame

        wrong = self.wrong_rows(self.score_split(data, split=split, reader=reader), limit)
        return wrong_rows_frame(wrong, are_scores=not self.head.has_probabilities)

    @with_run_settings
    def top_features(self, limit: int = 20) -> dict[str, list[Contribution]]:
        """The words that contribute most to each class."""
        from zoo_core.evaluation.explanation import top_features

        vectorizer = self.plan.vectorizer
        if vectorizer.layout == "sequence" and vectorizer.has_feature_names:
            hint = "zoo explain RUN TEXT explains the words of a text"
            raise RecipeError("a word has no weight of its own in a model of sequences", hint=hint)
        if vectorizer.layout != "bag" or not vectorizer.has_feature_names:
            hint = "" if vectorizer.input_type == "numbers" else "use vectorizer=ngrams"
            raise RecipeError(f'features of "{vectorizer.name}" cannot be read back as words', hint=hint)
        return top_features(self.module, self.head, self.encoder.feature_names(), limit)
