"""The sets of Kim 2014: how their files are read and divided."""

from __future__ import annotations

from benchmarks.kim_sets import read_set, split_tables


def test_rows_have_their_splits_and_a_tenth_of_the_training_rows_is_for_validation(tmp_path):
    (tmp_path / "TREC.train.all").write_bytes(b"".join(b"%d word\x85%d ?\n" % (row % 6, row) for row in range(100)))
    (tmp_path / "TREC.test.all").write_bytes(b"3 caf\xe9\r\n\n5 one two\n")
    (table,) = split_tables(read_set(tmp_path, "trec"), folds=10, seed=1)
    assert table["split"].value_counts(sort=True).rows() == [("train", 90), ("val", 10), ("test", 2)]
    assert table.filter(split="test").select("label", "text").rows() == [("3", "café"), ("5", "one two")]


def test_each_row_of_a_set_without_splits_is_tested_once(tmp_path):
    (tmp_path / "custrev.all").write_text("".join(f"{row % 2} text {row}\n" for row in range(103)))
    folds = list(split_tables(read_set(tmp_path, "cr"), folds=10, seed=1))
    tested = [text for fold in folds for text in fold.filter(split="test")["text"]]
    assert sorted(tested) == sorted(folds[0]["text"])
    assert all(fold["split"].to_list().count("val") in (9, 10) for fold in folds)
