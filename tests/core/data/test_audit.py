"""Audits of tables: the counts of a plain Python program, and examples that have the problem."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.audit.report import audit_table
from zoo_core.data.audit.severity import RULES
from zoo_core.data.findings import SEVERITIES
from zoo_core.data.label_spellings import fold_label, group_spellings
from zoo_core.data.splits import SPLIT_NAMES
from zoo_core.data.task_detection import find_task_columns

ROOT = Path(__file__).resolve().parents[3]
TEXTS = ["", " ", "a b", "A b", "a  b!", "a b !", "c", "C", "the long one has many words in it", "the long one"]
rows = st.lists(
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(["x", "y", " y", ""]), st.sampled_from(SPLIT_NAMES)),
    min_size=1,
    max_size=25,
)


def table(records, names=("text", "label", "split")) -> Table:
    return Table(pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row"), "some.csv")


SIZES = {"rare-class", "many-classes", "uneven-classes", "small-test"}  # of files that are small on purpose


def counts(report) -> dict[str, int]:
    found: Counter[str] = Counter()
    for finding in report.findings:
        found[finding.check] += finding.count
    return {check: count for check, count in found.items() if check not in SIZES}


def expected(records) -> dict[str, int]:
    """The same counts, row by row."""
    found: Counter[str] = Counter()
    letter: dict[str, set[int]] = {}
    plain: dict[tuple[str, ...], set[int]] = {}
    labels: dict[tuple[str, ...], list[str]] = {}
    own = [label.strip() for _, label, _ in records]
    for row, (text, _, _) in enumerate(records):
        made = tuple(text.lower().replace("!", " !").split())
        found["empty-text"] += not made
        found["no-label"] += own[row] == ""
        found["one-row-class"] += own[row] != "" and own.count(own[row]) == 1
        if not made:
            continue
        found["duplicate"] += text in letter
        found["same-normalized"] += text not in letter and made in plain
        letter.setdefault(text, set()).add(row)
        plain.setdefault(made, set()).add(row)
        if own[row]:
            labels.setdefault(made, []).append(own[row])
    if len({label for label in own if label}) < 2:
        found["one-class"] = len([label for label in own if label])
    taught = {label for label, (_, _, split) in zip(own, records, strict=True) if label and split == "train"}
    found["unseen-label"] = sum(bool(taught and label) and label not in taught for label in own)
    if len(taught) == 1 and found["unseen-label"]:
        found["one-class"] = sum(bool(own[row]) and split == "train" for row, (_, _, split) in enumerate(records))
    found["several-labels"] = sum(len(held) for held in labels.values() if len(set(held)) > 1)
    for text, _, split in records:
        made = tuple(text.lower().replace("!", " !").split())
        earlier = SPLIT_NAMES[: SPLIT_NAMES.index(split)]
        same = any(records[row][2] in earlier for row in letter.get(text, ()))
        found["in-several-splits"] += same
        found["in-several-splits-normalized"] += not same and any(
            records[row][2] in earlier for row in plain.get(made, ())
        )
    return {check: count for check, count in found.items() if count or check == "one-class"}


@given(rows)
def test_counts_are_those_of_a_plain_python_program(zoo, records):
    made = table(records)
    assert counts(audit_table(made, find_task_columns(made, zoo), similarity=1)) == expected(records)


@given(rows)
def test_examples_have_the_problem(zoo, records):
    check_examples(zoo, records)


def test_examples_of_related_rows(zoo):
    records = [("a b", "x", "train"), ("A b", "y", "val"), ("a b", "x", "test")]
    checks = {"same-normalized", "duplicate", "several-labels", "in-several-splits", "in-several-splits-normalized"}
    assert check_examples(zoo, records) == checks


def test_the_related_row_of_a_near_duplicate_is_in_an_earlier_split(zoo):
    """It is the row's own match if that is in an earlier split, else one that the row is linked to."""
    words = [f"word{at}" for at in range(40)]
    first, second, third = (" ".join([*words[:36], *more]) for more in ("abcd", "abef", "ghef"))
    assert check_examples(zoo, [(first, "x", "train"), (second, "y", "val")]) == {
        "near-duplicate",
        "in-several-splits-near",
    }
    for splits, related in (
        (("train", "train", "test"), [([3], [2])]),
        (("train", "test", "val"), [([3], [1]), ([2], [1])]),
    ):
        made = table(list(zip((first, second, third), "xyy", splits, strict=True)))
        findings = audit_table(made, find_task_columns(made, zoo), similarity=0.85).findings
        near = [
            (finding.rows, finding.related_rows) for finding in findings if finding.check == "in-several-splits-near"
        ]
        assert near == related


def check_examples(zoo, records) -> set[str]:
    """Check the examples of all findings; the checks whose findings have related rows."""
    made = table(records)
    related = set()
    for finding in audit_table(made, find_task_columns(made, zoo), similarity=0.8).findings:
        assert len(finding.related_rows) in (0, len(finding.rows))
        for row, related_row in zip(finding.rows, finding.related_rows, strict=False):
            (text, label, split), (other, first, before) = records[row - 1], records[related_row - 1]
            if finding.check in ("duplicate", "in-several-splits"):
                assert text == other
            if finding.check.startswith("in-several-splits"):
                assert SPLIT_NAMES.index(before) < SPLIT_NAMES.index(split)
            elif finding.check == "several-labels":
                assert label.strip() != first.strip()
            else:
                assert related_row < row
            related.add(finding.check)
    return related


def test_a_duplicate_counts_once_as_the_strictest_kind(zoo):
    long = "we came for lunch on a rainy day and the soup was hot and the bread was fresh and nobody hurried us"
    texts = [long, long, long.upper(), f"{long} today", f"{long} today", "another text", ""]
    made = table([(text, "xy"[at % 2], "train") for at, text in enumerate(texts)])
    found = counts(audit_table(made, find_task_columns(made, zoo)))
    assert {check: found[check] for check in ("duplicate", "same-normalized", "near-duplicate")} == {
        "duplicate": 2,
        "same-normalized": 1,
        "near-duplicate": 1,
    }  # of seven rows, one empty, two texts are left


def test_counts_labels_and_splits_and_measures_lengths(zoo):
    made = table([("one two", "b", "train"), ("three", "a", "val"), ("", "b", "test")])
    report = audit_table(made, find_task_columns(made, zoo))
    assert report.labels == {"a": 1, "b": 2}
    assert report.splits == {"train": 1, "val": 1, "test": 1}
    assert (report.lengths["words"]["50%"], report.lengths["characters"]["100%"]) == (1, 7)
    assert report.lengths["characters"]["mean"] == 4


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (["caf\u00e9", "cafe\u0301", "x"], r'"cafe\u0301", "caf\xe9"'),
        (["a", "b", "b\u200b"], r'"b", "b\u200b"'),
        (["a", "b", "\ufeffb"], r'"b", "\ufeffb"'),
        (["a", "b", "b\u00ad", "\u2060b"], r'"b", "b\xad", "\u2060b"'),
        (["Pos", "neg", "pos"], '"Pos", "pos"'),
        (["very good", "very\u00a0good", "very  good"], r'"very  good", "very good", "very\xa0good"'),
        (["\uff21", "A", "b"], r'"A", "\uff21"'),
        (["\u2764", "\u2764\ufe0f"], r'"\u2764", "\u2764\ufe0f"'),
        (["stra\u00dfe", "STRASSE"], r'"STRASSE", "stra\xdfe"'),
    ],
)
def test_labels_that_look_alike_are_found(zoo, labels, shown):
    rows = [labels[row % len(labels)] for row in range(12)]
    frame = pl.DataFrame({"text": [f"word{row} thing{row % 5}" for row in range(12)], "label": rows})
    data = Table(frame, "d.csv")
    [found] = [f for f in audit_table(data, find_task_columns(data, zoo, ())).findings if f.check == "similar-labels"]
    assert found.message.endswith(shown)
    folded = [[fold_label(rows[row - 1]) for row in numbers] for numbers in (found.rows, found.related_rows)]
    assert folded[0] == folded[1]


def test_labels_that_look_different_are_not_found():
    labels = ["a", "b", "a b", "a-b", "ab", "1", "01", "+", "-", "e", "\u00e9", "\u0435"]
    assert group_spellings(labels) == []


@pytest.mark.parametrize(("leaked", "severity"), [(1, "warning"), (2, "error")])
def test_the_severity_of_leaked_texts_depends_on_their_share(zoo, leaked, severity):
    train = [(f"train text {at}", "xy"[at % 2], "train") for at in range(20)]
    test = [(f"train text {at}" if at < leaked else f"other words {at}", "xy"[at % 2], "test") for at in range(20)]
    made = table([*train, *test])
    findings = audit_table(made, find_task_columns(made, zoo), similarity=1).findings
    (leak,) = (finding for finding in findings if finding.check == "in-several-splits")
    assert (leak.count, leak.severity) == (leaked, severity)


def test_the_how_to_page_has_the_severity_of_each_check():
    page = (ROOT / "docs/how-to/own-data.md").read_text("utf-8")
    documented = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[1].split(",")[0] in SEVERITIES:
            documented |= {name.strip(" `"): cells[1] for name in cells[0].split(",")}
    expected = {
        name: rule.severity + (", error from 10% of" if rule.error_share < 1 else "") for name, rule in RULES.items()
    }
    assert documented.keys() == expected.keys()
    assert all(documented[name].startswith(severity) for name, severity in expected.items())
    assert all(rule.hint and rule.consequence for rule in RULES.values())
