"""`zoo data suspects`: rows of a file whose label is likely wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.commands.data.output import print_guesses, print_written_frame, write_frame
from zoo_cli.completion.recipes import complete_recipe
from zoo_cli.context import open_zoo_for
from zoo_cli.options import data_options, formulas_option, json_option, plugin_option, set_option
from zoo_cli.output import is_quiet, print_json, print_note, print_table, print_warning
from zoo_cli.output_file import check_output, force_option, format_option, resolve_format, table_format
from zoo_cli.recipe_argument import resolve_recipe
from zoo_cli.streams import data_stream, write_out
from zoo_cli.typed.numbers import IntegerRange
from zoo_cli.typed.wrong_arguments import RECOMMENDED_RECIPE
from zoo_core.messages import shorten

if TYPE_CHECKING:
    from zoo_core.suspects.results import Suspects

DEFAULT_ROWS = 20
MAX_PAIRS = 10  # of labels in the table
MAX_LABEL_CHARS = 30
MAX_TEXT_LINES = 3  # of a suspect; the rest is cut
INDENT = "  "


@click.command("suspects", epilog="Example: zoo data suspects reviews.csv --text review --label rating")
@click.argument("source", metavar="FILE")
@click.argument("recipe", required=False, shell_complete=complete_recipe)
@data_options
@set_option
@click.option("--folds", type=IntegerRange(2, 1000), default=10, show_default=True, help="Number of trainings.")
@click.option(
    "--rows",
    type=IntegerRange(1),
    metavar="N",
    help=f"Number of rows to list. Default: {DEFAULT_ROWS}; with --output, all that are likely wrong.",
)
@click.option("--seed", type=IntegerRange(0), default=1337, show_default=True, help="Random seed of the folds.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write the rows to FILE; - is standard output.")
@format_option()
@formulas_option
@force_option
@json_option
@plugin_option
@click.pass_context
def suspects(
    ctx: click.Context,
    source: str,
    recipe: str | None,
    settings: tuple[str, ...],
    folds: int,
    rows: int | None,
    seed: int,
    output: str,
    form: str,
    escape_formulas: bool,
    as_json: bool,
) -> None:
    """List the rows of FILE (- is standard input) whose label is likely wrong, each with a likelier label and with the
    rows whose texts are most similar. Nothing is dropped or changed.

    RECIPE (default: text-fast) is trained once per fold and judges the rows that it did not train on; copies of a text
    are judged together. Splits of the file are not used. The number of wrong labels is estimated by confident learning
    (Northcutt et al. 2021); the rows are ordered by the probability of their label, the lowest first.
    """
    if output:
        check_output(output, [source])
        form = resolve_format(output, form, as_json)
        table_format(output, form, "suspects")
    elif form or escape_formulas:
        raise click.UsageError(f"{'--format' if form else '--escape-formulas'} needs --output FILE")
    from zoo_core.data.files.reading import read_table
    from zoo_core.data.task_detection import with_guessed_columns
    from zoo_core.memory import tune_malloc
    from zoo_core.suspects.search import search_table

    tune_malloc()
    zoo = open_zoo_for(ctx)
    resolved = resolve_recipe(zoo, recipe or RECOMMENDED_RECIPE, settings)
    table = read_table(source, zoo.registry, reader=resolved.reader())
    resolved, guessed = with_guessed_columns(resolved, table, settings)
    print_guesses(guessed)
    limit = rows if rows is not None or output else DEFAULT_ROWS
    with _report_folds(folds) as on_fold:
        found = search_table(resolved, table, folds=folds, rows=limit, seed=seed, on_fold=on_fold)
    _print_summary(found)
    if output:
        write_frame(found.frame(), output, form, escaped=escape_formulas)
        if as_json:
            print_written_frame(found.frame(), output, **_summarize(found))
    elif as_json:
        print_json({**_summarize(found), "suspects": _rows_to_list(found)})
    elif found.rows:
        _print_pairs(found)
        _print_rows(found)
    _print_next_step(found, output)


@contextmanager
def _report_folds(folds: int) -> Iterator[Callable[[int, int], None]]:
    """A function that reports each finished fold by a progress bar on a terminal; nothing elsewhere or if quiet."""
    if is_quiet() or not sys.stderr.isatty():
        yield lambda _number, _folds: None
        return
    from zoo_cli.progress import TrialsBar

    bar = TrialsBar(folds, name="folds")
    try:
        yield lambda number, total: bar.step(f"fold {number} of {total}")
    finally:
        bar.stop()


def _summarize(found: Suspects) -> dict[str, Any]:
    """The counts as JSON values."""
    return {
        "source": found.source,
        "judged": found.judged,
        "likely_wrong": found.count,
        "agreement": found.agreement,
        "pairs": [{"label": label, "likelier": other, "rows": rows} for (label, other), rows in found.pairs.items()],
        "not_judged": dict(found.unjudged),
        "doubts": found.doubts(),
    }


def _rows_to_list(found: Suspects) -> list[dict[str, Any]]:
    """The rows as JSON values."""

    def place(row: int, line: int) -> dict[str, int]:
        return {"row": row, **({"line": line} if line else {})}

    return [
        {
            **place(one.row, one.line),
            "label": one.label,
            "likelier": one.likelier,
            "p": one.p,
            "p_label": one.p_label,
            "text": one.text,
            "similar": [
                {
                    **place(other.row, other.line),
                    "label": other.label,
                    "similarity": other.similarity,
                    "text": other.text,
                }
                for other in one.neighbors
            ],
        }
        for one in found.rows
    ]


def _print_summary(found: Suspects) -> None:
    """Say how many labels are likely wrong, and how far the models can be trusted."""
    from zoo_core.messages import pluralize

    share, labels = found.count / max(found.judged, 1), pluralize(found.judged, "label")
    verb = "is" if found.count == 1 else "are"
    print_note(f"{found.source}: about {found.count} of {labels} ({share:.1%}) {verb} likely wrong")
    print_note(
        f"the models agree with {found.agreement:.1%} of the labels; the fewer, the more rows are hard, not wrong"
    )
    for reason, rows in found.unjudged.items():
        print_note(f"{pluralize(rows, 'row')} not judged: {reason}")
    for doubt in found.doubts():
        print_warning(doubt)


def _print_next_step(found: Suspects, output: str) -> None:
    from zoo_core.messages import pluralize

    listed = pluralize(len(found.rows), "row")
    if not found.rows and not output:
        print_note("no row is listed: no label is likely wrong")
        return
    if output and output != "-":
        print_note(f"{listed} written to {output}; nothing else was changed")
    elif not output:
        rest = "; write all with -o FILE" if len(found.rows) < found.count else ""
        print_note(f"{listed} listed{rest}; correct wrong labels in {found.source}, and train again")


def _print_pairs(found: Suspects) -> None:
    """Print which labels are confused most often."""
    if not found.pairs:
        return
    pairs = list(found.pairs.items())
    rows = [(label, likelier, count) for (label, likelier), count in pairs[:MAX_PAIRS]]
    if len(pairs) > MAX_PAIRS:
        rows.append((f"and {len(pairs) - MAX_PAIRS} more", "", sum(count for _, count in pairs[MAX_PAIRS:])))
    if data_stream().isatty():
        print_table(["label", "likelier", "rows"], rows)
        write_out()


def _print_rows(found: Suspects) -> None:
    """Print the rows: on a terminal a few lines each, cut to its width, else a table."""
    if not data_stream().isatty():
        frame = found.frame()
        cells = [[f"{cell:.4f}" if isinstance(cell, float) else cell for cell in row] for row in frame.rows()]
        print_table(frame.columns, cells)
        return
    from zoo_cli.plots.terminal import terminal_width
    from zoo_cli.table_layout import cut_text, fold_text
    from zoo_core.messages import escape_control_chars

    width = terminal_width()
    for one in found.rows:
        write_out(
            cut_text(
                f"{one.place}: {_name(one.label)} {one.p_label:.3f}, likelier {_name(one.likelier)} {one.p:.3f}", width
            )
        )
        folded = fold_text(escape_control_chars(" ".join(one.text.split())), width - len(INDENT))
        for number, line in enumerate(folded[:MAX_TEXT_LINES], start=1):
            is_cut = number == MAX_TEXT_LINES < len(folded)
            write_out(f"{INDENT}{line}{' …' if is_cut else ''}")
        for other in one.neighbors:
            how = "same text" if other.similarity == 1 else f"{other.similarity:.2f} similar"
            text = " ".join(other.text.split())
            write_out(cut_text(f"{INDENT * 2}{other.place}: {_name(other.label)}, {how}: {text}", width))


def _name(label: str) -> str:
    return shorten(label, MAX_LABEL_CHARS)
