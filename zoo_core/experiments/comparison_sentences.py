"""Sentences about comparisons: the verdict, and the sample size that would be needed."""

from __future__ import annotations

import math

from attrs import frozen

from zoo_core.experiments.analysis import Comparison
from zoo_core.experiments.statistics import required_sample_size
from zoo_core.messages import pluralize


@frozen
class SentenceStyle:
    """How metric values are written: as percentage points or plain numbers; which way is better; what rows are called.

    `min_effect` is the smallest difference that matters.
    """

    as_percentage_points: bool
    higher_is_better: bool
    min_effect: float
    row_noun: str  # "validation rows", "test rows", "rows"

    @property
    def unit(self) -> str:
        """The unit after a number, with a space before it."""
        return " percentage points" if self.as_percentage_points else ""

    def amount(self, value: float) -> str:
        """A difference without its sign: "0.4 percentage points", "0.012"."""
        return f"{self.number(abs(value))}{self.unit}"

    def number(self, value: float) -> str:
        """A metric value as a number; 0 has no minus sign."""
        if not self.as_percentage_points:
            return f"{value + 0.0:.4g}"
        digits = 2 if 5e-5 <= abs(value) < 1e-3 else 1
        text = f"{100 * value:.{digits}f}"
        return text.removeprefix("-") if not float(text) else text


def comparison_sentence(comparison: Comparison, style: SentenceStyle) -> str:
    """The verdict of a comparison; if no difference was shown, also the sample size that would be needed."""
    result, interval = comparison.result, comparison.result.interval
    if comparison.verdict == "not shown":
        difference = f"{style.number(result.difference)}{style.unit}"
        ends = f", 95% CI: {style.number(interval.low)} to {style.number(interval.high)}"
        ends = ends if math.isfinite(interval.low) and math.isfinite(interval.high) else ""
        return (
            f"no difference shown between {comparison.variant} and {comparison.baseline} "
            f"({difference}{ends}); {sample_size_sentence(comparison, style)}"
        )
    winner, loser = comparison.variant, comparison.baseline
    if comparison.verdict == "worse":
        winner, loser = loser, winner
    low, high = sorted(abs(end) for end in (interval.low, interval.high))
    amount = f"by {style.amount(result.difference)} (95% CI: {style.number(low)} to {style.number(high)})"
    if comparison.scope == "components":
        return f"{winner} beats {loser} {amount}"
    return (
        f"the model with {winner} beats the model with {loser} {amount}; one training each does not compare components"
    )


def correction_note(comparisons: int) -> str:
    """What is corrected for the number of comparisons with one baseline."""
    return f"p is corrected for {comparisons} comparisons (Holm); intervals are not corrected."


def sample_size_sentence(comparison: Comparison, style: SentenceStyle) -> str:
    """How many more rows or seeds would show the smallest difference that matters."""
    result, effect = comparison.result, style.amount(style.min_effect)
    variance = result.rows_variance + result.seeds_variance
    if not variance and result.difference:
        return "too few rows to tell a difference from chance"
    if not variance:
        return "both got the same rows right"
    critical = result.critical
    rows = required_sample_size(
        result.rows_variance, comparison.rows, style.min_effect, fixed=result.seeds_variance, critical=critical
    )
    if rows <= comparison.rows:
        return f"a difference of {effect} would probably have been detected"
    if math.isfinite(rows):
        missing = pluralize(round_up(rows - comparison.rows), f"more {style.row_noun.removesuffix('s')}")
        return f"about {missing} would be needed to detect {effect}"
    seeds = required_sample_size(
        result.seeds_variance, comparison.trials, style.min_effect, fixed=result.rows_variance, critical=critical
    )
    if math.isfinite(seeds):
        missing = pluralize(round_up(seeds - comparison.trials), "more seed")
        return f"about {missing} would be needed to detect {effect}"
    return f"more {style.row_noun} and more seeds would be needed to detect {effect}"


def round_up(number: float) -> int:
    """Round up to two significant digits.

    >>> round_up(12345), round_up(7.2)
    (13000, 8)
    """
    whole = math.ceil(number)
    step = 10 ** max(len(str(whole)) - 2, 0)
    return int(math.ceil(whole / step) * step)
