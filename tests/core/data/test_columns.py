"""Columns of a table as texts and labels, and the rows that are dropped."""

from __future__ import annotations

from unicodedata import normalize

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.columns import prediction_texts, read_examples
from zoo_core.errors import DataError


def test_a_missing_column_suggests_a_name_and_the_setting():
    table = Table(pl.DataFrame({"review": ["a"], "stars": ["1"]}), "r.csv")
    with pytest.raises(DataError) as caught:
        table.column("reviews", setting="task.text")
    for text in ('r.csv: missing column "reviews"', 'did you mean "review"?', "review, stars", "set task.text"):
        assert text in str(caught.value)
    assert prediction_texts(table.__class__(table.frame.select("stars"), ""), "review").to_list() == ["1"]


@given(st.lists(st.sampled_from(["a", "b", "", "  ", "NA"]), min_size=1))
def test_rows_are_used_or_dropped(labels):
    frame = pl.DataFrame({"text": [str(at) for at in range(len(labels))], "label": labels})
    examples = read_examples(Table(frame, "f"), text="text", label="label", split="split", split_optional="split")
    kept = [str(at) for at, label in enumerate(labels) if label.strip()]
    assert examples.texts.to_list() == kept
    assert examples.labels.to_list() == [label.strip() for label in labels if label.strip()]
    assert len(kept) + sum(examples.dropped.values()) == len(labels)


def test_finds_a_column_in_composed_and_decomposed_form():
    composed, decomposed = (normalize(form, "리뷰") for form in ("NFC", "NFD"))
    assert composed != decomposed
    for there, asked in ((composed, decomposed), (decomposed, composed)):
        table = Table(pl.DataFrame({there: ["좋아요"]}), "리뷰.csv")
        assert table.column(asked, setting="task.text").to_list() == ["좋아요"]
