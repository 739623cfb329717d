"""Union: the features of its parts, shifted; names, tokens and states."""

from __future__ import annotations

import json

import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import load_component
from zoo_core.features.bag import Bag
from zoo_core.features.fields import read_fields, write_fields
from zoo_core.features.tokens import tokenize_column
from zoo_tables.field_tokens import Column, column_of, find_columns
from zoo_tables.joined_bags import join_bags

NAMES = st.text(st.sampled_from("ab=:\\ .\"'é;\n"), min_size=1, max_size=6)
GROUPS = st.sampled_from(["text", "categories", "numbers"])
TITLES = ["good food", "", "bad food", "good good place"]
NOTES = ["never again", "good", "", "never"]
KINDS = ["Fast food", "Books", "", "Fast food"]
PRICES = ["3", None, "-1.5", "2e1"]
LABELS = torch.tensor([1, 0, 0, 1])


def rows(prices=PRICES, title="title"):
    return write_fields(
        {
            "text": {title: pl.Series(TITLES), "notes": pl.Series(NOTES)},
            "categories": {"kind": pl.Series(KINDS)},
            "numbers": {"price": pl.Series(prices, dtype=pl.String)},
        }
    )


def union(**parts):
    quick = {"text": {"use": "ngrams", "min_df": 1}, "categories": {"use": "one-hot", "cutoff": 0}}
    return load_component("vectorizer", "union", parts={**quick, **parts})


def fit(vectorizer, texts=None):
    tokens = tokenize_column(rows() if texts is None else texts, vectorizer.tokenize)
    return (*vectorizer.fit_transform(tokens, LABELS), tokens)


def alone(name, column, *, numbers=False, **settings):
    """The dense features of one vectorizer on one column."""
    vectorizer = load_component("vectorizer", name, **settings)
    texts = pl.Series([f"price={value or ''}" for value in column] if numbers else column)
    tokens = tokenize_column(texts, vectorizer.tokenize)
    return vectorizer.fit_transform(tokens, LABELS)


@pytest.mark.parametrize("part", ["ngrams", "hashed-ngrams", "tf-idf", "count"])
def test_features_are_those_of_the_parts_one_after_another(part):
    settings = {"ngrams": {"min_df": 1}, "hashed-ngrams": {"size": 64}}.get(part, {"cutoff": 0})
    encoder, bag, tokens = fit(union(text={"use": part, **settings}))
    kinds = alone("one-hot", [kind.replace(" ", "_") for kind in KINDS], cutoff=0)
    expected = {
        "title": alone(part, TITLES, **settings),
        "notes": alone(part, NOTES, **settings),
        "kind": kinds,
        "price": alone("scaled-numbers", PRICES, numbers=True),
    }
    order = [member.column.name for member in encoder.members]
    assert sorted(order) == sorted(expected)
    dense = torch.cat([expected[name][1].to_dense().float() for name in order], dim=1)
    torch.testing.assert_close(bag.to_dense(), dense)
    torch.testing.assert_close(encoder.transform(tokens).to_dense(), dense)
    assert bool((bag.ids[1:] > bag.ids[:-1])[torch.diff(bag.row_ids()) == 0].all()), "ascending within a row"


def test_names_begin_with_the_column():
    names = set(fit(union())[0].feature_names())
    assert {"title: good", "notes: good", "title: good food", "kind=Fast food", "kind=<UNK>", "price"} <= names
    assert fit(union(text={"use": "hashed-ngrams", "size": 64}))[0].feature_names() == []
    assert union().has_feature_names
    assert not union(text="hashed-ngrams").has_feature_names


def test_a_column_may_have_a_vectorizer_of_its_own_or_none():
    vectorizer = union(notes={"use": "count", "cutoff": 0}, title="none", categories="none")
    encoder, _, tokens = fit(vectorizer)
    assert [member.column.name for member in encoder.members] == ["notes", "price"]
    assert "notes: never again" not in encoder.feature_names()
    assert not any(word.startswith(("title", "kind")) for word in tokens.words.to_list())


def test_a_union_of_one():
    encoder, bag, _ = fit(union(categories="none", numbers="none", notes="none"))
    torch.testing.assert_close(bag.to_dense(), alone("ngrams", TITLES, min_df=1)[1].to_dense())
    assert encoder.num_features == bag.width


def test_names_of_columns_that_look_like_tokens_stay_apart():
    texts = write_fields(
        {
            "text": {"a": pl.Series(["b=c x", "x", "x", "b=c"]), "a: b": pl.Series(["c", "c", "", "d"])},
            "categories": {"a: b=c": pl.Series(["x", "y", "x", ""]), "x": pl.Series(["y", "", "y", "y"])},
            "numbers": {"x=y": pl.Series(["1", "2", "3", "4"]), "x ": pl.Series(["1", "2", "3", "4"])},
        }
    )
    encoder = fit(union(), texts)[0]
    assert len(encoder.members) == 6
    names = encoder.feature_names()
    assert len(set(names)) == len(names)
    assert {"x=y", r"x\=y", "x ", r"a\: b\=c=x", "a: b=c", r"a\: b: c"} <= set(names)


def test_a_prefix_is_read_back_as_its_column():
    @given(NAMES, GROUPS, st.text(min_size=1, max_size=5))
    def check(name, group, value):
        value = value.strip() or "x"
        column = Column(name, group)
        assert column_of(f"{column.prefix}{value}") == column

    check()


def test_columns_are_ranges_of_sorted_words():
    columns = [Column("a", "text"), Column("a:", "categories"), Column("a", "numbers"), Column("é", "text")]
    words = sorted([f"{column.prefix}{value}" for column in columns for value in "xyz"] + ["zyzzyva", ""])
    found = {column: (start, stop) for column, start, stop in find_columns(pl.Series(words))}
    assert sorted(found, key=str) == sorted(columns, key=str)
    for column, (start, stop) in found.items():
        assert words[start:stop] == [f"{column.prefix}{value}" for value in "xyz"]


def test_a_state_is_restored_and_checked():
    vectorizer = union()
    encoder, bag, tokens = fit(vectorizer)
    state = encoder.state()
    restored = vectorizer.restore(state)
    assert restored.feature_names() == encoder.feature_names()
    torch.testing.assert_close(restored.transform(tokens).to_dense(), bag.to_dense())
    for change in (
        {"columns": "x"},
        {"columns": ["a", "a", "kind", "price"]},
        {"groups": ["text", "text", "other", "numbers"]},
        {"groups": ["text"]},
        {"9.words": ["x"]},
        {"word": ["x"]},
        {"01.words": ["x"]},
    ):
        with pytest.raises((ValueError, KeyError, TypeError)):
            vectorizer.restore({**state, **change})
    with pytest.raises(ValueError, match="column kind has no vectorizer"):
        union(categories="none").restore(state)


def test_bags_are_joined_row_by_row():
    plain = Bag(torch.tensor([0, 1, 1]).int(), torch.tensor([0, 2, 2, 3]), None, 2)
    scaled = Bag(
        torch.tensor([0, 2]).int(),
        torch.tensor([0, 0, 2, 2]),
        torch.tensor([3, 1], dtype=torch.uint8),
        3,
        torch.tensor([2.0, 1, 4]),
        torch.tensor([1.0, 2, 1]),
    )
    for bags in ([plain, scaled], [scaled, plain, scaled], [plain, plain], [plain]):
        joined = join_bags(bags, 3)
        expected = torch.cat([bag.to_dense().float() for bag in bags], dim=1)
        torch.testing.assert_close(joined.to_dense(), expected)
    assert join_bags([plain, plain], 3).weights is None
    assert join_bags([], 3).width == 0


def test_fields_are_written_and_read():
    text = rows()[1]
    assert json.loads(text)["numbers"] == {"price": None}
    assert read_fields(rows())["text"]["title"].to_list() == TITLES
    assert read_fields(rows().clear()) == {}
    for wrong in (["{}", ""], ['{"text": 3}'], ["x"], ['{"text": {"a": "b"}}', "x"]):
        with pytest.raises(ValueError):
            read_fields(pl.Series(wrong))


def test_a_tokenizer_that_learns_is_fitted_to_texts_alone_and_restored():
    pytest.importorskip("tokenizers")
    subwords = load_component("tokenizer", "subwords", vocabulary_size=40)
    vectorizer = union(text={"use": "ngrams", "min_df": 1, "tokenizer": subwords})
    encoder, bag, tokens = fit(vectorizer)
    assert "kind=Fast food" in encoder.feature_names()
    assert any(".tokenizer." in name for name in encoder.state())
    restored = vectorizer.restore(encoder.state())
    torch.testing.assert_close(restored.transform(tokens).to_dense(), bag.to_dense())
