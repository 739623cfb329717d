"""`zoo compare`: the paired comparison of two trained runs."""

from __future__ import annotations

import click

from zoo_cli.context import open_run_for
from zoo_cli.options import columns_option, data_option, data_options, json_option, on_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table


@click.command("compare", epilog="Example: zoo compare runs/yelp-perceptron-1 runs/yelp-mlp-1 --data more.csv")
@click.argument("run_a")
@click.argument("run_b")
@data_option("Labeled texts. Default: the data that both runs were trained on.")
@on_option
@click.option("--metric", default="", metavar="NAME", help="The metric to compare. Default: RUN_A's first metric.")
@click.option(
    "--min-effect",
    type=click.FloatRange(0, min_open=True),
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
    run_a: str,
    run_b: str,
    data: list[str] | None,
    on: str,
    metric: str,
    min_effect: float,
    reader: str,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Test whether RUN_B is better than RUN_A on the same rows, and by how much.

    The result is about these two models only: one training each is no evidence about their components.
    """
    from zoo_core.experiments.compare import compare_runs
    from zoo_core.messages import pluralize

    first, second = open_run_for(ctx, run_a, settings), open_run_for(ctx, run_b, settings)
    result = compare_runs(first, second, data, split=on, reader=reader, metric=metric, min_effect=min_effect)
    if as_json:
        print_json(result)
        return
    rows = [[run["run"], f"{run['mean']:.4f}", _format_interval(run)] for run in result["runs"]]
    print_table(["run", result["metric"], "95% CI"], rows)
    print_note(f"{pluralize(result['rows'], 'row')}, {result['test']}: p {result['p']:.3g}")
    print_note(result["sentence"])


def _format_interval(run: dict[str, float]) -> str:
    return f"{run['low']:.4f} to {run['high']:.4f}" if "low" in run else ""
