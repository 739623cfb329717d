"""A run with another decision rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from attrs import evolve

from zoo_core.components.decisions.decision import Decision
from zoo_core.components.head import Head
from zoo_core.components.targets.required import require_single_labels
from zoo_core.errors import RecipeError
from zoo_core.messages import join_names, name_hint, suggest_command, warn
from zoo_core.runs.calibration.stored import calibration_digest
from zoo_core.runs.decisions.cost_tables import Table, read_costs
from zoo_core.runs.decisions.stored import StoredDecision


class DecidedRun:
    """The part of a run that changes how it decides; `Run` has the attributes."""

    __slots__ = ()

    if TYPE_CHECKING:
        folder: Path
        head: Head

    def with_decision(self, decision: Decision) -> Self:
        """This run with another decision rule, without changing its folder.

        Raises RecipeError if its loss gives no probabilities, or the rule is not for its classes.
        """
        problem = decision.problem(len(self.head.classes))
        if problem := problem or ("" if decision.is_default else self.head.decision_problem()):
            raise RecipeError(problem)
        return cast(Self, evolve(cast(Any, self), head=evolve(self.head, decision=decision)))

    def with_stored_decision(self, stored: StoredDecision) -> Self:
        """This run with the decision of its folder; itself, with a warning, if that is for other probabilities."""
        if stored.calibration != calibration_digest(self.head):
            again = suggest_command("zoo evaluate", self.folder, "--find-threshold", "f1")
            message = f"{self.folder}: its decision was chosen before its calibration, and is not used"
            warn(f"{message} (hint: {again} chooses another)" if again else message)
            return self
        return cast(Self, evolve(cast(Any, self.with_decision(stored.decision)), decision=stored))

    def with_threshold(self, threshold: float) -> Self:
        """This run with another threshold, without changing its folder.

        The threshold is the lowest probability of the second of two classes at which that class is predicted, or of
        several labels a text that of every label. Raises RecipeError if this run has no threshold.
        """
        if not 0 <= threshold <= 1:
            raise RecipeError(f"invalid threshold: got {threshold}, expected a number between 0 and 1")
        head = self.head
        if threshold != 0.5 and (problem := head.threshold_problem()):
            raise RecipeError(problem)
        return self.with_decision(head.form.decision_of_threshold(threshold, len(head.classes)))

    def with_thresholds(self, thresholds: Mapping[str, float]) -> Self:
        """This run with thresholds by class, without changing its folder: it predicts the largest p / threshold.

        Each is above 0; only their ratios matter. Of several labels a text, it predicts each label whose probability is
        at least its threshold, from 0 to 1. Raises RecipeError for missing or unknown classes.
        """
        return self.with_decision(decision_of_thresholds(thresholds, self.head))

    def with_costs(self, costs: Mapping[str, float] | Table) -> Self:
        """This run with the least expected cost as its decision, without changing its folder.

        `costs` are `{"fn": 5, "fp": 1}` for two classes, or `{true: {predicted: cost}}`. Raises RecipeError for missing
        or unknown classes.
        """
        require_single_labels("costs of mistakes", self.head.targets)
        return self.with_decision(Decision.of_costs(read_costs(costs, self.head.classes)))


def decision_of_thresholds(thresholds: Mapping[str, float], head: Head) -> Decision:
    """The decision of thresholds by the name of each class. Raises RecipeError for others."""
    classes = head.classes
    if unknown := [name for name in thresholds if name not in classes]:
        raise RecipeError(f'unknown class "{unknown[0]}"', hint=name_hint(unknown[0], classes))
    if missing := [name for name in classes if name not in thresholds]:
        raise RecipeError(f"missing the threshold of {join_names(missing, 5)}", hint="give one for each class")
    values = [thresholds[name] for name in classes]
    for value in values:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not is_number or not head.form.is_threshold(value):
            raise RecipeError(f"invalid threshold: got {value!r}, expected {head.form.threshold_range}")
    return head.form.decision_of_thresholds(values)
