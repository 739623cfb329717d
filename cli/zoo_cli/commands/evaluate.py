"""`zoo evaluate`: the metrics of a trained run, optionally for each class, and the search for a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zoo_cli.context import open_run_for
from zoo_cli.options import columns_option, data_option, json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table

if TYPE_CHECKING:
    from zoo_core.runs.predictions import ScoredSplit
    from zoo_core.runs.run import Run

MetricValues = dict[str, float | int]
PROBABILITY = click.FloatRange(0, 1)


@click.command("evaluate", epilog="Example: zoo evaluate runs/yelp-perceptron-1 --data more.csv --by-class")
@click.argument("run")
@data_option("Labeled texts. Default: the data the run was trained on.")
@click.option("--split", default="", metavar="NAME", help="train, val or test. Default: test, or all of --data.")
@click.option("--reader", default="", metavar="NAME", help="Reader for the file. Default: detected.")
@click.option("--by-class", is_flag=True, help="Also print precision, recall and F1 by class, and a confusion matrix.")
@click.option(
    "--threshold", type=PROBABILITY, help="Decision threshold for the second class. Default: the stored threshold."
)
@click.option(
    "--find-threshold",
    "metric",
    metavar="METRIC",
    help="Find the best threshold for METRIC on val, or on --data (its val split, if any), and store it in RUN.",
)
@click.option(
    "--set-threshold",
    "kept",
    type=PROBABILITY,
    help="Store this threshold in RUN without evaluation; 0.5 is the default.",
)
@columns_option
@json_option
@plugin_option
@click.pass_context
def evaluate_command(
    ctx: click.Context,
    run: str,
    data: list[str] | None,
    split: str,
    reader: str,
    by_class: bool,
    threshold: float | None,
    metric: str | None,
    kept: float | None,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Evaluate RUN, the folder of a trained run."""
    if (metric, threshold, kept).count(None) < 2:
        raise click.UsageError("use only one of --threshold, --find-threshold and --set-threshold")
    if kept is not None and (data or split or reader or by_class or settings):
        raise click.UsageError(
            "--set-threshold does not evaluate: remove --data, --split, --reader, --by-class and --set"
        )
    opened = open_run_for(ctx, run, settings)
    if kept is not None:
        store_threshold(opened, kept, as_json=as_json)
        return
    if metric is not None:
        opened, scored, before = find_and_store_threshold(opened, metric, data, split, reader)
    else:
        opened, before = opened if threshold is None else opened.with_threshold(threshold), None
        scored = opened.score_split(data, split=split, reader=reader)
        if opened.head.threshold != 0.5:
            print_note(
                opened.threshold.describe() if opened.threshold and threshold is None else f"threshold {threshold}"
            )
    warn_of_missing_classes(opened, scored)
    figures = opened.evaluate_scores(scored)
    if as_json:
        print_json({**figures, **details_to_dict(opened, scored, before, by_class=by_class)})
        return
    print_metrics(figures, before, opened.head.threshold)
    if by_class:
        from zoo_cli import class_tables

        class_tables.print_class_tables(opened.head, scored)


def store_threshold(run: Run, value: float, *, as_json: bool) -> None:
    """Keep a threshold that a person chose."""
    from zoo_core.runs.threshold import Threshold
    from zoo_core.runs.threshold_search import save_threshold as keep_in

    keep_in(run, Threshold(value))
    if as_json:
        print_json({"threshold": value})
    else:
        print_note(f"threshold {value} stored in {run.folder}")


def find_and_store_threshold(
    run: Run, metric: str, data: list[str] | None, split: str, reader: str
) -> tuple[Run, ScoredSplit, MetricValues]:
    """The run with the threshold that is best for a metric, kept; on which rows; and the figures there at 0.5."""
    from zoo_core.messages import pluralize
    from zoo_core.runs.threshold_search import find_metric, find_threshold, require_threshold
    from zoo_core.runs.threshold_search import save_threshold as keep_in

    wanted = find_metric(run, metric)
    require_threshold(run, wanted)
    scored = run.score_split(data, split=split, reader=reader, for_tuning=True)
    best = find_threshold(run, wanted, scored)
    changed = keep_in(run, best)
    print_note(f"{best.describe()}, {pluralize(len(scored.targets), 'row')}; stored in {run.folder}")
    if scored.split == "test":
        print_note(
            "zoo: warning: the threshold was chosen on the test split: metrics on this split are now biased upward"
        )
    return changed, scored, run.with_threshold(0.5).evaluate_scores(scored)


def warn_of_missing_classes(run: Run, scored: ScoredSplit) -> None:
    """A line for classes that the rows lack: what figures say of them is a convention."""
    from zoo_core.messages import join_names

    there = set(scored.targets.unique().tolist())
    missing = [label[:40] for at, label in enumerate(run.head.classes) if at not in there]
    if missing:
        print_note(
            f"zoo: warning: no rows of class {join_names(missing, 6)}: some metrics are undefined and use a default "
            "(hint: see zoo show metric NAME)"
        )


def details_to_dict(run: Run, scored: ScoredSplit, before: MetricValues | None, *, by_class: bool) -> dict[str, Any]:
    """What JSON has beside the figures."""
    from attrs import asdict

    from zoo_core.evaluation import diagnostics

    found: dict[str, Any] = {}
    if before is not None or run.head.threshold != 0.5:
        found["threshold"] = run.head.threshold
    if before is not None and run.threshold and run.threshold.choice:
        found |= {"choice": asdict(run.threshold.choice), "at_0.5": before}
    if by_class:
        given = run.head, scored.scores, scored.targets
        found["by_class"] = [asdict(one) for one in diagnostics.class_reports(*given)]
        few = len(run.head.classes) <= diagnostics.MAX_CLASSES
        found["confusion"] = asdict(diagnostics.confusion(*given)) if few else None
    return found


def print_metrics(figures: MetricValues, before: MetricValues | None, threshold: float) -> None:
    """The figures, beside those at 0.5 where another threshold was found."""
    both = before is not None and threshold != 0.5
    told = [before, figures] if before is not None and both else [figures]
    columns = ["at 0.5", f"at {threshold}"] if both else ["value"]
    rows = [(name, *(one[name] if name == "rows" else f"{one[name]:.4f}" for one in told)) for name in figures]
    print_table(["metric", *columns], rows)
