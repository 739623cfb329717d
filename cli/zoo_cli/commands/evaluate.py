"""`zoo evaluate`: the metrics of a trained run, optionally for each class, and the search for a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zoo_cli.answers.options import answer_options
from zoo_cli.answers.report import measure, print_answers
from zoo_cli.completion.lists import complete_metric, complete_run
from zoo_cli.context import open_run_for
from zoo_cli.findings import print_dropped, print_findings
from zoo_cli.options import columns_option, data_option, data_options, json_option, on_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table, print_warning
from zoo_cli.output_file import force_option
from zoo_cli.wrong_rows import (
    ALL_ROWS,
    MAX_SHOWN,
    RowCount,
    check_errors_output,
    find_wrong_rows,
    print_wrong_rows,
    write_wrong_rows,
    wrong_rows_to_list,
)

if TYPE_CHECKING:
    from zoo_core.data.findings import Finding
    from zoo_core.runs.predictions import ScoredSplit
    from zoo_core.runs.run import Run
    from zoo_core.runs.validation.answer_rules import AnswerOptions

MetricValues = dict[str, float | int]
FEW_ROWS = 10  # of a class, for a threshold
PROBABILITY = click.FloatRange(0, 1)


@click.command("evaluate", epilog="Example: zoo evaluate runs/yelp-perceptron-1 --data more.csv --by-class")
@click.argument("run", shell_complete=complete_run)
@data_option("Labeled texts. Default: the data the run was trained on.")
@on_option
@data_options
@click.option("--by-class", is_flag=True, help="Also print precision, recall and F1 by class, and a confusion matrix.")
@answer_options
@click.option(
    "--threshold", type=PROBABILITY, help="Decision threshold for the second class. Default: the stored threshold."
)
@click.option(
    "--find-threshold",
    "metric",
    metavar="METRIC",
    shell_complete=complete_metric,
    help="Find the best threshold for METRIC on val, or on --data (its val split, if any), and store it in RUN.",
)
@click.option(
    "--at-least",
    metavar="METRIC=VALUE",
    shell_complete=complete_metric,
    help="With --find-threshold: only thresholds at which another metric is at least VALUE, as in recall=0.9.",
)
@click.option(
    "--set-threshold",
    "new_threshold",
    type=PROBABILITY,
    help="Store this threshold in RUN without evaluation; 0.5 is the default.",
)
@click.option(
    "--errors",
    type=RowCount(min=1),
    is_flag=False,
    flag_value=ALL_ROWS,
    metavar="[N]",
    help=f"Also list the wrong rows by confusion, the N most confident (default {MAX_SHOWN}; in a file, all).",
)
@click.option("--output", "-o", metavar="FILE", help="Write the wrong rows of --errors to a file, in any format.")
@force_option
@columns_option
@json_option
@plugin_option
@click.pass_context
def evaluate_command(
    ctx: click.Context,
    run: str,
    data: list[str] | None,
    on: str,
    by_class: bool,
    answers: AnswerOptions,
    threshold: float | None,
    metric: str | None,
    at_least: str | None,
    new_threshold: float | None,
    errors: int | None,
    output: str | None,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Evaluate RUN, the folder of a trained run."""
    if (metric, threshold, new_threshold).count(None) < 2:
        raise click.UsageError("use only one of --threshold, --find-threshold and --set-threshold")
    if at_least is not None and metric is None:
        raise click.UsageError("--at-least is a condition of --find-threshold METRIC: add that")
    if new_threshold is not None and (data or on or by_class or settings or answers.is_any):
        raise click.UsageError("--set-threshold does not evaluate: remove the options of data and of the report")
    if output is not None:
        check_errors_output(output, errors, [run, *(data or [])])
    opened = open_run_for(ctx, run, settings)
    if new_threshold is not None:
        store_threshold(opened, new_threshold, as_json=as_json)
        return
    more: MetricValues = {}
    if metric is not None:
        opened, scored, more, metrics_at_half = find_and_store_threshold(
            opened, metric, at_least, data, on, needs_texts=errors is not None
        )
    else:
        opened, metrics_at_half = opened if threshold is None else opened.with_threshold(threshold), None
        scored = opened.score_split(data, split=on)
        if opened.head.threshold != 0.5:
            stored = opened.threshold if threshold is None else None
            print_note(stored.describe() if stored else f"threshold {opened.head.threshold}")
    if scored.rows is not None:
        dropped = {reason: rows for reason, rows in scored.rows.dropped.items() if rows}
        print_dropped(dropped, scored.rows.rare, before=f"{scored.source}: ")
    findings = find_score_problems(opened, scored)
    metrics = {**opened.evaluate_scores(scored), **more}
    measured = measure(opened, answers, scored)
    wrong = None if errors is None else find_wrong_rows(opened, scored, errors, is_file=output is not None)
    if wrong is not None and output is not None:
        write_wrong_rows(wrong, output, are_scores=not opened.head.has_probabilities)
    if as_json:
        details = details_to_dict(opened, scored, metrics_at_half, by_class=by_class)
        more_details = {"findings": [finding.to_dict() for finding in findings]}
        more_details |= {} if measured is None else measured.to_dict()
        more_details |= {} if wrong is None else {"errors": wrong_rows_to_list(wrong)}
        print_json({**metrics, **details, **more_details})
        return
    print_metrics(metrics, metrics_at_half, opened.head.threshold)
    if measured is not None:
        print_answers(measured, by_class=by_class)
    print_findings(findings)
    if by_class:
        from zoo_cli.metrics_by_class import print_class_tables

        print_class_tables(opened.head, scored)
    if wrong is not None and output is None:
        print_wrong_rows(wrong, are_scores=not opened.head.has_probabilities)


def store_threshold(run: Run, value: float, *, as_json: bool) -> None:
    """Store a threshold that the user chose in a run."""
    from zoo_core.runs.threshold import Threshold
    from zoo_core.runs.threshold_search import save_threshold

    save_threshold(run, Threshold(value))
    if as_json:
        print_json({"threshold": value})
    else:
        print_note(f"threshold {value} stored in {run.folder}")


def find_and_store_threshold(
    run: Run, metric_name: str, at_least: str | None, data: list[str] | None, on: str, *, needs_texts: bool
) -> tuple[Run, ScoredSplit, MetricValues, MetricValues]:
    """Find and store the best threshold for a metric.

    Returns the run with this threshold, the scored rows, the metrics of the search that the recipe does not have, and
    all metrics at a threshold of 0.5.
    """
    from zoo_core.messages import pluralize
    from zoo_core.runs import threshold_search as search
    from zoo_core.runs.validation.tuning_scores import tuning_scores

    metric = search.find_metric(run, metric_name)
    search.require_threshold(run, metric)
    least = None if at_least is None else search.parse_least(run, at_least)
    scored = tuning_scores(run, data, split=on, needs_texts=needs_texts)
    threshold = search.find_threshold(run, metric, scored, least)
    tuned_run = search.save_threshold(run, threshold)
    print_note(f"{threshold.describe()}, {pluralize(len(scored.targets), 'row')}; stored in {run.folder}")
    if scored.split == "test":
        print_warning("the threshold was chosen on the test split: its metrics are now biased upward")
    fewest = int(scored.targets.bincount(minlength=2).min())
    if fewest < FEW_ROWS:
        print_warning(f"the threshold was chosen on few rows, {fewest} of one class: other rows may need another one")
    metrics, at_half = [metric, *([least.metric] if least else [])], run.with_threshold(0.5)
    more = search.values_at_threshold(tuned_run, scored, metrics)
    more_at_half = search.values_at_threshold(at_half, scored, metrics)
    return tuned_run, scored, {**more}, {**at_half.evaluate_scores(scored), **more_at_half}


def find_score_problems(run: Run, scored: ScoredSplit) -> list[Finding]:
    """Classes without rows, badly calibrated probabilities, and the accuracy beside that of a constant answer."""
    from zoo_core.runs.results.score_checks import ScoredRows, check_baseline, check_calibration, check_missing

    rows = ScoredRows(run.head, scored.scores, scored.targets, scored.split or scored.source, str(run.folder))
    return [*check_missing(rows), *check_calibration(rows), *check_baseline(rows)]


def details_to_dict(
    run: Run, scored: ScoredSplit, metrics_at_half: MetricValues | None, *, by_class: bool
) -> dict[str, Any]:
    """What the JSON object holds in addition to the metrics: the threshold and the results by class."""
    from attrs import asdict

    from zoo_core.evaluation import diagnostics

    details: dict[str, Any] = {}
    if metrics_at_half is not None or run.head.threshold != 0.5:
        details["threshold"] = run.head.threshold
    if metrics_at_half is not None and run.threshold and run.threshold.choice:
        details |= {"choice": run.threshold.choice.to_dict(), "at_0.5": metrics_at_half}
    if by_class:
        scores = run.head, scored.scores, scored.targets
        details["by_class"] = [asdict(report) for report in diagnostics.class_reports(*scores)]
        has_matrix = len(run.head.classes) <= diagnostics.MAX_CLASSES
        details["confusion"] = asdict(diagnostics.confusion(*scores)) if has_matrix else None
    return details


def print_metrics(metrics: MetricValues, metrics_at_half: MetricValues | None, threshold: float) -> None:
    """Print the metrics, next to those at a threshold of 0.5 if a threshold was searched."""
    columns = {"value": metrics}
    if metrics_at_half is not None and threshold != 0.5:
        columns = {"at 0.5": metrics_at_half, f"at {threshold}": metrics}
    rows = [
        (name, *(values[name] if name == "rows" else f"{values[name]:.4f}" for values in columns.values()))
        for name in metrics
    ]
    print_table(["metric", *columns], rows)
