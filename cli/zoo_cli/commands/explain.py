"""`zoo explain`: the top words of each class, and the contribution of each word to a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.completion.lists import complete_run
from zoo_cli.context import open_run_for
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.typed.numbers import IntegerRange

if TYPE_CHECKING:
    from zoo_core.evaluation.word_pieces import Contribution


@click.command("explain", epilog='Example: zoo explain runs/yelp-perceptron-1 "The food was not good."')
@click.argument("run", shell_complete=complete_run)
@click.argument("text", required=False)
@click.option("--top", type=IntegerRange(1, 10_000), default=20, show_default=True, help="Words per class.")
@click.option("--label", default="", metavar="CLASS", help="The class to explain. Default: the predicted class.")
@click.option("--pieces", is_flag=True, help="Also show the pieces of each word, such as its character n-grams.")
@json_option
@plugin_option
@click.pass_context
def explain_command(
    ctx: click.Context, run: str, text: str | None, top: int, label: str, pieces: bool, as_json: bool
) -> None:
    """Show the top words of each class of RUN, or the contribution of each word of TEXT to its score."""
    from attrs import asdict

    opened = open_run_for(ctx, run)
    if text is None:
        if label or pieces:
            option = "--label" if label else "--pieces"
            raise click.UsageError(f"{option} needs a TEXT: without TEXT the top words of every class are shown")
        by_class = opened.top_features(top)
        if as_json:
            print_json({name: [word_to_dict(word) for word in words] for name, words in by_class.items()})
        else:
            top_rows = [(name, *_row_of(word)) for name, words in by_class.items() for word in words]
            print_table(["class", "word", "weight"], top_rows)
        return
    explanation = opened.explain(text, label=label)
    if as_json:
        contributions = [word_to_dict(word, pieces=pieces) for word in explanation.contributions]
        print_json({**asdict(explanation), "contributions": contributions})
        return
    explained = "" if explanation.label == explanation.predicted else f"; score of: {explanation.label[:60]}"
    print_note(f"predicted: {explanation.predicted[:60]}{explained}; method: {explanation.method}")
    styles = contribution_styles([word.value for word in explanation.contributions])
    rows: list[tuple[str, str]] = []
    row_styles: list[str] = []
    for word, style in zip(explanation.contributions, styles, strict=True):
        shown = [
            _row_of(word),
            *((f"  {token}", value) for token, value in map(_row_of, word.pieces if pieces else ())),
        ]
        rows += shown
        row_styles += [style, *["dim"] * (len(shown) - 1)]
    rows += [("(bias)", _signed(explanation.base)), ("= score", _signed(explanation.score))]
    print_table(["word", "contribution"], rows, [*row_styles, "dim", "bold"])


def _row_of(word: Contribution) -> tuple[str, str]:
    """A contribution as cells of a table: a blank, which some tokenizers have as a token, in quotes.

    >>> from zoo_core.evaluation.word_pieces import Contribution
    >>> _row_of(Contribution(" ", 0.5)), _row_of(Contribution("a b", -0.00001))
    (('" "', '+0.5000'), ('a b', '+0.0000'))
    """
    return f'"{word.token}"' if word.token.isspace() else word.token, _signed(word.value)


def _signed(value: float) -> str:
    """A number with its sign; 0 is never -0."""
    return f"{round(value, 4) + 0.0:+.4f}"


def word_to_dict(word: Contribution, *, pieces: bool = False) -> dict[str, Any]:
    """A contribution as JSON values, with its pieces if they are asked for."""
    values: dict[str, Any] = {"token": word.token, "value": word.value}
    return {**values, "pieces": [word_to_dict(piece) for piece in word.pieces]} if pieces else values


def contribution_styles(values: Sequence[float]) -> list[str]:
    """Rich styles: blue for a positive contribution, orange for a negative one, bold for the largest ones."""
    largest = max(map(abs, values), default=0.0)
    colors = ["color(74)" if value > 0 else "color(178)" for value in values]
    return [f"bold {color}" if abs(value) > largest / 2 else color for value, color in zip(values, colors, strict=True)]
