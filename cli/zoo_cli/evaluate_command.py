"""`zoo evaluate`: the figures of a trained run."""

from __future__ import annotations

import click

from zoo_cli.drawing import columns_option, json_option, print_json, print_table, the_run


@click.command("evaluate", epilog="Example: zoo evaluate runs/yelp-perceptron-1 --data more.csv")
@click.argument("run")
@click.option("--data", metavar="FILE", help="Labelled texts. Left out: the data the run was trained on.")
@click.option("--split", default="", metavar="NAME", help="train, val or test. Left out: test, or all of --data.")
@click.option("--reader", default="", metavar="NAME", help="The file's format, where it is not recognised.")
@columns_option
@json_option
@click.pass_context
def evaluate_command(
    ctx: click.Context,
    run: str,
    data: str | None,
    split: str,
    reader: str,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure RUN, the folder of a trained run."""
    figures = the_run(ctx, run, settings).evaluate(data, split=split, reader=reader)
    if as_json:
        print_json(figures)
    else:
        shown = [(name, value if name == "rows" else f"{value:.4f}") for name, value in figures.items()]
        print_table(["figure", "value"], shown)
