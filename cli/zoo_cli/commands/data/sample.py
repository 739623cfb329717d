"""`zoo data sample`: texts made by a grammar."""

from __future__ import annotations

from typing import cast

import click

from zoo_cli.commands.data.output import force_option, format_option, free, written
from zoo_cli.context import open_zoo_for
from zoo_cli.output import print_note


@click.command("sample", epilog="Example: zoo data sample --rows 1000 --seed 7 -o sample.csv.gz")
@click.option("--rows", type=click.IntRange(1, 100_000_000), default=4000, show_default=True, help="How many reviews.")
@click.option("--seed", type=click.IntRange(0), default=1337, show_default=True, help="Same seed, same reviews.")
@click.option("--task", default="yelp", show_default=True, help="The task whose sample it is.")
@click.option("-o", "--output", default="-", metavar="FILE", help="The file to write; - is standard output.")
@format_option
@force_option
@click.pass_context
def sample(ctx: click.Context, rows: int, seed: int, task: str, output: str, form: str, force: bool) -> None:
    """Write synthetic labeled texts: made by a grammar, not by people.

    The name of FILE says the format. TSV and fastText have a space where a text has a line break.
    """
    from zoo_core.components.contracts import Task
    from zoo_core.config.structure import build_component
    from zoo_core.errors import RecipeError
    from zoo_core.messages import pluralize

    free(output, force)
    chosen = cast(Task, build_component(open_zoo_for(ctx).registry, "task", task))
    if not chosen.has_sample:
        raise RecipeError(f'task "{task}" brings no sample data')
    label, text = str(getattr(chosen, "label", "label")), str(getattr(chosen, "text", "text"))
    written(chosen.sample_data(rows=rows, seed=seed), output, form, label=label, text=text, flat=True)
    if output != "-":
        print_note(f"{pluralize(rows, 'synthetic row')} in {output}")
