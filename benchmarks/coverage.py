"""Promises of answers over many draws: the coverage of prediction sets, and the accuracy of the answered texts.

    python -m benchmarks.coverage [--draws 200] [--data FILE --text COL --label COL] [--recipe NAME] [--val ROWS]

Without a file: probabilities that are miscalibrated, of uneven classes, with validation rows of several numbers. With a
file: in each draw a recipe is trained on other rows of it, and its rules are measured on all rows that are left over.
"reused" rules come from the validation split, which also stopped the training and calibrated the probabilities, as
those of a run; "fresh" ones from as many rows that nothing has seen. A target counts as kept if the answered rows have
this accuracy, or if the run says that it cannot be reached.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import torch
from torch import Tensor

from zoo_core import load_recipe, train
from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.validation.answer_rules import AnswerOptions, find_answer_rules

COVERAGES = (0.8, 0.9, 0.95)
TARGETS = (0.8, 0.9, 0.95)
VALIDATION_ROWS, OTHER_ROWS = (100, 600), 30_000
MARGIN = 5e-4  # of a target, for the rows that it is measured on
Values = dict[tuple[str, str], list[dict[str, float]]]  # by what the rules come from, and what is asked


def made_scores(seed: int, rows: int, is_informative: bool) -> tuple[Head, ScoredSplit]:
    """Scores of six uneven classes; if they are not informative, a label is as often right at each confidence."""
    generator = torch.Generator().manual_seed(seed)
    prior = torch.tensor([0.4, 0.25, 0.15, 0.1, 0.06, 0.04]).log()
    logits = 2.5 * torch.randn(rows, 6, generator=generator) + prior
    if is_informative:
        targets = torch.multinomial((0.8 * logits).softmax(dim=1), 1, generator=generator).squeeze(1)
    else:
        is_right = torch.rand(rows, generator=generator) < 0.9
        targets = torch.where(is_right, logits.argmax(dim=1), torch.randint(0, 6, (rows,), generator=generator))
    return Head.of_classes(list("abcdef")), ScoredSplit(logits, targets, "made", "val")


def part(scored: ScoredSplit, rows: Tensor | slice) -> ScoredSplit:
    """Some of the rows."""
    return ScoredSplit(scored.scores[rows], scored.targets[rows], scored.source, scored.split)


def measure(head: Head, stored: ScoredSplit, others: ScoredSplit) -> Iterator[tuple[str, dict[str, float]]]:
    """What each promise comes to on other rows."""
    for coverage in COVERAGES:
        for by_class in (False, True):
            options = AnswerOptions(coverage=coverage, by_class=by_class)
            found = find_answer_rules(head, stored, options, Path()).measure(head, others)
            assert found.sets is not None
            lowest = min(own.coverage.value for own in found.by_class if own.rows)
            values = {"value": found.sets.coverage.value, "size": found.sets.mean_size, "lowest class": lowest}
            yield f"coverage {coverage:g}{' by class' if by_class else ''}", values
    for target in TARGETS:
        try:
            answered = find_answer_rules(head, stored, AnswerOptions(accuracy=target), Path()).measure(head, others)
        except RecipeError:
            yield f"accuracy {target:g}", {"value": math.nan, "share": 0.0, "kept": 1.0}
            continue
        assert answered.answered is not None
        accuracy = answered.answered.accuracy.value
        kept = float(not accuracy < target - MARGIN)
        yield f"accuracy {target:g}", {"value": accuracy, "share": answered.answered.share.value, "kept": kept}


def add_made(found: Values, draws: int) -> None:
    """Measure made scores of several numbers of rows."""
    for kind, is_informative in (("made", True), ("made, confidence without meaning", False)):
        head, others = made_scores(-1, OTHER_ROWS, is_informative)
        for rows in VALIDATION_ROWS:
            for draw in range(draws):
                for asked, values in measure(head, made_scores(draw, rows, is_informative)[1], others):
                    found[f"{kind}, {rows} rows", asked].append(values)


def add_trained(found: Values, options: argparse.Namespace) -> None:
    """Train the recipe on other rows of the file in each draw."""
    table = pl.read_csv(options.data, infer_schema=False).select(text=options.text, label=options.label).drop_nulls()
    train_rows = options.rows
    for draw in range(options.draws):
        shuffled = table.sample(fraction=1, shuffle=True, seed=draw).head(train_rows + 2 * options.val + options.test)
        splits = ["train"] * train_rows + ["val"] * options.val
        splits += ["test"] * (shuffled.height - len(splits))
        recipe = load_recipe(options.recipe).override(f"training.seed={draw}", *options.settings)
        with tempfile.TemporaryDirectory() as folder:
            run = train(recipe, shuffled.with_columns(split=pl.Series(splits)), run=Path(folder) / "run")
        test = run.score_split(shuffled.with_columns(split=pl.Series(splits)), split="test")
        fresh, others = part(test, slice(options.val)), part(test, slice(options.val, None))
        assert run.stored_validation is not None
        for source, rows in (("reused", run.stored_validation), ("fresh", fresh)):
            for asked, values in measure(run.head, rows, others):
                found[source, asked].append(values)


def main() -> None:
    """Print the means over all draws."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--recipe", default="text-fast")
    parser.add_argument("--rows", type=int, default=2800, help="rows to train on")
    parser.add_argument("--val", type=int, default=600, help="validation rows")
    parser.add_argument("--test", type=int, default=8000, help="rows to measure on, at most")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    found: Values = defaultdict(list)
    add_trained(found, options) if options.data else add_made(found, options.draws)
    print(f"{options.draws} draws: {options.data or 'made scores'}")
    for (source, asked), draws in found.items():
        means = {
            key: statistics.fmean([v[key] for v in draws if not math.isnan(v[key])] or [math.nan]) for key in draws[0]
        }
        print(f"{source:42} {asked:23}", "  ".join(f"{key} {value:.4f}" for key, value in means.items()))


if __name__ == "__main__":
    main()
