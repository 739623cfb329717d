"""The choice of a decision on scored rows, and its storage in the run folder."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from attrs import evolve, frozen
from torch import Tensor

from zoo_core.components.contracts import Metric
from zoo_core.components.decisions.decision import Costs, Decision
from zoo_core.components.metric_names import metric_label
from zoo_core.components.targets.required import require_single_labels
from zoo_core.errors import DataError, NumericalError, RecipeError
from zoo_core.evaluation.intervals.figures import Figures
from zoo_core.evaluation.intervals.interval import wilson_interval
from zoo_core.messages import pluralize, quote_name
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs.amend import amend_run
from zoo_core.runs.calibration.stored import calibration_digest
from zoo_core.runs.decisions.label_thresholds import search_label_thresholds
from zoo_core.runs.decisions.objectives import Least, Objective, require_decision, value_of_labels
from zoo_core.runs.decisions.one_threshold import search_threshold
from zoo_core.runs.decisions.out_of_fold import OutOfFold, measure_out_of_fold
from zoo_core.runs.decisions.stored import DECISION_FILE, Choice, StoredDecision
from zoo_core.runs.decisions.thresholds_by_class import search_thresholds
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.run import Run


@frozen
class ChosenDecision:
    """A decision that was chosen on scored rows.

    `out_of_fold` compares a search with the simple decision that is kept unless the search is better beyond noise; None
    if there was no such comparison.
    """

    stored: StoredDecision
    out_of_fold: OutOfFold | None = None

    @property
    def is_simple(self) -> bool:
        """Whether the search was not better beyond noise."""
        return self.out_of_fold is not None and not self.out_of_fold.is_beyond_noise


def save_decision(run: Run, stored: StoredDecision) -> Run:
    """Store a decision in the run folder and return the run with it. Every run starts with the most probable class.

    Raises RecipeError if predictions of the run do not follow from probabilities.
    """
    require_decision(run)
    stored = evolve(stored, calibration=calibration_digest(run.head))
    changed = run.with_stored_decision(stored)
    amend_run(run.folder, DECISION_FILE, stored.to_json(run.head))
    return changed


def find_decision(run: Run, metric: Metric, scored: ScoredSplit, least: Least | None = None) -> ChosenDecision:
    """Find the decision at which a metric of labels is best over these rows: a threshold, or thresholds by class.

    Of two classes, the best threshold, of equal ones the nearest to 0.5. Of more, thresholds by class if they are also
    better on rows that their search did not see, beyond noise; else the most probable class. Of several labels a
    text, a threshold for each label with which the metric of that label alone is best, else 0.5. With `least`, only
    decisions that meet this condition.

    Raises RecipeError if the run has no decision, a metric does not depend on it, or the condition cannot be met;
    DataError for rows of only one class.
    """
    require_decision(run, metric, *([least.metric] if least else []))
    objective = Objective(run.head, metric, least=least)
    probabilities, targets = _rows(run, scored)
    with attribute_errors(run.zoo.registry):
        if run.head.is_binary:
            best = Decision.of_threshold(search_threshold(probabilities[:, 1], targets, objective))
            return ChosenDecision(_stored(best, objective, probabilities, scored))
        best = _search(probabilities, targets, objective)
        chosen = _stored(best, objective, probabilities, scored)
        default = run.head.form.decision
        if best.is_default or objective.missing(default.choose(probabilities), targets):
            return ChosenDecision(chosen)
        return _unless_noise(chosen, default, objective, probabilities, scored)


def choose_by_cost(run: Run, costs: Costs, scored: ScoredSplit) -> ChosenDecision:
    """Choose the decision with the least mean cost over these rows.

    The simple decision is the least expected cost, which is best if probabilities are right, or the most probable
    class if that costs less on these rows. A threshold that is searched, or thresholds by class, replace it if they are
    better on rows that the search did not see, beyond noise. Raises RecipeError and DataError as `find_decision` does.
    """
    require_decision(run)
    require_single_labels("costs of mistakes", run.head.targets)
    objective = Objective(run.head, costs=costs)
    probabilities, targets = _rows(run, scored)
    candidates = (Decision.of_costs(costs), Decision(costs=costs))
    simple = min(candidates, key=lambda one: objective.key(one.choose(probabilities), targets))
    found = _search_by_cost(probabilities, targets, objective, simple)
    if objective.key(found.choose(probabilities), targets) >= objective.key(simple.choose(probabilities), targets):
        return ChosenDecision(_stored(simple, objective, probabilities, scored))
    chosen = _stored(found, objective, probabilities, scored)
    return _unless_noise(chosen, simple, objective, probabilities, scored)


def _search_by_cost(probabilities: Tensor, targets: Tensor, objective: Objective, simple: Decision) -> Decision:
    if probabilities.shape[1] > 2:
        return evolve(search_thresholds(probabilities, targets, objective), costs=objective.costs)
    threshold = search_threshold(probabilities[:, 1], targets, objective, near=simple.threshold)
    return Decision.of_threshold(threshold, objective.costs)


def _search(probabilities: Tensor, targets: Tensor, objective: Objective) -> Decision:
    """Thresholds by class: of exclusive classes together, of labels by themselves."""
    search = search_label_thresholds if objective.head.form.has_thresholds else search_thresholds
    return search(probabilities, targets, objective)


def _unless_noise(
    chosen: StoredDecision, simple: Decision, objective: Objective, probabilities: Tensor, scored: ScoredSplit
) -> ChosenDecision:
    """The chosen decision if it is better out of fold beyond noise, else the simple one."""

    def search(some: Tensor, targets: Tensor) -> Decision:
        if objective.costs:
            return _search_by_cost(some, targets, objective, simple)
        return _search(some, targets, objective)

    measured = measure_out_of_fold(search, simple, probabilities, scored.targets, objective)
    if not measured.is_beyond_noise:
        chosen = _stored(simple, objective, probabilities, scored)
    return ChosenDecision(chosen, measured)


def _rows(run: Run, scored: ScoredSplit) -> tuple[Tensor, Tensor]:
    """Probabilities `(rows, classes)` and targets `(rows,)`. Raises DataError for rows of only one class."""
    form = run.head.form
    if len(form.row_codes(scored.targets).unique()) < 2:
        only = form.describe(scored.targets[0], run.head.classes)
        raise DataError(f"a threshold cannot be chosen on rows of {quote_name(only)} alone", where=scored.source)
    probabilities = run.head.probabilities(scored.scores)
    if not bool(torch.isfinite(probabilities).all()):
        raise NumericalError("the probabilities are not finite")
    return probabilities, scored.targets


def _stored(decision: Decision, objective: Objective, probabilities: Tensor, scored: ScoredSplit) -> StoredDecision:
    """A decision with how it was chosen. Raises RecipeError if the condition is not met."""
    predicted, targets = decision.choose(probabilities), scored.targets
    value = objective.value(predicted, targets)
    choice = Choice(objective.name, value, scored.source, scored.split, len(targets))
    if least := objective.least:
        reached = value_of_labels(least.metric, objective.head, predicted, targets)
        name = metric_label(least.metric)
        if reached < least.value:
            at = f" at {decision.threshold:g}" if objective.head.is_binary else ""
            rows = pluralize(len(targets), "row")
            best = f"the best is {reached:.4f}{at}, on {rows}"
            message = f"no threshold has {name} of at least {least.value:g}: {best}"
            hint = f"ask for {math.floor(reached * 1000) / 1000:g} or less"
            raise RecipeError(message, where=scored.source, hint=hint)
        choice = evolve(choice, least_metric=name, least_value=least.value, least_reached=reached)
    return StoredDecision(decision, choice)


def figures_with_decision(run: Run, scored: ScoredSplit, metrics: Sequence[Metric]) -> Figures:
    """The figures with the decision of a run, with the accuracy and these metrics if its recipe does not have them."""
    found = run.figures(scored, metrics)
    if any(metric.is_accuracy for metric in (*run.plan.training.metrics, *metrics)):
        return found
    is_correct = run.head.form.is_correct(run.head.predict(scored.scores), scored.targets)
    correct, rows = int(is_correct.sum()), len(scored.targets)
    interval = wilson_interval(correct, rows) if rows > 1 else None
    return evolve(
        found,
        metrics={**found.metrics, "accuracy": correct / rows},
        intervals={**found.intervals, "accuracy": interval},
    )
