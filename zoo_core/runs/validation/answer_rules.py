"""Rules by which a run answers: below which confidence it abstains, and which labels belong to a prediction set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from attrs import evolve, frozen
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.components.targets.required import require_single_labels
from zoo_core.errors import RecipeError, RunFolderError
from zoo_core.evaluation.answers.abstaining import (
    AccuracyThreshold,
    AnsweredRows,
    Confidences,
    find_accuracy_threshold,
    label_confidence,
)
from zoo_core.evaluation.answers.prediction_sets import CoveredRows, fewest_rows, prediction_sets, set_thresholds
from zoo_core.evaluation.answers.shares import require_share
from zoo_core.evaluation.evaluator import class_values
from zoo_core.messages import join_names, pluralize, quote_name
from zoo_core.runs.predictions import Predictions, ScoredSplit

MAX_NAMES = 6  # of classes in a message


@frozen
class AnswerOptions:
    """What is asked of answers: abstain below a confidence or to reach an accuracy, and sets of a coverage."""

    abstain_below: float | None = None
    accuracy: float | None = None
    coverage: float | None = None
    by_class: bool = False

    @property
    def is_any(self) -> bool:
        """Whether anything is asked."""
        return (self.abstain_below, self.accuracy, self.coverage) != (None, None, None) or self.by_class

    def check(self, head: Head) -> None:
        """Raise RecipeError for a value outside of its range, options that exclude each other, and a wrong head."""
        if self.is_any:
            require_single_labels("abstaining and prediction sets", head.targets)
        if self.abstain_below is not None:
            require_share("confidence to abstain below", self.abstain_below, is_one_allowed=True)
        for name, value in (("accuracy", self.accuracy), ("coverage", self.coverage)):
            if value is not None:
                require_share(name, value)
        if self.abstain_below is not None and self.accuracy is not None:
            raise RecipeError("an accuracy sets the confidence to abstain below: name only one of the two")
        if self.by_class and self.coverage is None:
            raise RecipeError("a coverage by class needs the coverage", hint="name it, as in 0.9")
        if (self.abstain_below is not None or self.accuracy is not None) and not head.has_probabilities:
            raise RecipeError("abstaining needs a loss that gives probabilities", hint="train with another loss")


@frozen(eq=False)
class AnswerRules:
    """The rules of a run: the confidence to abstain below, and the lowest value of each class in a set `(classes,)`.

    Either is None if it was not asked for. `chosen` is how the confidence was chosen for an accuracy; `unbounded` are
    the classes with too few validation rows, which belong to every set.
    """

    abstain_below: float | None = None
    set_thresholds: Tensor | None = None
    chosen: AccuracyThreshold | None = None
    unbounded: tuple[str, ...] = ()
    coverage: float | None = None

    def apply(self, predictions: Predictions) -> Predictions:
        """The predictions with the rows that are not answered, and with their sets."""
        values, indices = predictions.values, predictions.indices
        if self.abstain_below is not None:
            predictions = evolve(predictions, abstained=label_confidence(values, indices) < self.abstain_below)
        if self.set_thresholds is not None:
            predictions = evolve(predictions, sets=prediction_sets(values, self.set_thresholds, indices))
        return predictions

    def measure(self, head: Head, scored: ScoredSplit) -> MeasuredAnswers:
        """What these rules do on rows with known classes."""
        answered = sets = None
        by_class: list[CoveredRows] = []
        if self.abstain_below is not None:
            answered = Confidences.of_scores(head, scored.scores, scored.targets).answered(self.abstain_below)
        if self.set_thresholds is not None:
            labels = prediction_sets(
                class_values(head, scored.scores), self.set_thresholds, head.predict(scored.scores)
            )
            sets = CoveredRows.of_sets(labels, scored.targets)
            by_class = CoveredRows.by_class(labels, scored.targets, head.classes)
        return MeasuredAnswers(self, answered, sets, by_class)

    def describe_choice(self) -> str:
        """How the confidence to abstain below was chosen, for a note; "" if it was given."""
        if self.chosen is None:
            return ""
        measured = self.chosen.measured
        on = pluralize(measured.rows, "validation row")
        abstained = f"abstaining below {self.chosen.value:g}" if self.chosen.value else "without abstaining"
        return f"{abstained}: accuracy {measured.accuracy} on the answered share {measured.share} of {on}"

    def describe_unbounded(self) -> str:
        """A warning of classes that belong to every set; "" if there are none."""
        if not self.unbounded or self.coverage is None:
            return ""
        names = join_names(map(quote_name, self.unbounded), MAX_NAMES)
        needed = f"coverage {self.coverage:g} by class needs {fewest_rows(self.coverage)} validation rows of a class"
        return (
            f"{needed}: {names} have fewer, and belong to every set"
            if len(self.unbounded) > 1
            else (f"{needed}: {names} has fewer, and belongs to every set")
        )


@frozen
class MeasuredAnswers:
    """Answers to rows with known classes; None or empty for what was not asked."""

    rules: AnswerRules
    answered: AnsweredRows | None
    sets: CoveredRows | None
    by_class: list[CoveredRows]

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON."""
        values: dict[str, Any] = {}
        if self.answered is not None:
            chosen = {"target": self.rules.chosen.target} if self.rules.chosen else {}
            values["answered"] = {"abstain_below": self.rules.abstain_below, **chosen, **self.answered.to_dict()}
        if self.sets is not None:
            values["sets"] = {
                "target": self.rules.coverage,
                **self.sets.to_dict(),
                "by_class": [own.to_dict() for own in self.by_class],
            }
        return values


def find_answer_rules(head: Head, stored: ScoredSplit | None, options: AnswerOptions, folder: Path) -> AnswerRules:
    """The rules that keep what is asked, from the stored validation scores of a run.

    Raises RecipeError if it cannot be kept; RunFolderError if the run does not store validation scores.
    """
    options.check(head)
    rules = AnswerRules(options.abstain_below)
    if options.accuracy is None and options.coverage is None:
        return rules
    if stored is None:
        raise RunFolderError("the run has no stored validation scores", where=str(folder), hint="train it again")
    if options.accuracy is not None:
        confidences = Confidences.of_scores(head, stored.scores, stored.targets)
        chosen = find_accuracy_threshold(confidences, options.accuracy, str(folder))
        rules = evolve(rules, abstain_below=chosen.value, chosen=chosen)
    if options.coverage is not None:
        rules = _with_sets(rules, head, stored, options.coverage, folder, by_class=options.by_class)
    return rules


def _with_sets(
    rules: AnswerRules, head: Head, stored: ScoredSplit, coverage: float, folder: Path, *, by_class: bool
) -> AnswerRules:
    """The rules with those of prediction sets. Raises RecipeError for too few validation rows."""
    thresholds = set_thresholds(class_values(head, stored.scores), stored.targets, coverage, by_class=by_class)
    unbounded = tuple(label for label, is_ in zip(head.classes, thresholds.isneginf().tolist(), strict=True) if is_)
    if len(unbounded) == len(head.classes):
        each = " of a class" if by_class else ""
        counts = torch.bincount(stored.targets, minlength=len(head.classes))
        largest = int(counts.argmax())
        found = pluralize(int(counts[largest]) if by_class else len(stored.targets), "row")
        found += f" of its largest class, {quote_name(head.classes[largest])}" if by_class else ""
        message = f"coverage {coverage:g} needs {fewest_rows(coverage)} validation rows{each}: the run stores {found}"
        raise RecipeError(message, where=str(folder), hint="ask for less, or train with more validation rows")
    return evolve(rules, set_thresholds=thresholds, unbounded=unbounded, coverage=coverage)
