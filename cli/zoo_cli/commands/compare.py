"""`zoo compare`: the paired comparison of trained runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from zoo_cli.completion.lists import complete_metric, complete_run
from zoo_cli.context import open_run_for
from zoo_cli.options import columns_option, data_option, data_options, json_option, on_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.typed.numbers import NumberRange


@click.command("compare", epilog="Example: zoo compare runs/yelp-perceptron-1 runs/yelp-mlp-1 --data more.csv")
@click.argument("runs", nargs=-1, required=True, metavar="RUN_A RUN_B...", shell_complete=complete_run)
@data_option("Labeled texts. Default: the data that all runs were trained on.")
@on_option
@click.option(
    "--metric",
    default="",
    metavar="NAME",
    shell_complete=complete_metric,
    help="The metric to compare. Default: RUN_A's first metric.",
)
@click.option(
    "--min-effect",
    type=NumberRange(0, min_open=True),
    default=0.005,
    show_default=True,
    metavar="D",
    help="Smallest difference that matters; used to report the required number of rows.",
)
@data_options
@columns_option
@plugin_option
@json_option
@click.pass_context
def compare_command(
    ctx: click.Context,
    runs: tuple[str, ...],
    data: list[str] | None,
    on: str,
    metric: str,
    min_effect: float,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Test whether each RUN is better than RUN_A, the first, on the same rows, and by how much.

    The result is about these models only: one training each is no evidence about their components.
    """
    if len(runs) < 2:
        raise click.UsageError("expected at least two runs: zoo compare RUN_A RUN_B")
    from zoo_core.experiments.compare import compare_runs

    opened = [open_run_for(ctx, run, settings) for run in runs]
    for name, one in zip(runs, opened, strict=True):
        if one.decision is not None and not one.head.decision.is_default:
            print_note(f"{name}: {one.decision.describe()}")
    result = compare_runs(*opened, data=data, split=on, metric=metric, min_effect=min_effect)
    if as_json:
        print_json(result)
    else:
        print_comparisons(result)


def print_comparisons(result: Mapping[str, Any]) -> None:
    """Print a table of runs on standard output, and the comparisons in sentences on standard error."""
    from zoo_core.experiments.comparison_sentences import correction_note
    from zoo_core.messages import pluralize

    comparisons = result["comparisons"]
    rows = [[run["run"], f"{run['mean']:.4f}", _format_interval(run)] for run in result["runs"]]
    columns = ["run", result["metric"], "95% CI"]
    if len(comparisons) > 1:
        columns += ["diff", "95% CI", "p"]
        rows[0] += ["", "", ""]
        for row, one in zip(rows[1:], comparisons, strict=True):
            row += [f"{one['difference']:.4f}", _format_interval(one), f"{one['p_holm']:.2g}"]
    print_table(columns, rows)
    tests = ", ".join(dict.fromkeys(one["test"] for one in comparisons))
    ending = f": p {comparisons[0]['p']:.3g}" if len(comparisons) == 1 else ""
    print_note(f"{pluralize(result['rows'], 'row')}, {tests}{ending}")
    for one in comparisons:
        print_note(one["sentence"])
    if len(comparisons) > 1:
        print_note(correction_note(len(comparisons)))


def _format_interval(values: Mapping[str, float]) -> str:
    return f"{values['low']:.4f} to {values['high']:.4f}" if "low" in values else ""
