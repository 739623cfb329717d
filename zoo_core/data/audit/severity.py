"""How serious each finding of an audit is, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from zoo_core.data.findings import Finding, Severity

LARGE_SHARE = 0.1  # of the rows: as many leaked or contradictory ones make a result worthless


@frozen
class Rule:
    """The severity of a check, what to do, and the share of rows from which it is an error (above 1: never)."""

    severity: Severity
    hint: str
    error_share: float = 2.0


SPLIT_AGAIN = "zoo data split draws new splits; --group keeps equal values of a column in one"
RULES = {
    "byte-order-mark": Rule("note", "nothing is to be done for textzoo"),
    "column-name": Rule("note", "rename the column if it must be typed"),
    "empty-text": Rule("warning", "remove these rows, or name another column with --text"),
    "blank-text": Rule("warning", "another normalization keeps more, or remove these rows"),
    "garbled-text": Rule("warning", "save the file anew from its source, or name its encoding with --encoding"),
    "control-character": Rule("note", "remove them if they are not part of the texts"),
    "no-label": Rule("note", "add labels, or name another column with --label"),
    "dropped-label": Rule("note", "the settings drop_labels and min_rows of the task say so"),
    "merged-class": Rule("note", "the settings min_rows and rare of the task say so"),
    "unusable-label": Rule("warning", "drop these rows"),
    "one-class": Rule("error", "add rows of another class, or name another column with --label"),
    "one-row-class": Rule("warning", "add rows"),
    "similar-labels": Rule("warning", "write each class in one way"),
    "unseen-label": Rule("error", "add rows to train"),
    "duplicate": Rule("note", "remove repeated rows if they are not separate observations"),
    "same-normalized": Rule("note", "remove repeated rows if they are not separate observations"),
    "near-duplicate": Rule("note", "keep them in one split: name a column of groups with --group"),
    "several-labels": Rule("warning", "correct the labels, or remove these rows", LARGE_SHARE),
    "in-several-splits": Rule("warning", SPLIT_AGAIN, LARGE_SHARE),
    "in-several-splits-normalized": Rule("warning", SPLIT_AGAIN, LARGE_SHARE),
    "in-several-splits-near": Rule("warning", SPLIT_AGAIN),
}


def make_finding(
    check: str,
    message: str,
    count: int = 1,
    rows: Sequence[int] = (),
    related_rows: Sequence[int] = (),
    *,
    of: int = 0,
    hint: str = "",
) -> Finding:
    """A finding with the severity and the hint of its check, or another hint; `of` are the rows that `count` is of."""
    rule = RULES[check]
    severity = "error" if of and count >= rule.error_share * of else rule.severity
    return Finding(check, message, severity, hint or rule.hint, count, rows, related_rows)
