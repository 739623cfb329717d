"""`zoo evaluate`: the metrics of a trained run, optionally for each class, and the search for a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zoo_cli.answers.options import answer_options
from zoo_cli.answers.report import measure, print_answers
from zoo_cli.completion.lists import complete_aim, complete_calibrator, complete_metric, complete_run
from zoo_cli.context import open_run_for
from zoo_cli.decisions.choose import DecisionRequest, ThresholdText, find_and_store, store_given
from zoo_cli.decisions.show import decision_to_dict, print_metrics
from zoo_cli.findings import print_dropped, print_findings
from zoo_cli.options import columns_option, data_option, data_options, json_option, on_option, plugin_option
from zoo_cli.output import print_json, print_note
from zoo_cli.output_file import force_option
from zoo_cli.typed.numbers import PROBABILITY
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


@click.command("evaluate", epilog="Example: zoo evaluate runs/yelp-perceptron-1 --data more.csv --by-class")
@click.argument("run", shell_complete=complete_run)
@data_option("Labeled texts. Default: the data the run was trained on.")
@on_option
@data_options
@click.option("--by-class", is_flag=True, help="Also print precision, recall and F1 by class, and a confusion matrix.")
@answer_options
@click.option(
    "--threshold", type=PROBABILITY, help="Decision threshold for the second class. Default: the stored decision."
)
@click.option(
    "--find-threshold",
    "metric",
    metavar="METRIC",
    shell_complete=complete_aim,
    help="Find the best threshold for METRIC on val, or on --data (its val split, if any), and store it in RUN; "
    "of more than two classes, thresholds by class.",
)
@click.option(
    "--cost",
    metavar="COSTS",
    help="Find the decision with the least mean cost, as --find-threshold does: '{ fn = 5, fp = 1 }', or a file with "
    "the cost of each predicted class by true class (TOML, CSV or TSV).",
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
    type=ThresholdText(),
    metavar="VALUE",
    help="Store this threshold in RUN without evaluation: a number for two classes, a table '{ CLASS = 0.2, … }', or "
    "none for the most probable class.",
)
@click.option(
    "--calibrate",
    metavar="METHOD",
    shell_complete=complete_calibrator,
    help="Fit a calibrator on val, or on --data (its val split, if any), store it in RUN, and print what it changes.",
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
    cost: str | None,
    new_threshold: float | str | None,
    calibrate: str | None,
    errors: int | None,
    output: str | None,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Evaluate RUN, the folder of a trained run."""
    request = DecisionRequest(metric, at_least, cost)
    request.check(threshold, new_threshold)
    if new_threshold is not None and (data or on or by_class or settings or answers.is_any):
        raise click.UsageError("--set-threshold does not evaluate: remove the options of data and of the report")
    if not request.is_empty and answers.is_any:
        raise click.UsageError(
            "--find-threshold and --cost store a decision: evaluate its answers and sets with a second command"
        )
    has_decision = not request.is_empty or threshold is not None or new_threshold is not None
    if calibrate is not None and (by_class or errors or answers.is_any or has_decision):
        raise click.UsageError("--calibrate prints its own report: use no other option of thresholds or of the report")
    if output is not None:
        check_errors_output(output, errors, [run, *(data or [])])
    from zoo_core.runs.decisions.stored import StoredDecision

    opened = open_run_for(ctx, run, settings)
    if new_threshold is not None:
        store_given(opened, new_threshold, as_json=as_json)
        return
    if calibrate is not None:
        from zoo_cli.evaluation.calibration import calibrate_run

        calibrate_run(opened, calibrate, data, on, as_json=as_json)
        return
    found = None
    if not request.is_empty:
        found = find_and_store(opened, request, data, on, needs_texts=errors is not None)
        opened, scored, figures = found.run, found.scored, found.figures
    else:
        opened = opened if threshold is None else opened.with_threshold(threshold)
        scored = opened.score_split(data, split=on)
        figures = opened.figures(scored)
        if not opened.head.decision.is_default:
            stored = opened.decision if threshold is None else None
            print_note((stored or StoredDecision(opened.head.decision)).describe())
    if scored.rows is not None:
        dropped = {reason: rows for reason, rows in scored.rows.dropped.items() if rows}
        print_dropped(dropped, scored.rows.rare, before=f"{scored.source}: ")
    findings = find_score_problems(opened, scored)
    measured = measure(opened, answers, scored)
    wrong = None if errors is None else find_wrong_rows(opened, scored, errors, is_file=output is not None)
    if wrong is not None and output is not None:
        write_wrong_rows(wrong, output, are_scores=not opened.head.has_probabilities)
    if as_json:
        details = figures.details() | decision_to_dict(opened, found)
        details |= by_class_to_dict(opened, scored) if by_class else {}
        more_details = {"findings": [finding.to_dict() for finding in findings]}
        more_details |= {} if measured is None else measured.to_dict()
        more_details |= {} if wrong is None else {"errors": wrong_rows_to_list(wrong)}
        print_json({"rows": figures.rows, **figures.metrics, **details, **more_details})
        return
    print_metrics(figures, found.before if found else None, opened.head.decision)
    if measured is not None:
        print_answers(measured, by_class=by_class)
    print_findings(findings)
    if by_class:
        from zoo_cli.metrics_by_class import print_class_tables

        print_class_tables(opened.head, scored)
    if wrong is not None and output is None:
        print_wrong_rows(wrong, are_scores=not opened.head.has_probabilities)


def find_score_problems(run: Run, scored: ScoredSplit) -> list[Finding]:
    """Classes without rows, badly calibrated probabilities, and the accuracy beside that of a constant answer."""
    from zoo_core.runs.results.score_checks import ScoredRows, check_baseline, check_calibration, check_missing

    rows = ScoredRows(run.head, scored.scores, scored.targets, scored.split or scored.source, str(run.folder))
    return [*check_missing(rows), *check_calibration(rows), *check_baseline(rows)]


def by_class_to_dict(run: Run, scored: ScoredSplit) -> dict[str, Any]:
    """The results by class, and the confusion matrix unless there are too many classes, as JSON."""
    from attrs import asdict

    from zoo_core.evaluation import diagnostics

    scores = run.head, scored.scores, scored.targets
    has_matrix = len(run.head.classes) <= diagnostics.MAX_CLASSES and run.head.form.is_exclusive
    return {
        "by_class": [report.to_dict() for report in diagnostics.class_reports(*scores)],
        "confusion": asdict(diagnostics.confusion(*scores)) if has_matrix else None,
    }
