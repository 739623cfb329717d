"""Rules of answers on any head: classes with few rows, losses without probabilities, notes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zoo_core import open_run, swap
from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.validation.answer_rules import AnswerOptions, find_answer_rules

HERE = Path("runs/x")


def stored(rows: int, classes: int, *, rare: int = 0) -> ScoredSplit:
    """Scores in which the true class is likely; of the last class so many rows."""
    generator = torch.Generator().manual_seed(3)
    targets = torch.arange(rows) % (classes - 1)
    if rare:
        targets[:rare] = classes - 1
    scores = torch.randn(rows, classes, generator=generator) + 2 * torch.eye(classes)[targets]
    return ScoredSplit(scores, targets, "x.csv", "val")


@pytest.mark.parametrize("rare", [0, 1, 8])
def test_a_class_with_few_rows_belongs_to_every_set(rare):
    rows, head = stored(200, 3, rare=rare), Head.of_classes(["a", "b", "odd"])
    rules = find_answer_rules(head, rows, AnswerOptions(coverage=0.9, by_class=True), HERE)
    assert rules.unbounded == ("odd",)
    expected = 'coverage 0.9 by class needs 9 validation rows of a class: "odd" has fewer, and belongs to every set'
    assert rules.describe_unbounded() == expected
    measured = rules.measure(head, rows)
    assert [own.coverage.value for own in measured.by_class][:2] == pytest.approx([0.9, 0.9], abs=0.03)
    assert find_answer_rules(head, rows, AnswerOptions(coverage=0.9), HERE).describe_unbounded() == ""


def test_sets_need_no_probabilities_and_abstaining_does():
    rows, head = stored(200, 3), Head(("a", "b", "c"), 3, "none")
    measured = find_answer_rules(head, rows, AnswerOptions(coverage=0.9), HERE).measure(head, rows)
    assert 0.9 <= measured.sets.coverage.value < 0.95
    for options in (AnswerOptions(abstain_below=0.5), AnswerOptions(accuracy=0.9)):
        with pytest.raises(RecipeError, match="abstaining needs a loss that gives probabilities"):
            find_answer_rules(head, rows, options, HERE)


def test_soft_targets_count_as_their_likeliest_class():
    hard = stored(100, 3)
    soft = ScoredSplit(hard.scores, 0.1 + 0.7 * torch.eye(3)[hard.targets], "x.csv", "val")
    head, options = Head.of_classes(["a", "b", "c"]), AnswerOptions(accuracy=0.7, coverage=0.9)
    first, second = (find_answer_rules(head, rows, options, HERE) for rows in (hard, soft))
    assert first.abstain_below == second.abstain_below
    assert first.set_thresholds.equal(second.set_thresholds)


@pytest.mark.slow
def test_a_fold_of_a_swap_has_rules(small, reviews, tmp_path, zoo):
    """Its run keeps the rows that stopped its training."""
    swap(small(), "model=mlp", data=reviews, folds=2, seeds=1, run=tmp_path / "swap")
    run = min((tmp_path / "swap" / "trials").iterdir())
    rules = open_run(run, zoo=zoo).answer_rules(coverage=0.8)
    assert rules.coverage == 0.8
