"""`zoo data split --time`: the earliest rows train, the latest test."""

from __future__ import annotations

import polars as pl

from tests.cli.conftest import refused


def test_rows_are_divided_by_time(zoo, tmp_path):
    dates = [f"2024-{month:02d}-01" for month in (5, 1, 3, 2, 4) for _ in range(4)]
    rows = {"text": ["good food"] * 20, "label": ["a", "b"] * 10, "date": dates, "author": ["x"] * 20}
    pl.DataFrame(rows).write_csv(tmp_path / "in.csv")
    answer = zoo(
        "data", "split", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--time", "date", "--shares", "3,1,1"
    )
    assert answer.code == 0, answer
    found = pl.read_csv(tmp_path / "out.csv")
    assert found["split"].to_list() == [
        {5: "test", 4: "val"}.get(int(date[5:7]), "train") for date in found["date"].to_list()
    ]
    output = ("-o", tmp_path / "other.csv")
    refused(zoo("data", "split", tmp_path / "in.csv", *output, "--time", "author"), 3, "in.csv:2: cannot order rows by")
    refused(zoo("data", "split", tmp_path / "in.csv", *output, "--time", "date", "--folds", "2"), 2, "--time cannot")
