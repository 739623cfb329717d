"""The rows that a run gets wrong: as lines for people, as a table in a pipe or a file, as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.output import print_note, print_table
from zoo_cli.output_file import check_output
from zoo_cli.streams import data_stream, write_out
from zoo_cli.typed.numbers import IntegerRange

if TYPE_CHECKING:
    from zoo_core.runs.predictions import ScoredSplit
    from zoo_core.runs.results.wrong_rows import WrongRow
    from zoo_core.runs.run import Run

ALL_ROWS = 2**31 - 1  # for --errors without a number
MAX_SHOWN = 20  # of them, unless they are written to a file
MAX_LABEL_CHARS = 40
INDENT = "  "


class RowCount(IntegerRange):
    """A number of rows; an option without one takes the next argument for it, which the message explains."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            text = f"{error.message}: put this option last, or a number after it"
            self.fail(text, param, ctx)


def find_wrong_rows(run: Run, scored: ScoredSplit, errors: int, *, is_file: bool) -> list[WrongRow]:
    """The wrong rows that `--errors` asks for, and a note of how many there are if these are not all."""
    limit = MAX_SHOWN if errors == ALL_ROWS and not is_file else errors
    total = int((run.head.predict(scored.scores) != scored.targets).sum())
    if total > limit:
        print_note(f"{limit} of {total} wrong rows, the most confident ones")
    return run.wrong_rows(scored, limit)


def check_errors_output(output: str, errors: int | None, inputs: Sequence[str]) -> None:
    """Check, before the work, that the file of the wrong rows is asked for and can be written."""
    from zoo_core.data.files.writer import output_format
    from zoo_core.errors import RecipeError

    if errors is None:
        raise click.UsageError("--output holds the wrong rows: add --errors")
    if output_format(output).name == "fasttext":
        raise RecipeError("fastText files cannot store wrong rows", hint="use a file name in .csv")
    check_output(output, inputs)


def write_wrong_rows(rows: Sequence[WrongRow], output: str, *, are_scores: bool) -> None:
    """Write the rows to a file, in the format of its name."""
    from zoo_cli.commands.data.output import write_frame
    from zoo_core.runs.results.wrong_rows import wrong_rows_frame

    write_frame(wrong_rows_frame(rows, are_scores=are_scores), output, "")


def wrong_rows_to_list(rows: Sequence[WrongRow]) -> list[dict[str, Any]]:
    """The rows as JSON values."""
    return [
        {
            "row": row.row,
            **({"line": row.line} if row.line else {}),
            "true": row.true,
            "predicted": row.predicted,
            "value": row.value,
            "text": row.text,
            "words": [{"token": word.token, "value": word.value} for word in row.words],
        }
        for row in rows
    ]


def print_wrong_rows(rows: Sequence[WrongRow], *, are_scores: bool) -> None:
    """Print the rows by confusion: on a terminal a few lines each, cut to its width, else a table."""
    from zoo_core.runs.results.wrong_rows import wrong_rows_frame

    write_out()
    if not data_stream().isatty():
        frame = wrong_rows_frame(rows, are_scores=are_scores)
        rows_of_cells = [[f"{cell:.4f}" if isinstance(cell, float) else cell for cell in row] for row in frame.rows()]
        print_table(frame.columns, rows_of_cells)
        return
    from zoo_cli.plots.terminal import terminal_width
    from zoo_cli.table_layout import cut_text
    from zoo_core.messages import pluralize

    if not rows:
        write_out("no wrong rows")
    width = terminal_width()
    for (true, predicted), group in groupby(rows, key=lambda row: (row.true, row.predicted)):
        pair = list(group)
        names = f"{true[:MAX_LABEL_CHARS]}, predicted as {predicted[:MAX_LABEL_CHARS]}"
        write_out(cut_text(f"{names}: {pluralize(len(pair), 'row')}", width))
        for row in pair:
            place = f"line {row.line}" if row.line else f"row {row.row}"
            text = " ".join(row.text.split())
            write_out(cut_text(f"{INDENT}{row.value:.3f}  {place}: {text}", width))
            if row.words:
                write_out(cut_text(f"{INDENT * 2}because of: {', '.join(word.token for word in row.words)}", width))
