"""`zoo predict`: the rows of a file with a label and the probability of every class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from zoo_cli.answers.options import BY_CLASS, answer_options, rules_of
from zoo_cli.completion.lists import complete_run
from zoo_cli.context import open_run_for
from zoo_cli.options import columns_option, data_options, formulas_option, json_option, plugin_option
from zoo_cli.output import print_note, print_warning
from zoo_cli.output_file import check_output, kept_rows_options, print_written, resolve_format, table_format
from zoo_cli.streams import data_stream
from zoo_cli.typed.numbers import PROBABILITY, IntegerRange

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.data.files.writer import OutputFormat
    from zoo_core.runs.results.prediction_tables import PredictionTables
    from zoo_core.runs.validation.answer_rules import AnswerOptions

BATCH_ROWS = 32768  # rows that are predicted and written at once


@click.command("predict", epilog="Example: zoo predict runs/yelp-perceptron-1 'Great food!' 'Never again.'")
@click.argument("run", shell_complete=complete_run)
@click.argument("text", nargs=-1)
@click.option(
    "--data", "source", metavar="FILE", help="Input file: a table, or one text per line; - is standard input."
)
@kept_rows_options
@click.option("--top", type=IntegerRange(1), metavar="K", help="Write the K most probable labels only.")
@click.option("--mark-unknown", is_flag=True, help="Add a column that marks texts without a known word.")
@click.option(
    "--threshold",
    type=PROBABILITY,
    help="Decision threshold for the second class. Default: the stored threshold, or 0.5.",
)
@answer_options
@BY_CLASS
@data_options
@json_option
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
    form: str,
    columns: tuple[str, ...],
    top: int | None,
    mark_unknown: bool,
    threshold: float | None,
    answers: AnswerOptions,
    by_class: bool,
    as_json: bool,
    escape_formulas: bool,
    settings: tuple[str, ...],
) -> None:
    """Label each TEXT, or each row of --data, with RUN, the folder of a trained run.

    Writes the columns of the file and, after them, the label and the probability of each class. A column of the
    prediction whose name the file has gets the prefix predicted_.
    """
    from zoo_core.data.kept_columns import KeptColumns
    from zoo_core.errors import RecipeError
    from zoo_core.runs.results.prediction_tables import PredictionTables

    if by_class and answers.coverage is None:
        raise click.UsageError("--by-class is of prediction sets: add --coverage")
    if bool(text) == (source is not None):
        raise RecipeError("expected either texts on the command line or --data FILE (--data - reads standard input)")
    form = resolve_format(output, form, as_json)
    check_output(output, [run, source] if source else [run])
    file_format = _output_format(output, form)
    warn_of_files(text)
    opened = open_run_for(ctx, run, settings)
    rules = rules_of(opened if threshold is None else opened.with_threshold(threshold), answers)
    kept = KeptColumns.parse(columns)
    predicting = PredictionTables(opened, kept, BATCH_ROWS, top or 0, mark_unknown, threshold, rules)
    frames = predict_frames(predicting, text, source)
    if threshold is None and opened.decision is not None and not opened.head.decision.is_default:
        print_note(opened.decision.describe())
    write_frames(frames, output, file_format, escaped=escape_formulas)
    if as_json and output != "-":
        print_written(output, rows=predicting.rows)
    print_notes(predicting, marked=mark_unknown)


def _output_format(output: str, form: str) -> OutputFormat:
    """The format to write. Raises RecipeError for fastText files, which hold no probabilities, and on a terminal."""
    from zoo_core.errors import RecipeError

    file_format = table_format(output, form, "predictions")
    if output == "-" and file_format.is_binary and data_stream().isatty():
        raise RecipeError("binary format on a terminal", hint="name an output file with -o")
    return file_format


def warn_of_files(texts: tuple[str, ...]) -> None:
    """Warn of texts that are names of files."""
    from pathlib import Path

    for text in texts:
        if Path(text).suffix and Path(text).is_file():
            print_warning(f'"{text}" is predicted as a text; --data reads the file of this name')


def predict_frames(predicting: PredictionTables, texts: tuple[str, ...], source: str | None) -> Iterator[pl.DataFrame]:
    """The predicted rows of texts on the command line, or of a file, in which an error of a row gets its place."""
    from functools import partial

    from zoo_core.data.files.prediction_input import iter_prediction_tables, locate_prediction_row
    from zoo_core.errors import ZooError

    if source is None:
        yield from predicting.predict_texts(texts)
        return
    run = predicting.run
    registry, task, reader = run.zoo.registry, run.plan.task, run.other_reader
    choose = predicting.columns.choose(task)
    try:
        yield from predicting.predict(iter_prediction_tables(source, registry, task, reader=reader, choose=choose))
    except ZooError as error:
        raise error.at_rows(partial(locate_prediction_row, source, registry, task, reader=reader)) from None


def write_frames(frames: Iterable[pl.DataFrame], output: str, file_format: OutputFormat, *, escaped: bool) -> None:
    """Write the parts of a table as they come; `escaped` escapes values that a spreadsheet would run."""
    from zoo_core.data.files.writer import open_table_writer
    from zoo_core.data.spreadsheet_formulas import escape_formulas
    from zoo_core.filesystem.writing import atomic_write

    with (
        nullcontext(data_stream().buffer) if output == "-" else atomic_write(output) as stream,
        open_table_writer(stream, file_format) as writer,
    ):
        for frame in frames:
            writer.write(escape_formulas(frame, file_format) if escaped else frame)


def print_notes(predicting: PredictionTables, *, marked: bool) -> None:
    """Tell which columns have another name or are left out, and how many texts have no known word."""
    from zoo_core.messages import join_names, pluralize

    if predicting.renamed:
        pairs = [f'"{name}" as "{new}"' for name, new in predicting.renamed.items()]
        print_note(f"the file has columns of the same names: the prediction has {join_names(pairs)}")
    if predicting.left_out:
        pairs = [f"{name} ({dtype})" for name, dtype in predicting.left_out.items()]
        print_warning(f"columns are left out, since they are not texts or numbers: {join_names(pairs)}")
    if predicting.abstained:
        print_note(f"not answered: {predicting.abstained} of {pluralize(predicting.rows, 'text')}")
    if predicting.set_labels:
        print_note(f"{predicting.set_labels / predicting.rows:.2f} labels in a prediction set, on average")
    if predicting.unknown:
        hint = "" if marked else " (hint: --mark-unknown adds a column)"
        count = f"{predicting.unknown} of {pluralize(predicting.rows, 'text')}" if predicting.rows > 1 else "the text"
        print_note(f"{count} {'have' if predicting.unknown > 1 else 'has'} no word that the run knows{hint}")
