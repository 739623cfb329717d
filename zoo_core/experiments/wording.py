"""A verdict in plain words."""

from __future__ import annotations

import math

from attrs import frozen

from zoo_core.experiments.analysis import Comparison
from zoo_core.experiments.statistics import required_sample_size
from zoo_core.messages import pluralize


@frozen
class SentenceStyle:
    """How figures are told: in points of a hundred or as they are, which way is better, and a difference to see."""

    as_percentage_points: bool
    higher_is_better: bool
    min_effect: float
    row_noun: str  # "validation rows", "test rows", "rows"

    def amount(self, value: float) -> str:
        """A difference, its sign aside: "0.4 points", "0.012"."""
        return f"{self.number(abs(value))} points" if self.as_percentage_points else self.number(abs(value))

    def number(self, value: float) -> str:
        """A figure's number, without a minus where it is 0."""
        if not self.as_percentage_points:
            return f"{value + 0.0:.4g}"
        digits = 2 if 5e-5 <= abs(value) < 1e-3 else 1
        text = f"{100 * value:.{digits}f}"
        return text.removeprefix("-") if not float(text) else text


def comparison_sentence(one: Comparison, words: SentenceStyle) -> str:
    """What came of a comparison, and what would have to be done where nothing did."""
    a, b = (one.variant, one.baseline) if one.verdict != "worse" else (one.baseline, one.variant)
    found = one.result
    if one.verdict == "not shown":
        low, high = words.number(found.interval.low), words.number(found.interval.high)
        about = f"no difference shown between {one.variant} and {one.baseline}"
        between = (
            f"{words.number(found.difference)}{' points' if words.as_percentage_points else ''}, 95 %: {low} to {high}"
        )
        return f"{about} ({between}); {sample_size_sentence(one, words)}"
    ends = sorted(abs(end) for end in (found.interval.low, found.interval.high))
    by = f"by {words.amount(found.difference)} (95 %: {words.number(ends[0])} to {words.number(ends[1])})"
    if one.scope == "components":
        return f"{a} beats {b} {by}"
    return f"the model with {a} beats the model with {b} {by}; one training each tells nothing of the parts"


def sample_size_sentence(one: Comparison, words: SentenceStyle) -> str:
    """How many rows, or seeds, would show the difference one would like to see."""
    see, found = words.amount(words.min_effect), one.result
    variance = found.rows_variance + found.seeds_variance
    if not variance:
        return "they were right and wrong on the same rows"
    critical = (found.interval.high - found.interval.low) / 2 / math.sqrt(variance)
    rows = required_sample_size(
        found.rows_variance, one.rows, words.min_effect, fixed=found.seeds_variance, critical=critical
    )
    if rows <= one.rows:
        return f"a difference of {see} would probably have been seen"
    if math.isfinite(rows):
        return (
            f"about {pluralize(round_up(rows - one.rows), f'more {words.row_noun[:-1]}')} would be needed to see {see}"
        )
    seeds = required_sample_size(
        found.seeds_variance, one.trials, words.min_effect, fixed=found.rows_variance, critical=critical
    )
    if math.isfinite(seeds):
        return f"about {pluralize(round_up(seeds - one.trials), 'more seed')} would be needed to see {see}"
    return f"more {words.row_noun} and more seeds would be needed to see {see}"


def round_up(number: float) -> int:
    """A number to two figures, upwards.

    >>> rounded(12345), rounded(7.2)
    (13000, 8)
    """
    whole = math.ceil(number)
    step = 10 ** max(len(str(whole)) - 2, 0)
    return int(math.ceil(whole / step) * step)
