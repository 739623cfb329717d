"""`zoo predict`: a label and the probability of every class, one output row for each input row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING

import click

from zoo_cli.context import open_run_for
from zoo_cli.options import columns_option, data_options, formulas_option, plugin_option
from zoo_cli.streams import data_stream

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.runs.predictions import Predictions
    from zoo_core.runs.run import Run

BATCH_ROWS = 32768  # rows that are predicted and written at once
FORMATS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl"}


@click.command("predict", epilog="Example: zoo predict runs/yelp-perceptron-1 'Great food!' 'Never again.'")
@click.argument("run")
@click.argument("text", nargs=-1)
@click.option(
    "--data", "source", metavar="FILE", help="Input file: a table, or one text per line; - is standard input."
)
@click.option("--output", "-o", default="-", metavar="FILE", help="Output file; - is standard output.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "tsv", "jsonl"]),
    help="Output format. Default: from the suffix of the output file, or csv.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="Decision threshold for the second class. Default: the stored threshold, or 0.5.",
)
@data_options
@formulas_option
@columns_option
@plugin_option
@click.pass_context
def predict_command(
    ctx: click.Context,
    run: str,
    text: tuple[str, ...],
    source: str | None,
    output: str,
    form: str | None,
    threshold: float | None,
    reader: str,
    escape_formulas: bool,
    settings: tuple[str, ...],
) -> None:
    """Label each TEXT, or each row of --data, with RUN, the folder of a trained run."""
    from functools import partial
    from pathlib import Path

    from zoo_core.data.files.prediction_input import locate_prediction_row, rebatch
    from zoo_core.errors import RecipeError, ZooError
    from zoo_core.filesystem.outputs import check_output
    from zoo_core.filesystem.writing import atomic_write

    if bool(text) == (source is not None):
        raise RecipeError("expected either texts on the command line or --data FILE (--data - reads standard input)")
    check_output(output, [run, source] if source else [run])
    form = form or FORMATS.get(Path(output).suffix.lower(), "csv")
    opened = open_run_for(ctx, run, settings)
    with nullcontext(data_stream().buffer) if output == "-" else atomic_write(output) as stream:
        batches = rebatch(read_texts(opened, text, source, reader), BATCH_ROWS)
        try:
            for number, predictions in enumerate(opened.predict_batches(batches, threshold=threshold)):
                write_predictions(predictions, form, stream, header=number == 0, escaped=escape_formulas)
        except ZooError as error:
            if source is None:
                raise
            registry, task = opened.zoo.registry, opened.plan.task
            raise error.at_rows(partial(locate_prediction_row, source, registry, task, reader=reader)) from None


def read_texts(run: Run, texts: tuple[str, ...], source: str | None, reader: str) -> Iterator[pl.Series]:
    """The texts to label. Standard input holds one text per line, unless its first line names the text column."""
    import polars as pl

    from zoo_core.data.files.prediction_input import iter_prediction_tables

    if source is None:
        yield pl.Series("text", list(texts), dtype=pl.String)
        return
    for table in iter_prediction_tables(source, run.zoo.registry, run.plan.task, reader=reader):
        yield run.plan.task.texts(table)


def write_predictions(
    predictions: Predictions, form: str, stream: IO[bytes], *, header: bool, escaped: bool = False
) -> None:
    """Write predictions as CSV, TSV or JSON lines; `escaped` escapes values that a spreadsheet would run."""
    import polars as pl

    from zoo_core.data.files.writer import OutputFormat, escape_formulas

    prefix = "score" if predictions.are_scores else "p"
    columns = {
        f"{prefix}_{label}": predictions.values[:, index].double().numpy()
        for index, label in enumerate(predictions.classes)
    }
    frame = pl.DataFrame({"label": predictions.label_series(), **columns})
    if escaped:
        frame = escape_formulas(frame, OutputFormat(form))
    if form == "jsonl":
        text = frame.write_ndjson()
    else:
        text = frame.write_csv(separator="," if form == "csv" else "\t", include_header=header, float_precision=6)
    stream.write(text.encode())
