"""`zoo data check`, `split` and `sample`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shlex
from pathlib import Path

import polars as pl
import pytest

from tests.limits import limit

LONG = "we came for lunch on a rainy day and the soup was hot and the bread fresh and nobody hurried us at all"
FAULTY = [
    ("label", "text", "split"),
    ("good", "fine food", "train"),
    ("good", LONG, "train"),
    ("bad", "", "train"),
    ("bad", "fine\nfood", "train"),
    ("good", "fine food", "val"),
    ("bad", "Fine  food!", "val"),
    ("good", LONG + " then", "test"),
    ("rare", "cafÃ© noir", "test"),
    ("", "no label here", "test"),
    ("bad", "quite another text", "test"),
]


def table(records) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(records)
    return stream.getvalue().encode()


@pytest.fixture
def faulty(empty_folder) -> Path:
    file = empty_folder / "faulty.csv"
    file.write_bytes(b"\xef\xbb\xbf" + table(FAULTY))
    return file


def found(answer) -> dict[str, dict]:
    return {one["check"]: one for one in answer.json["findings"]}


def test_check_reports_contents_and_problems(zoo, faulty):
    report = zoo("data", "check", "faulty.csv", "--json").json
    assert (report["rows"], report["columns"], report["task"]) == (
        10,
        ["label", "text", "split"],
        "text-classification",
    )
    assert report["labels"] == {"bad": 4, "good": 4, "rare": 1}
    assert report["splits"] == {"train": 4, "val": 2, "test": 4}
    assert report["lengths"]["words"] | {"mean": 0} == {
        "0%": 0, "5%": 0, "25%": 2, "50%": 2, "75%": 3, "95%": 24, "100%": 24, "mean": 0
    }  # fmt: skip
    checks = {one["check"]: one["count"] for one in report["findings"]}
    assert checks == {
        "byte-order-mark": 1,
        "empty-text": 1,
        "garbled-text": 1,
        "no-label": 1,
        "one-row-class": 1,
        "duplicate": 1,
        "same-normalized": 1,
        "near-duplicate": 1,
        "unseen-label": 1,
        "rare-class": 2,
        "small-test": 3,
        "several-labels": 3,
        "in-several-splits": 1,
        "in-several-splits-near": 1,
    }


def test_check_reports_locations(zoo, faulty):
    result = found(zoo("data", "check", "faulty.csv", "--json"))
    assert result["empty-text"]["examples"] == [{"row": 3, "line": 4, "text": ""}]
    (twice,) = result["duplicate"]["examples"]  # a line break in row 4 shifts the lines below
    assert twice == {"row": 5, "line": 7, "of": {"row": 1, "line": 2}, "text": "fine food"}
    assert result["several-labels"]["examples"][0]["of"] == {"row": 1, "line": 2}
    drawn = zoo("data", "check", "faulty.csv").out
    assert "duplicate\t1\ttexts are the same as an earlier one\tline 7 and line 2\tfine food" in drawn


def test_check_of_a_valid_file_finds_no_problems(zoo, reviews):
    answer = zoo("data", "check", "reviews.csv", "--strict", "--similarity", "1")
    assert (answer.code, answer.err) == (0, "")
    assert "task\tyelp" in answer.out  # detected by the columns
    findings = zoo("data", "check", "reviews.csv", "--similarity", "1", "--json").json["findings"]
    assert [one["check"] for one in findings] == ["small-test"]
    plenty = table([("text", "label"), *((f"word{at} other{at % 9}", "ab"[at % 2]) for at in range(2000))])
    assert zoo("data", "check", "-", "--similarity", "1", stdin=plenty).out.endswith("no problems found\n")


def test_strict_exits_with_3_after_the_report(zoo, faulty):
    answer = zoo("data", "check", "faulty.csv", "--strict", "--json")
    assert answer.code == 3
    assert answer.lines == ["zoo: error: faulty.csv: 8 problems found"]
    assert answer.json["rows"] == 10
    assert zoo("data", "check", "faulty.csv").code == 0


def test_check_gives_severity_and_hints(zoo, faulty):
    findings = zoo("data", "check", "faulty.csv", "--json").json["findings"]
    severities = [finding["severity"] for finding in findings]
    assert severities == sorted(severities, key=["error", "warning", "note"].index) and set(severities) > {"note"}
    assert all(finding["hint"] for finding in findings)
    drawn = zoo("data", "check", "faulty.csv").out
    assert "\nnote\tbyte-order-mark\t1\t" in drawn and "\n  hint: add rows to train, or drop these" in drawn


def test_a_note_is_no_reason_to_fail(zoo, reviews):
    Path("marked.csv").write_bytes(b"\xef\xbb\xbf" + Path("reviews.csv").read_bytes())
    answer = zoo("data", "check", "marked.csv", "--strict", "--similarity", "1", "--json")
    assert (answer.code, [one["check"] for one in answer.json["findings"]]) == (0, ["byte-order-mark", "small-test"])


def test_check_suggests_settings_for_labels_that_work(zoo):
    labels = ["good", "bad"] * 20 + ["N/A", "n/a", "?"] + ["odd"]
    data = table([("kind", "said"), *((label, f"text number {at}") for at, label in enumerate(labels))])
    Path("kinds.csv").write_bytes(data)
    answer = zoo("data", "check", "kinds.csv", "--json")
    assert answer.err == "columns guessed: --text said --label kind\n"
    hints = found(answer)
    drop = shlex.split(hints["unusable-label"]["hint"].removeprefix("drop them with "))
    assert (
        drop == ["--set", 'task.drop_labels=["?", "N/A", "n/a"]']
        and "task.min_rows=2" in hints["one-row-class"]["hint"]
    )
    again = zoo("data", "check", "kinds.csv", *drop, "--set", "task.min_rows=2", "--strict", "--json")
    assert again.code == 0 and again.json["labels"] == {"bad": 20, "good": 20}
    assert found(again)["dropped-label"]["count"] == 4


def test_check_suggests_commands_that_work(zoo):
    """On a file whose name and columns need quotes, guessed or named."""
    options = ("--set", "task=text-classification", "--text", "my text", "--label", "kind")
    rows = [(("usual", "usual", "rare")[at % 3 if at < 15 else 0], f"word{at} it is {at % 4}") for at in range(60)]
    Path("my data.csv").write_bytes(table([("kind", "my text"), *rows]))
    findings = found(zoo("data", "check", "my data.csv", "--json"))
    named = found(zoo("data", "check", "my data.csv", *options, "--json"))
    assert named["small-test"]["hint"].endswith("--set task=text-classification --text 'my text' --label kind")
    hints = {check: findings[check]["hint"] for check in ("small-test", "uneven-classes")}
    assert all(findings[check]["advice"].endswith(f"; {hint}") for check, hint in hints.items())
    hint = hints["uneven-classes"]
    command = shlex.split(hint[hint.index("zoo ") :].replace("--folds 5", "--folds 2"))
    answer = zoo(*command[1:], "--json")
    assert answer.code == 0, answer.err


def test_check_accepts_other_columns_and_stdin(zoo):
    data = table([("a", "b"), ("x", "one text"), ("y", "two texts"), ("y", "three of them")])
    answer = zoo("data", "check", "-", "--set", "task.text=b", "--set", "task.label=a", "--json", stdin=data)
    assert answer.json["labels"] == {"x": 1, "y": 2}
    assert found(answer)["one-row-class"]["examples"] == [{"row": 1, "text": "one text"}]


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_leaks_equal_those_of_training(zoo, kind):
    records = [("label", "text", "split")]
    for at in range(90):
        split = ("train", "train", "val", "test")[at % 4]
        records.append(("ab"[at % 2], f"common text {at % 30}", split))
    separator = {"csv": ",", "tsv": "\t"}[kind]
    Path(f"leaky.{kind}").write_text("\n".join(separator.join(record) for record in records) + "\n", encoding="utf-8")
    trained = zoo("train", "text-mlp", "--data", f"leaky.{kind}", "--set", "training.epochs=1", "--json").json
    result = zoo("data", "check", f"leaky.{kind}", "--json").json["findings"]
    leaks = {one["message"].split()[2]: one["count"] for one in result if one["check"] == "in-several-splits"}
    assert leaks == trained["data"]["leaked"]
    assert sum(leaks.values()) > 20


@pytest.mark.parametrize(("call", "code", "result"),
    [
        (("check", "none.csv"), 3, "none.csv: there is no such file"),
        (("check", "faulty.csv", "--set", "task.text=txet"), 3, 'missing column "txet": the columns are '),
        (("check", "faulty.csv", "--set", "optimizer.lr=1"), 2, "is not a setting of the task"),
        (("check", "faulty.csv", "--set", "task=none"), 2, "none"),
        (("split", "faulty.csv", "-o", "x.csv"), 3, 'column "split" already exists'),
        (("split", "plain.csv", "-o", "plain.csv"), 2, "plain.csv already exists (hint: choose another name"),
        (("split", "plain.csv", "-o", "x.csv", "--group", "grupo"), 3, 'missing column "grupo": the columns are '),
        (("split", "plain.csv", "-o", "x.csv", "--shares", "1,2"), 2, "three numbers"),
        (("split", "plain.csv", "-o", "x.csv", "--shares", "0,1,1"), 2, "three numbers"),
        (("split", "plain.csv", "-o", "x.csv", "--shares", "1,nan,1"), 2, "three numbers"),
        (("split", "plain.csv", "-o", "x.csv", "--shares", "1,1,1", "--folds", "2"), 2, "cannot be combined"),
        (("split", "plain.csv", "-o", "x.ft"), 2, "cannot store splits"),
        (("split", "plain.csv", "-o", "x.tsv"), 3, 'row 4: a tab or a line break in column "text"'),
        (("split", "plain.csv", "-o", "x.doc"), 2, 'unknown format of a file name in ".doc"'),
        (("split", "plain.csv", "-o", "no/x.csv"), 7, "cannot write no/x.csv"),
        (("sample", "--format", "xml"), 2, 'unknown format "xml"'),
    ],
)  # fmt: skip
def test_rejects_invalid_usage(zoo, refused, faulty, call, code, result):
    Path("plain.csv").write_bytes(table([one[:2] for one in FAULTY]))
    before = {path: path.read_bytes() for path in Path().iterdir()}
    refused(zoo("data", *call), code, result)
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_split_adds_a_column_and_changes_nothing_else(zoo, empty_folder):
    records = [("id", "label", "text"), *((f"{at}", "ab"[at % 2], f' "quoted", {at}\r\nline ') for at in range(200))]
    Path("in.csv").write_bytes(table(records))
    answer = zoo("data", "split", "in.csv", "-o", "out.csv")
    assert (answer.code, answer.out, answer.err) == (0, "", "in.csv: 200 rows: 140 train, 30 val, 30 test\n")
    with Path("out.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["id", "label", "text", "split"]
    assert [tuple(row[:3]) for row in rows] == records[1:]
    assert [sum(row[1] == "a" and row[3] == name for row in rows) for name in ("train", "val", "test")] == [70, 15, 15]
    zoo("data", "split", "in.csv", "-o", "again.csv")
    assert Path("again.csv").read_bytes() == Path("out.csv").read_bytes()
    assert zoo("data", "check", "out.csv", "--json").json["splits"] == {"train": 140, "val": 30, "test": 30}


def test_split_by_groups_and_folds(zoo):
    Path("in.csv").write_bytes(
        table([("place", "rating", "review"), *((f"p{at % 23}", "xy"[at % 2], f"text {at}") for at in range(300))])
    )
    answer = zoo("data", "split", "in.csv", "-o", "-", "--group", "place", "--format", "jsonl", "--shares", "8,1,1")
    rows = [json.loads(line) for line in answer.out.splitlines()]
    assert len(rows) == 300
    assert len({(row["place"], row["split"]) for row in rows}) == 23
    assert "groups)" in answer.err
    Path("gaps.csv").write_bytes(
        table(
            [("who", "label", "text"), *(("" if at < 9 else f"p{at}", "ab"[at % 2], f"text {at}") for at in range(60))]
        )
    )
    result = zoo("data", "split", "gaps.csv", "-o", "g.csv", "--group", "who").lines
    assert result[1:] == ["zoo: warning: 9 rows without who, treated as one group"]
    assert zoo("data", "split", "in.csv", "-o", "f.parquet", "--folds", "5").code == 0
    assert sorted(pl.read_parquet("f.parquet")["fold"].value_counts()["count"]) == [60] * 5


def test_split_overwrites_its_input_with_force(zoo, reviews):
    assert zoo("data", "split", "reviews.csv", "-o", "reviews.csv", "--force").code == 0
    assert pl.read_csv("reviews.csv").columns == ["rating", "review", "split"]
    assert sorted(path.name for path in Path().iterdir()) == ["reviews.csv"]


def test_full_disk_leaves_the_old_file(zoo, reviews, monkeypatch):
    Path("out.csv").write_text("old", encoding="utf-8")

    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zoo_core.data.files.writer.write_table", full)
    answer = zoo("data", "split", "reviews.csv", "-o", "out.csv", "--force")
    assert (answer.code, answer.lines) == (7, ["zoo: error: cannot write out.csv: No space left on device"])
    assert Path("out.csv").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in Path().iterdir()) == ["out.csv", "reviews.csv"]


@pytest.mark.parametrize("name", ["s.csv", "s.tsv.gz", "s.jsonl.zst", "s.json.xz", "s.parquet", "s.arrow", "s.ft"])
def test_sample_format_follows_the_suffix(zoo, name):
    for file in (name, f"again-{name}"):
        assert zoo("data", "sample", "--rows", "50", "-o", file).err == f"50 synthetic rows written to {file}\n"
    assert Path(name).read_bytes() == Path(f"again-{name}").read_bytes() != b""


def test_sample_to_stdout(zoo):
    rows = [json.loads(line) for line in zoo("data", "sample", "--rows", "5", "--format", "jsonl").out.splitlines()]
    assert [set(row) for row in rows] == [{"rating", "review", "split"}] * 5
    assert zoo("data", "sample", "--rows", "5").out.startswith("rating,review,split\n")


def test_compressed_sample_through_a_pipe(process):
    import subprocess
    import sys

    call = [sys.executable, "-m", "zoo_cli", "data", "sample", "--rows", "3", "--format", "csv.gz"]
    made = subprocess.run(call, capture_output=True, check=True, timeout=limit()).stdout
    assert gzip.decompress(made).startswith(b"rating,review,split\n")


def test_several_files_are_one_table(zoo):
    for name, seed in (("a.csv", "1"), ("b.jsonl", "2")):
        assert zoo("data", "sample", "--rows", "40", "--seed", seed, "-o", name).code == 0
    assert json.loads(zoo("data", "check", "a.csv", "b.jsonl", "--json").out)["rows"] == 80
    answer = zoo("data", "split", "a.csv", "b.jsonl", "--folds", "2", "-o", "-", "--format", "jsonl")
    assert answer.code == 0 and len(answer.out.splitlines()) == 80


def test_formulas_are_escaped_on_request(zoo, refused):
    Path("in.csv").write_text("text,label\n" + "=1+1,-bad\n@good,+fine\n" * 10, encoding="utf-8")
    kept = zoo("data", "split", "in.csv", "-o", "-").out
    assert "\n=1+1,-bad," in kept
    assert "\n'=1+1,'-bad," in zoo("data", "split", "in.csv", "-o", "-", "--escape-formulas").out
    refused(zoo("data", "split", "in.csv", "-o", "o.jsonl", "--escape-formulas"), 2, "formulas cannot be escaped")
    assert zoo("train", "text-mlp", "--data", "in.csv", "--run", "r", "--set", "training.epochs=1").code == 0
    for given, label in ((), ("+fine", "-bad")), (("--escape-formulas",), ("'+fine", "'-bad")):
        row = zoo("predict", "r", "=1+1", *given).out.splitlines()[1]
        assert row.split(",")[1] in label, row  # after the text


@pytest.mark.parametrize("given", [(), ("--set", "task=yelp")])
def test_open_data_set_is_checked_and_split(zoo, given):
    """Its files are JSON lines with the suffix .json."""
    rows = [{"user_id": f"u{i % 20}", "stars": float(i % 5 + 1), "text": f"place number {i}"} for i in range(100)]
    Path("reviews.json").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = json.loads(zoo("data", "check", "reviews.json", "--json", *given).out)
    assert found["rows"] == 100 and len(found["labels"]) == 5
    assert zoo("data", "split", "reviews.json", "-o", "s.csv", "--group", "user_id", *given).code == 0
    assert pl.read_csv("s.csv").group_by("user_id").agg(pl.col("split").n_unique())["split"].to_list() == [1] * 20


def test_sample_overwrites_only_with_force(zoo, refused):
    Path("mine.csv").write_text("precious", encoding="utf-8")
    refused(zoo("data", "sample", "--rows", "3", "-o", "mine.csv"), 2, "mine.csv already exists")
    assert Path("mine.csv").read_text(encoding="utf-8") == "precious"
    assert zoo("data", "sample", "--rows", "3", "-o", "mine.csv", "--force").code == 0
    assert Path("mine.csv").read_text(encoding="utf-8") != "precious"
