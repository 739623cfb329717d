"""What `zoo evaluate` shows of a decision: metrics before and after, and its values as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_cli.output import print_table

if TYPE_CHECKING:
    from zoo_cli.decisions.choose import FoundDecision
    from zoo_core.components.decisions.decision import Decision
    from zoo_core.evaluation.intervals.figures import Figures
    from zoo_core.runs.run import Run


def print_metrics(figures: Figures, before: Figures | None, decision: Decision) -> None:
    """Print the metrics with their intervals, next to those of the most probable class if another decision was found.

    If rows are leaked, also the metrics of the others.
    """
    from zoo_core.evaluation.intervals.interval import format_interval

    columns = {"value": figures}
    if before is not None and not decision.is_default:
        columns = {"at 0.5": before, f"at {decision.threshold:.6g}": figures}
        if decision.by_cost or decision.has_class_thresholds:
            columns = {decision.default_name: before, "by cost" if decision.by_cost else "by thresholds": figures}
    if figures.without_leaked is not None:
        columns["without leaked"] = figures.without_leaked
    lists = {name: found.interval_lists() for name, found in columns.items()}
    rows: list[list[object]] = [["rows", *(cell for found in columns.values() for cell in (found.rows, ""))]]
    for metric in figures.metrics:
        rows.append([metric])
        for name, found in columns.items():
            value = found.metrics.get(metric)
            rows[-1] += ["", ""] if value is None else [f"{value:.4f}", format_interval(lists[name][metric])]
    titles = [title for name in columns for title in (name, "95% CI" if name == "value" else f"{name} 95% CI")]
    print_table(["metric", *titles], rows)


def decision_to_dict(run: Run, found: FoundDecision | None) -> dict[str, Any]:
    """What the JSON object of an evaluation holds of the decision: nothing of the most probable class."""
    from attrs import asdict

    from zoo_core.runs.decisions.stored import StoredDecision

    decision = run.head.decision
    has_values = found is not None or not decision.is_default or decision.costs
    values = StoredDecision(decision).to_dict(run.head) if has_values else {}
    if found is not None and found.chosen.stored.choice:
        values |= {"choice": found.chosen.stored.choice.to_dict()}
        before = {"rows": found.before.rows, **found.before.metrics, **found.before.details()}
        values |= {"at_0.5" if run.head.has_threshold else "most_probable": before}
        values |= {"out_of_fold": asdict(found.chosen.out_of_fold)} if found.chosen.out_of_fold else {}
    return values
