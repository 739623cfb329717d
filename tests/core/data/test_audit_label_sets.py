"""The audit of rows with any number of labels."""

from __future__ import annotations

import polars as pl
import pytest

from zoo_core.components.table import Table
from zoo_core.config.zoo import open_zoo
from zoo_core.data.audit.label_set_checks import describe_label_sets
from zoo_core.data.audit.report import audit_table
from zoo_core.data.task_detection import find_task_columns


def audit(sets, texts=None, splits=None, *settings):
    """The findings of rows with these labels by name, and the report."""
    columns = {"text": texts or [f"text number {at}" for at in range(len(sets))], "label": ["|".join(s) for s in sets]}
    table = Table(pl.DataFrame({**columns, **({"split": splits} if splits else {})}), "rows.csv")
    found = find_task_columns(
        table, open_zoo(), ("task=text-tagging", "task.separator=|", *settings), needs_split=False
    )
    report = audit_table(table, found, similarity=1)
    return {finding.check: finding for finding in report.findings}, report


ROWS = [["a", "b"], ["a"], [], ["b", "c"]] * 20


def test_statistics_of_label_sets():
    found = describe_label_sets(pl.Series([["a", "b"], ["a"], [], ["a", "b", "c"]]))
    assert (found.cardinality, found.density) == (1.5, 0.5)
    assert (found.fewest, found.most, found.without, found.distinct_sets) == (0, 3, 1, 4)


def test_counts_labels_and_rows_without_one():
    found, report = audit(ROWS)
    assert report.labels == {"a": 40, "b": 40, "c": 20}
    assert (found["no-labels"].count, found["no-labels"].rows) == (20, [3, 7, 11])
    assert not {"one-class", "rare-class", "inseparable-labels", "constant-label", "unseen-label"} & found.keys()


@pytest.mark.parametrize(
    ("added", "check", "count", "message"),
    [
        ([["a", "x"]], "one-row-class", 1, "no other row has"),
        ([["a", "x"]] * 3, "rare-class", 1, "x (3)"),
        ([["y", "x"]] * 20, "inseparable-labels", 2, '"x", "y"'),
        ([["a", "A "]] * 20, "similar-labels", 20, '"A"'),
        ([["N/A"]] * 15, "unusable-label", 15, '"N/A"'),
    ],
)
def test_problems_of_labels(added, check, count, message):
    found, _ = audit([*ROWS, *added])
    assert found[check].count == count
    assert message in found[check].message


def test_a_label_of_every_row_and_a_single_label():
    found, _ = audit([["all", name] for name in "ab" * 20])
    assert '"all"' in found["constant-label"].message
    assert audit([["a"], []] * 10)[0]["one-class"].severity == "error"


def test_equal_texts_with_different_sets():
    texts = [f"text {at}" for at in range(80)]
    texts[1] = texts[2] = texts[0]
    found, _ = audit(ROWS, texts)
    assert found["several-labels"].count == 3
    texts[4] = texts[0] = "another"
    texts[1] = texts[2] = "others"
    assert audit(ROWS, texts)[0]["several-labels"].rows == [3]


def test_labels_that_training_lacks():
    sets = [*ROWS, ["a", "new"]]
    found, _ = audit(sets, None, [*["train", "val", "test", "train"] * 20, "val"])
    assert (found["unseen-label"].severity, found["unseen-label"].rows) == ("error", [81])


def test_settings_remove_labels_and_keep_rows():
    found, report = audit([*ROWS, ["a", "x"]], None, None, 'task.drop_labels=["c"]', "task.min_rows=2")
    assert report.labels == {"a": 41, "b": 40}
    assert (report.rows, found["dropped-label"].count) == (81, 21)
