"""`zoo explain`: the top words of each class, and the contribution of each word to a score."""

from __future__ import annotations

from collections.abc import Sequence

import click

from zoo_cli.context import open_run_for
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table


@click.command("explain", epilog='Example: zoo explain runs/yelp-perceptron-1 "The food was not good."')
@click.argument("run")
@click.argument("text", required=False)
@click.option("--top", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Words per class.")
@click.option("--label", default="", metavar="CLASS", help="The class to explain. Default: the predicted class.")
@json_option
@plugin_option
@click.pass_context
def explain_command(ctx: click.Context, run: str, text: str | None, top: int, label: str, as_json: bool) -> None:
    """Show the top words of each class of RUN, or the contribution of each word of TEXT to its score."""
    from attrs import asdict

    opened = open_run_for(ctx, run)
    if text is None:
        if label:
            raise click.UsageError("--label needs a TEXT: without TEXT the top words of every class are shown")
        words = opened.top_features(top)
        if as_json:
            print_json({label: [asdict(one) for one in found] for label, found in words.items()})
        else:
            telling = [(label, one.token, f"{one.value:+.4f}") for label, found in words.items() for one in found]
            print_table(["class", "word", "weight"], telling)
        return
    explanation = opened.explain(text, label=label)
    if as_json:
        print_json(asdict(explanation))
        return
    rows = [(one.token, f"{one.value:+.4f}") for one in explanation.contributions]
    rows += [("(base value)", f"{explanation.base:+.4f}"), ("= score", f"{explanation.score:+.4f}")]
    other = "" if explanation.label == explanation.predicted else f"; score of: {explanation.label[:60]}"
    print_note(f"predicted: {explanation.predicted[:60]}{other}; method: {explanation.method}")
    values = [one.value for one in explanation.contributions]
    print_table(["word", "contribution"], rows, [*contribution_styles(values), "dim", "bold"])


def contribution_styles(values: Sequence[float]) -> list[str]:
    """Blue for what speaks for the label, orange for what speaks against it, bold for what says most."""
    most = max(map(abs, values), default=0.0)
    tones = ["color(74)" if value > 0 else "color(178)" for value in values]
    return [f"bold {tone}" if abs(one) > most / 2 else tone for one, tone in zip(values, tones, strict=True)]
