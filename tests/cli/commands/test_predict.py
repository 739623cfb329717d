"""`zoo predict`: the columns of the file, those of the prediction, and the formats of the output."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest

FILE = 'id,review,label\n7,"great, fresh",x\n8,rude staff,y\n9,zzzz,\n'
OWN = ["label", "p_negative", "p_positive"]


@pytest.fixture
def file():
    Path("in.csv").write_text(FILE, encoding="utf-8")
    return "in.csv"


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


CHOICES = [
    ((), ["id", "review", "label", "predicted_label", *OWN[1:]]),
    (("--columns=all",), ["id", "review", "label", "predicted_label", *OWN[1:]]),
    (("--columns=none",), OWN),
    (("--columns=review,id",), ["review", "id", *OWN]),
    (("--columns=review", "--columns=id", "--top=1"), ["review", "id", "label", "p"]),
    (("--columns=id", "--top=9"), ["id", "label", "p", "label_2", "p_2"]),
    (("--columns=id", "--mark-unknown"), ["id", *OWN, "unknown"]),
]


@pytest.mark.parametrize(("given", "names"), CHOICES, ids=[" ".join(row[0]) for row in CHOICES])
def test_columns_of_the_file_come_before_those_of_the_prediction(zoo, trained, file, given, names):
    answer = zoo("predict", trained, "--data", file, *given)
    found = rows(answer.out)
    assert (answer.code, list(found[0])) == (0, names)
    for name in {"id", "review"} & set(names):
        assert [row[name] for row in found] == [row[name] for row in rows(FILE)]
    predicted = [row.get("predicted_label", row["label"]) for row in found]
    assert predicted[:2] == ["positive", "negative"]
    assert ('"label" as "predicted_label"' in answer.err) == ("predicted_label" in names)
    assert "1 of 3 texts has no word that the run knows" in answer.err
    if "unknown" in names:
        assert [row["unknown"] for row in found] == ["false", "false", "true"]


def test_missing_columns_are_named_all_at_once(zoo, trained, file):
    answer = zoo("predict", trained, "--data", file, "--columns=idd,text,review")
    assert (answer.code, answer.out, len(answer.lines)) == (3, "", 1)
    assert 'missing columns "idd" and "text": the columns are' in answer.err and 'did you mean "id"?' in answer.err


def test_rows_and_columns_stay_aligned_over_batches_and_chunks(zoo, trained, monkeypatch):
    """Texts of which each has its own number, in batches that are no multiple of a chunk."""
    monkeypatch.setattr("zoo_cli.commands.predict.BATCH_ROWS", 7)
    monkeypatch.setattr("zoo_core.data.files.reading.CHUNK_BYTES", 50)
    lines = [{"n": str(n), "review": f"{('rude', 'great')[n % 3 == 0]} {n}"} for n in range(60)]
    Path("in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = zoo("predict", trained, "--data", "in.jsonl", "--json").json
    assert [{key: row[key] for key in ("n", "review")} for row in found] == lines
    assert [row["label"] for row in found] == [("negative", "positive")[n % 3 == 0] for n in range(60)]


READ = {
    "csv": pl.read_csv,
    "csv.gz": pl.read_csv,
    "tsv": lambda path: pl.read_csv(path, separator="\t"),
    "json": pl.read_json,
    "jsonl": pl.read_ndjson,
    "parquet": pl.read_parquet,
    "arrow": pl.read_ipc,
}


@pytest.mark.parametrize("suffix", READ)
def test_every_format_holds_the_same_table(zoo, trained, file, monkeypatch, suffix):
    monkeypatch.setattr("zoo_cli.commands.predict.BATCH_ROWS", 2)
    name = f"out.{suffix}"
    assert zoo("predict", trained, "--data", file, "-o", name).code == 0
    found = READ[suffix](name)
    assert found.columns == ["id", "review", "label", "predicted_label", *OWN[1:]]
    assert found["predicted_label"].to_list()[:2] == ["positive", "negative"]
    assert found["p_positive"].to_list() == pytest.approx((1 - found["p_negative"]).to_list(), abs=2e-6)
    if suffix == "csv.gz":
        assert gzip.decompress(Path(name).read_bytes()).startswith(b"id,review")


def test_class_folders_and_several_files_keep_their_columns(zoo, trained):
    for label, text in (("a", "great food"), ("b", "rude staff")):
        Path("texts", label).mkdir(parents=True)
        Path("texts", label, "1.txt").write_text(text, encoding="utf-8")
    found = rows(zoo("predict", trained, "--data", "texts", "--text=text").out)
    assert [(row["label"], row["predicted_label"]) for row in found] == [("a", "positive"), ("b", "negative")]
    Path("1.csv").write_text("n,review\n1,great\n", encoding="utf-8")
    Path("2.csv").write_text("review,n\nrude,2\n", encoding="utf-8")
    found = rows(zoo("predict", trained, "--data", "?.csv").out)
    assert [(row["n"], row["label"]) for row in found] == [("1", "positive"), ("2", "negative")]


REJECTED = [
    (("--data", "in.csv", "-o", "out.txt"), 'unknown format of a file name in ".txt"'),
    (("--data", "in.csv", "-o", "out.xlsx"), "spreadsheets are read, not written"),
    (("--data", "in.csv", "-o", "out.ft"), "fastText files cannot store predictions"),
    (("--data", "in.csv", "--json", "--format=csv"), "only one of --json and --format"),
    (("--data", "in.csv", "--format=jsonl", "--escape-formulas"), "formulas cannot be escaped"),
    (("good", "--top=0"), "--top"),
]


@pytest.mark.parametrize(("given", "said"), REJECTED)
def test_impossible_outputs_are_rejected(zoo, refused, trained, file, given, said):
    refused(zoo("predict", trained, *given), 2, said)
    assert [path.name for path in Path().iterdir()] == ["in.csv"]
