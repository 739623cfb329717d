"""What a check counts, as a plain program counts it; and on which lines rows begin."""

from __future__ import annotations

import csv
import io
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.audit import audit_table
from zoo_core.data.files.line_numbers import line_numbers
from zoo_core.data.files.reading import read_table
from zoo_core.data.splits import SPLIT_NAMES
from zoo_core.data.task_detection import find_task_columns
from zoo_core.errors import RecipeError

TEXTS = ["", " ", "a b", "A b", "a  b!", "a b !", "c", "C", "the long one has many words in it", "the long one"]
rows = st.lists(
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(["x", "y", " y", ""]), st.sampled_from(SPLIT_NAMES)),
    min_size=1,
    max_size=25,
)
cells = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r\ufeff"), max_size=6)


def table(records, names=("text", "label", "split")) -> Table:
    return Table(pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row"), "some.csv")


def counts(report) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in report.findings:
        found[one.check] += one.count
    return dict(found)


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
        found["same-plain"] += text not in letter and made in plain
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
        found["in-several-splits-plain"] += not same and any(records[row][2] in earlier for row in plain.get(made, ()))
    return {check: count for check, count in found.items() if count or check == "one-class"}


@given(rows)
def test_counts_are_those_of_a_plain_program(zoo, records):
    made = table(records)
    assert counts(audit_table(made, find_task_columns(made, zoo), similarity=1)) == expected(records)


@given(rows)
def test_examples_are_what_they_are_said_to_be(zoo, records):
    made = table(records)
    for one in audit_table(made, find_task_columns(made, zoo), similarity=0.8).findings:
        assert len(one.related_rows) in (0, len(one.rows))
        for row, of in zip(one.rows, one.related_rows, strict=False):
            (text, label, split), (other, first, before) = records[row - 1], records[of - 1]
            if one.check in ("duplicate", "in-several-splits"):
                assert text == other
            if one.check.startswith("in-several-splits"):
                assert SPLIT_NAMES.index(before) < SPLIT_NAMES.index(split)
            elif one.check == "several-labels":
                assert label.strip() != first.strip()
            else:
                assert of < row


def test_each_repeated_row_counts_once_by_its_strictest_sense(zoo):
    long = "we came for lunch on a rainy day and the soup was hot and the bread was fresh and nobody hurried us"
    texts = [long, long, long.upper(), f"{long} today", f"{long} today", "another text", ""]
    made = table([(text, "xy"[at % 2], "train") for at, text in enumerate(texts)])
    found = counts(audit_table(made, find_task_columns(made, zoo)))
    assert {check: found[check] for check in ("duplicate", "same-plain", "near-duplicate")} == {
        "duplicate": 2,
        "same-plain": 1,
        "near-duplicate": 1,
    }  # of seven rows, one empty, two texts are left


def test_lengths_and_counts(zoo):
    made = table([("one two", "b", "train"), ("three", "a", "val"), ("", "b", "test")])
    report = audit_table(made, find_task_columns(made, zoo))
    assert report.labels == {"a": 1, "b": 2}
    assert report.splits == {"train": 1, "val": 1, "test": 1}
    assert (report.lengths["words"]["50%"], report.lengths["characters"]["100%"]) == (1, 7)
    assert report.lengths["characters"]["mean"] == 4


def test_the_task_is_the_first_whose_columns_are_there(zoo):
    ours = table([("a", "b")], ("review", "rating"))
    assert find_task_columns(ours, zoo).task.name == "yelp"
    assert find_task_columns(table([("a", "b")], ("text", "label")), zoo).task.name == "text-classification"
    chosen = find_task_columns(ours, zoo, ["task=text-classification", "task.text=rating", "task.label=review"])
    assert (chosen.texts.to_list(), chosen.labels.to_list()) == (["b"], ["a"])
    with pytest.raises(RecipeError, match="no setting of the task"):
        find_task_columns(ours, zoo, ["training.epochs=2"])


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.booleans())
def test_lines_are_those_on_which_rows_begin(tmp_path_factory, registry, records, ends):
    records = [(f"x{one}", other) for one, other in records]  # no row without a character
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    begins = []
    for record in [("text", "la\nbel"), *records]:
        begins.append(stream.getvalue().count("\n") + 1)
        writer.writerow(record)
    path = tmp_path_factory.mktemp("lines") / "some.csv"
    path.write_bytes(stream.getvalue().encode() if ends else stream.getvalue().encode().removesuffix(b"\n"))
    made = read_table(path, registry, reader="csv")
    wanted = list(range(1, len(records) + 1))
    assert line_numbers(made, wanted) == dict(zip(wanted, begins[1:], strict=True))


def test_no_line_is_told_where_it_is_not_certain(tmp_path, registry):
    path = tmp_path / "some.csv"
    path.write_text("text,label\n\na,b\n")
    made = read_table(path, registry)
    assert line_numbers(made, [1]) == {}
    path.unlink()
    assert line_numbers(made, [1]) == {}
