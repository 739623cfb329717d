"""`zoo data`: sample data."""

from __future__ import annotations

import sys
from typing import cast

import click

from zoo_cli.drawing import note, the_zoo


@click.group("data", epilog="Example: zoo data sample --rows 1000 -o sample.csv")
def data_command() -> None:
    """Make sample data."""


@data_command.command("sample", epilog="Example: zoo data sample --rows 1000 --seed 7 -o sample.csv")
@click.option("--rows", type=click.IntRange(1, 100_000_000), default=4000, show_default=True, help="How many reviews.")
@click.option("--seed", type=click.IntRange(0), default=1337, show_default=True, help="Same seed, same reviews.")
@click.option("--task", default="yelp", show_default=True, help="The task whose sample it is.")
@click.option("-o", "--output", default="-", metavar="FILE", help="A CSV file; - is standard output.")
@click.pass_context
def sample(ctx: click.Context, rows: int, seed: int, task: str, output: str) -> None:
    """Write synthetic labelled texts: made by a grammar, not by people."""
    from zoo_cli.files import whole_file
    from zoo_core.contracts import Task
    from zoo_core.errors import RecipeError
    from zoo_core.settings import component

    chosen = cast(Task, component(the_zoo(ctx).registry, "task", task))
    if not chosen.has_sample:
        raise RecipeError(f'task "{task}" brings no sample data')
    frame = chosen.sample(rows=rows, seed=seed)
    if output == "-":
        sys.stdout.write(frame.write_csv())
        return
    with whole_file(output) as stream:
        frame.write_csv(stream)
    note(f"{rows} synthetic rows in {output}")
