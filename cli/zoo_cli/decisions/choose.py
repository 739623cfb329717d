"""Choose the decision rule of a run on scored rows, or as the user says, and store it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from zoo_cli.output import print_json, print_note, print_warning
from zoo_cli.typed.numbers import PROBABILITY

if TYPE_CHECKING:
    from zoo_core.components.decisions.decision import Costs
    from zoo_core.evaluation.intervals.figures import Figures
    from zoo_core.runs.decisions.choose import ChosenDecision
    from zoo_core.runs.predictions import ScoredSplit
    from zoo_core.runs.run import Run

COST = "cost"  # the word for it in --find-threshold
NONE = "none"
FEW_ROWS = 10  # of a class, for a decision


class ThresholdText(click.ParamType[Any]):
    """A threshold of two classes, an inline table of thresholds by class, or "none"."""

    name = "threshold"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and (value == NONE or value.lstrip().startswith("{")):
            return value
        try:
            return PROBABILITY.convert(value, param, ctx)
        except click.BadParameter as error:
            self.fail(f"{error.message}, a table of thresholds by class, or none", param, ctx)


@frozen
class DecisionRequest:
    """What the options of a decision ask for: the best `metric` or the least mean of `costs`."""

    metric: str | None
    at_least: str | None
    costs: str | None

    @property
    def is_empty(self) -> bool:
        """Whether no decision is to be chosen."""
        return self.metric is None and self.costs is None

    def check(self, threshold: float | None, new_threshold: object) -> None:
        """Raise UsageError for options that exclude each other."""
        chosen = None if self.is_empty else self.metric or COST
        if (chosen, threshold, new_threshold).count(None) < 2:
            raise click.UsageError("use only one of --threshold, --find-threshold or --cost, and --set-threshold")
        if self.costs is not None and self.metric not in (None, COST):
            raise click.UsageError("--cost finds the least mean cost: remove --find-threshold METRIC")
        if self.at_least is not None and (self.metric is None or self.metric == COST):
            raise click.UsageError("--at-least is a condition of --find-threshold METRIC: add that")


@frozen
class FoundDecision:
    """A run with the decision that was found, the scored rows, and figures with it and with the most probable class.

    Both have the metrics of the search.
    """

    run: Run
    scored: ScoredSplit
    figures: Figures
    before: Figures
    chosen: ChosenDecision


def find_and_store(
    run: Run, request: DecisionRequest, data: list[str] | None, on: str, *, needs_texts: bool
) -> FoundDecision:
    """Choose a decision on validation rows, or those of --data, and store it in the run."""
    from zoo_core.messages import pluralize
    from zoo_core.runs.decisions import choose, objectives
    from zoo_core.runs.validation.tuning_scores import tuning_scores

    metrics = []
    if request.metric is not None and request.metric != COST:
        metric = objectives.find_metric(run, request.metric)
        least = None if request.at_least is None else objectives.parse_least(run, request.at_least)
        metrics = [metric, *([least.metric] if least else [])]
        objectives.require_decision(run, *metrics)
        scored = tuning_scores(run, data, split=on, needs_texts=needs_texts)
        chosen = choose.find_decision(run, metric, scored, least)
    else:
        costs = _costs(run, request)
        objectives.require_decision(run)
        scored = tuning_scores(run, data, split=on, needs_texts=needs_texts)
        chosen = choose.choose_by_cost(run, costs, scored)
    tuned = choose.save_decision(run, chosen.stored)
    rows = pluralize(len(scored.targets), "row")
    print_note(f"{chosen.stored.describe()}, {rows}; stored in {run.folder}")
    _print_doubts(tuned, chosen, scored)
    default = tuned.head.form.decision
    before = tuned.with_decision(evolve(default, costs=tuned.head.decision.costs))
    figures, figures_before = (choose.figures_with_decision(one, scored, metrics) for one in (tuned, before))
    return FoundDecision(tuned, scored, figures, figures_before, chosen)


def _costs(run: Run, request: DecisionRequest) -> Costs:
    """The costs that are given, or those that the run has."""
    from zoo_core.components.targets.required import require_single_labels
    from zoo_core.errors import RecipeError
    from zoo_core.runs.decisions.cost_tables import parse_costs

    require_single_labels("costs of mistakes", run.head.targets)
    if request.costs is not None:
        return parse_costs(request.costs, run.head.classes)
    if run.head.decision.costs:
        return run.head.decision.costs
    raise RecipeError("the run has no costs of mistakes", hint="give them: --cost '{ fn = 5, fp = 1 }'")


def _print_doubts(chosen_for: Run, chosen: ChosenDecision, scored: ScoredSplit) -> None:
    """Say what a search reaches on rows that it did not see, and warn of the test split and of few rows."""
    if measured := chosen.out_of_fold:
        name = chosen.stored.choice.metric if chosen.stored.choice else COST
        values = f"{measured.value:.4f} instead of {measured.simple_value:.4f}"
        found = f"on rows that the search did not see, {name} is {values}"
        noise = f"with a standard error of {measured.error:.4f}"
        print_note(f"a searched threshold is not used: {found}, {noise}" if chosen.is_simple else f"{found}, {noise}")
    if scored.split == "test":
        print_warning("the threshold was chosen on the test split: its metrics are now biased upward")
    head = chosen_for.head
    counts = head.form.class_rows(scored.targets, len(head.classes))
    fewest = int(counts.min())
    if fewest < FEW_ROWS:
        print_warning(f"the threshold was chosen on few rows, {fewest} of one class: other rows may need another one")


def store_given(run: Run, value: float | str, *, as_json: bool) -> None:
    """Store thresholds that the user chose in a run; "none" stores the most probable class."""
    from zoo_core.config.toml import parse_toml
    from zoo_core.errors import RecipeError
    from zoo_core.runs.decisions.choose import save_decision
    from zoo_core.runs.decisions.decided_run import decision_of_thresholds
    from zoo_core.runs.decisions.stored import StoredDecision

    if value == NONE:
        decision = run.head.form.decision
    elif isinstance(value, str):
        table = parse_toml(f"thresholds = {value}", "--set-threshold").values["thresholds"]
        if not isinstance(table, dict):
            raise RecipeError("expected thresholds by class", where="--set-threshold")
        decision = decision_of_thresholds(table, run.head)
    elif problem := run.head.threshold_problem():
        hint = "" if run.head.is_binary else "give one for each class: '{ CLASS = 0.2, … }', or none"
        raise RecipeError(problem, hint=hint)
    else:
        decision = run.with_threshold(value).head.decision
    stored = StoredDecision(decision)
    save_decision(run, stored)
    if as_json:
        print_json(stored.to_dict(run.head))
    else:
        shown = f"threshold {decision.threshold:.6g}" if run.head.is_binary else decision.describe()
        print_note(f"{shown} stored in {run.folder}")
