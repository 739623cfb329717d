"""The surnames task and its made-up names."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import polars as pl
import pytest

from zoo_core.components.table import Table
from zoo_textbook.tasks.surname_sample import NATIONALITIES, make_surnames
from zoo_textbook.tasks.surnames import Surnames


def test_columns_are_the_textbooks():
    frame = pl.DataFrame({"nationality": ["Irish", ""], "surname": ["O'Neill ", "x"], "split": ["train", "test"]})
    found = Surnames().read(Table(frame, "file.csv"))
    assert (found.texts.to_list(), found.labels.to_list(), found.dropped) == (["O'Neill "], ["Irish"], {"no label": 1})
    assert Surnames().texts(Table(frame, "file.csv")).to_list() == ["O'Neill ", "x"]


def test_names_are_made_plain_and_keep_their_marks():
    names = pl.Series(["O'Neill ", "Ángström-Ｍ", "de la Cruz", ""])
    assert Surnames().normalize(names).to_list() == ["o'neill", "ángström-m", "de la cruz", ""]
    assert Surnames(normalization="none").normalize(names).to_list() == names.to_list()


@pytest.mark.parametrize("rows", [1, 2, 17, 18, 19, 500, 3000])
def test_as_many_names_as_asked_for(rows):
    frame = make_surnames(rows, 7)
    assert frame.columns == ["surname", "nationality", "split"] and frame.height == rows
    assert frame["nationality"].n_unique() == min(rows, 18)
    assert (frame["surname"].str.len_chars() > 1).all()


def test_the_same_seed_gives_the_same_names():
    sample = make_surnames(200, 1)
    assert sample.equals(make_surnames(200, 1)) and not sample.equals(make_surnames(200, 2))
    names = ["Shamamat", "Van terijk", "Lun", "Svabeak"]  # on every machine
    assert make_surnames(4, 1337)["surname"].to_list() == names


def test_classes_are_uneven_as_told_and_splits_are_of_each():
    frame = make_surnames(4000, 3)
    counts = Counter(frame["nationality"].to_list())
    for name, sound in NATIONALITIES.items():
        assert counts[name] == pytest.approx(4 * sound.weight, abs=max(4, 0.02 * 4 * sound.weight))
        own = frame.filter(pl.col("nationality") == name)["split"].value_counts()
        shares = dict(own.rows())
        assert shares["train"] == pytest.approx(0.7 * counts[name], abs=2)
        assert shares["val"] == pytest.approx(0.15 * counts[name], abs=2)
    assert max(counts.values()) > 20 * min(counts.values())


def test_rows_come_in_no_order():
    nationalities = make_surnames(1000, 3)["nationality"].to_list()
    same = sum(a == b for a, b in pairwise(nationalities))
    assert same < 250  # by chance about 140; sorted, 982
