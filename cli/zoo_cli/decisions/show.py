"""What `zoo evaluate` shows of a decision: metrics before and after, and its values as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_cli.output import print_table

if TYPE_CHECKING:
    from zoo_cli.decisions.choose import FoundDecision, MetricValues
    from zoo_core.components.decisions.decision import Decision
    from zoo_core.runs.run import Run


def print_metrics(metrics: MetricValues, before: MetricValues | None, decision: Decision) -> None:
    """Print the metrics, next to those of the most probable class if another decision was found."""
    columns = {"value": metrics}
    if before is not None and not decision.is_default:
        columns = {"at 0.5": before, f"at {decision.threshold}": metrics}
        if decision.by_cost or len(decision.thresholds) > 2:
            columns = {"most probable": before, "by cost" if decision.by_cost else "by thresholds": metrics}
    rows = [
        (name, *(values[name] if name == "rows" else f"{values[name]:.4f}" for values in columns.values()))
        for name in metrics
    ]
    print_table(["metric", *columns], rows)


def decision_to_dict(run: Run, found: FoundDecision | None) -> dict[str, Any]:
    """What the JSON object of an evaluation holds of the decision: nothing of the most probable class."""
    from attrs import asdict

    from zoo_core.runs.decisions.stored import StoredDecision

    decision = run.head.decision
    has_values = found is not None or not decision.is_default or decision.costs
    values = StoredDecision(decision).to_dict(run.head) if has_values else {}
    if found is not None and found.chosen.stored.choice:
        is_binary = len(run.head.classes) == 2
        values |= {"choice": found.chosen.stored.choice.to_dict()}
        values |= {"at_0.5" if is_binary else "most_probable": found.before}
        values |= {"out_of_fold": asdict(found.chosen.out_of_fold)} if found.chosen.out_of_fold else {}
    return values
