"""The task surnames and its synthetic sample."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import polars as pl
import pytest

from zoo_core.components.table import Table
from zoo_textbook.tasks.surname_sample import NATIONALITIES, make_surnames
from zoo_textbook.tasks.surnames import Surnames


def test_reads_the_columns_of_the_textbook():
    frame = pl.DataFrame({"nationality": ["Irish", ""], "surname": ["O'Neill ", "x"], "split": ["train", "test"]})
    read_texts = Surnames().read(Table(frame, "file.csv"))
    assert (read_texts.texts.to_list(), read_texts.labels.to_list(), read_texts.dropped) == (
        ["O'Neill "],
        ["Irish"],
        {"no label": 1},
    )
    assert Surnames().texts(Table(frame, "file.csv")).to_list() == ["O'Neill ", "x"]


def test_normalizes_names_and_keeps_diacritics():
    names = pl.Series(["O'Neill ", "Ángström-Ｍ", "de la Cruz", ""])
    assert Surnames().normalize(names).to_list() == ["o'neill", "ángström-m", "de la cruz", ""]
    assert Surnames(normalization="none").normalize(names).to_list() == names.to_list()


@pytest.mark.parametrize("rows", [1, 2, 17, 18, 19, 500, 3000])
def test_returns_the_requested_number_of_names(rows):
    frame = make_surnames(rows, 7)
    assert frame.columns == ["surname", "nationality", "split"] and frame.height == rows
    assert frame["nationality"].n_unique() == min(rows, 18)
    assert (frame["surname"].str.len_chars() > 1).all()


def test_is_reproducible():
    sample = make_surnames(200, 1)
    assert sample.equals(make_surnames(200, 1)) and not sample.equals(make_surnames(200, 2))
    names = ["Shamamat", "Van terijk", "Lun", "Svabeak"]  # on every machine
    assert make_surnames(4, 1337)["surname"].to_list() == names


def test_class_sizes_and_splits():
    frame = make_surnames(4000, 3)
    counts = Counter(frame["nationality"].to_list())
    for name, sound in NATIONALITIES.items():
        assert counts[name] == pytest.approx(4 * sound.weight, abs=max(4, 0.02 * 4 * sound.weight))
        split_counts = frame.filter(pl.col("nationality") == name)["split"].value_counts()
        shares = dict(split_counts.rows())
        assert shares["train"] == pytest.approx(0.7 * counts[name], abs=2)
        assert shares["val"] == pytest.approx(0.15 * counts[name], abs=2)
    assert max(counts.values()) > 20 * min(counts.values())


def test_rows_are_shuffled():
    nationalities = make_surnames(1000, 3)["nationality"].to_list()
    same = sum(a == b for a, b in pairwise(nationalities))
    assert same < 250  # by chance about 140; sorted, 982
