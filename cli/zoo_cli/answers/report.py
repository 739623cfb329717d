"""Measured answers: the accuracy of the answered rows, the coverage and the size of prediction sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_cli.answers.options import rules_of
from zoo_cli.output import print_note, print_table, print_warning
from zoo_cli.streams import write_out

if TYPE_CHECKING:
    from zoo_core.evaluation.answers.prediction_sets import CoveredRows
    from zoo_core.evaluation.answers.shares import Share
    from zoo_core.runs.predictions import ScoredSplit
    from zoo_core.runs.run import Run
    from zoo_core.runs.validation.answer_rules import AnswerOptions, MeasuredAnswers


def measure(run: Run, answers: AnswerOptions, scored: ScoredSplit) -> MeasuredAnswers | None:
    """The answers to scored rows; None if nothing is asked of them. Warns if the rules were chosen on these rows."""
    if not answers.is_any:
        return None
    rules = rules_of(run, answers)
    is_chosen = answers.accuracy is not None or answers.coverage is not None
    if is_chosen and scored.split == "val" and scored.source == run.summary["data"]["source"]:
        print_warning("measured on the validation rows that the choice was made on: new rows may have less")
    return rules.measure(run.head, scored)


def print_answers(measured: MeasuredAnswers, *, by_class: bool) -> None:
    """Print the answered share and its accuracy, and the coverage and the mean size of the sets."""
    from zoo_core.messages import pluralize, quote_name

    shares: dict[str, Share] = {}
    if measured.answered is not None:
        shares |= {"answered share": measured.answered.share, "accuracy if answered": measured.answered.accuracy}
    if measured.sets is not None:
        shares["coverage"] = measured.sets.coverage
    rows = [(name, *_value_and_interval(share)) for name, share in shares.items()]
    if measured.sets is not None:
        rows.append(("labels in a set", f"{measured.sets.mean_size:.4f}", ""))
    write_out()
    print_table(["answers", "value", "95% CI"], rows)
    if measured.by_class and by_class:
        write_out()
        print_table(["class", "coverage", "95% CI", "labels", "rows"], [_class_row(own) for own in measured.by_class])
    elif lowest := _lowest(measured.by_class):
        label = quote_name(lowest.label or "")
        share = f"{lowest.coverage.value:.4f} of {pluralize(lowest.rows, 'row')}"
        print_note(f"lowest coverage of a class: {label}, {share} (hint: --by-class keeps it for each class)")


def _class_row(own: CoveredRows) -> tuple[Any, ...]:
    size = f"{own.mean_size:.4f}" if own.rows else "–"
    return own.label, *_value_and_interval(own.coverage), size, own.rows


def _value_and_interval(share: Share) -> tuple[str, str]:
    if not share.rows:
        return "–", ""
    return f"{share.value:.4f}", "{:.4f} to {:.4f}".format(*share.interval)


def _lowest(by_class: list[CoveredRows]) -> CoveredRows | None:
    """The class whose coverage is surely below that of all rows; None if there is none."""
    covered, rows = sum(own.covered for own in by_class), sum(own.rows for own in by_class)
    below = [own for own in by_class if own.rows and own.coverage.interval[1] < covered / rows]
    return min(below, key=lambda own: own.coverage.value, default=None)
