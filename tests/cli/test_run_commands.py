"""The commands that read a trained run: evaluate, predict, explain, runs."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.limits import limit

TEXTS = ["The food was great.", "Rude staff and cold soup.", "NA", "", "null", 'a "quote", a comma', "zzzz", "NA"]


def table(text, separator=","):
    """The rows of a CSV or TSV output as dictionaries."""
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


@pytest.fixture
def asked(tmp_path):
    """A file of labeled texts with other column names and with splits."""
    told = [f"{('negative', 'positive')[i % 2]},day {i} was great,test\n" for i in range(10)]
    told += ["positive,great,train\n", "positive,great,val\n"]
    (tmp_path / "asked.csv").write_text("".join(["stars,said,part\n", *told]))
    return tmp_path / "asked.csv"


BARE = ("--columns", "none")
OTHER = ("--set", "task.text=said", "--set", "task.label=stars")


@pytest.mark.parametrize(("given", "split"), [((), "test"), (("--on", "test"), "test"), (("--on", "val"), "val")])
def test_evaluate_equals_training_metrics(zoo, trained, given, split):
    told = json.loads((trained.parent / "train.json").read_text("utf-8"))
    found = zoo("evaluate", trained, *given, "--json")
    assert (found.code, found.err) == (0, "")
    values = {key: value for key, value in found.json.items() if key != "findings"}
    for key in ("intervals", "majority"):
        assert values.pop(key) == told[key][split]
    assert values.pop("without_leaked", None) == told["without_leaked"].get(split)
    assert values == pytest.approx({"rows": told["rows"][split], **told["metrics"][split]})
    shown = table(zoo("evaluate", trained, *given).out, "\t")
    assert [row["metric"] for row in shown] == list(values)
    assert [float(row["value"]) for row in shown] == pytest.approx(list(values.values()), abs=5e-5)


def test_evaluate_accepts_splits_and_files(zoo, trained, asked):
    assert zoo("evaluate", trained, "--on", "train", "--json").json["rows"] == 2800
    found = zoo("evaluate", trained, "--data", asked, *OTHER, "--json").json
    assert (found["rows"], found["accuracy"]) == (12, pytest.approx(7 / 12))  # "great" is always positive
    part = (*OTHER, "--set", "task.split=part", "--on", "val")
    assert zoo("evaluate", trained, "--data", asked, *part, "--json").json["rows"] == 1


REFUSED = [
    (("--on", "tset"), 2, 'unknown split "tset" (hint: did you mean "test"?)'),
    (("--data", "none.csv"), 3, "none.csv: there is no such file"),
    (("--data", "ASKED"), 3, 'missing column "review": the columns are stars, said, part (hint: zoo '),
    (("--data", "ASKED", *OTHER, "--on", "test"), 3, "the file has no split column"),
    (("--data", "ASKED", "--set", "task.text=said", "--set", "task.label=part"), 3, "was not seen in training"),
    (("--set", "optimizer.lr=1"), 2, "only the settings of its task and of reading can be changed"),
]


@pytest.mark.parametrize(("given", "code", "said"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_evaluate_rejects_invalid_data(zoo, refused, trained, asked, given, code, said):
    refused(zoo("evaluate", trained, *(asked if one == "ASKED" else one for one in given)), code, said)


def test_predict_keeps_the_order_of_texts(zoo, trained):
    rows = table(zoo("predict", trained, *TEXTS).out)
    assert [list(row) for row in rows] == [["text", "label", "p_negative", "p_positive"]] * len(TEXTS)
    assert [row["text"] for row in rows] == TEXTS
    assert [row["label"] for row in rows[:2]] == ["positive", "negative"]
    assert all(float(row["p_negative"]) + float(row["p_positive"]) == pytest.approx(1, abs=2e-6) for row in rows)
    for text, row in zip(TEXTS, rows, strict=True):
        [alone] = table(zoo("predict", trained, text).out)
        assert alone["label"] == row["label"]
        assert float(alone["p_positive"]) == pytest.approx(float(row["p_positive"]), abs=2e-6)


def test_predict_reads_lines_columns_and_stdin(zoo, trained):
    expected = zoo("predict", trained, *TEXTS, *BARE).out
    quoted = [json.dumps(t).replace('\\"', '""') for t in TEXTS]
    forms = {
        "one.csv": ["review", *quoted],
        "more.csv": ["id,review,x", *(f"1,{text},NA" for text in quoted)],
        "texts.tsv": ["n\treview", *(f"1\t{text}" for text in TEXTS)],
        "texts.txt": TEXTS,
    }
    for name, lines in forms.items():
        Path(name).write_text("\n".join([*lines, ""]), encoding="utf-8")
        assert zoo("predict", trained, "--data", name, *BARE).out == expected, name
    for name in ("more.csv", "texts.tsv", "texts.txt"):
        found = zoo("predict", trained, "--data", "-", *BARE, stdin=Path(name).read_bytes())
        assert found.out == expected, name


@pytest.mark.parametrize("at_once", [64, 250, 1000])
def test_order_is_preserved_over_batches(zoo, trained, monkeypatch, at_once):
    monkeypatch.setattr("zoo_cli.commands.predict.BATCH_ROWS", at_once)
    Path("many.txt").write_text("".join(f"{('rude', 'great')[i % 3 == 0]} {i}\n" for i in range(250)), encoding="utf-8")
    labels = [row["label"] for row in table(zoo("predict", trained, "--data", "many.txt").out)]
    assert labels == [("negative", "positive")[i % 3 == 0] for i in range(250)]


@pytest.mark.parametrize("name", ["in.csv", "in.txt", "in.jsonl"])
def test_predictions_do_not_depend_on_the_batches(zoo, trained, monkeypatch, name):
    texts = [f"{('rude', 'great')[i % 3 == 0]} {i}, x" for i in range(600)]
    told = {"csv": [f'"{text}"' for text in ["review", *texts]], "txt": texts}
    told["jsonl"] = [json.dumps({"review": text}) for text in texts]
    Path(name).write_text("".join(f"{line}\n" for line in told[name[3:]]), encoding="utf-8")
    expected = zoo("predict", trained, "--data", name, "--format", "jsonl").out
    assert len(expected.splitlines()) == 600
    monkeypatch.setattr("zoo_cli.commands.predict.BATCH_ROWS", 256)
    assert zoo("predict", trained, "--data", name, "--format", "jsonl").out == expected


def test_error_in_a_later_chunk_leaves_the_output_unchanged(zoo, refused, trained, monkeypatch):
    monkeypatch.setattr("zoo_cli.commands.predict.BATCH_ROWS", 10)
    row = f"1,{'good ' * 5000}\n"  # 200 of them are 5 MB: more than one chunk
    Path("in.csv").write_text("id,review\n" + row * 200 + "1,2,3\n", encoding="utf-8")
    Path("out.csv").write_text("old", encoding="utf-8")
    taken = ("predict", trained, "--data", "in.csv", "--output", "out.csv")
    refused(zoo(*taken), 2, "out.csv already exists", "--force")
    refused(zoo(*taken, "--force"), 3, "in.csv:202: a row of 3 fields")
    assert sorted(path.name for path in Path().iterdir()) == ["in.csv", "out.csv"]
    assert Path("out.csv").read_text(encoding="utf-8") == "old"
    flowed = zoo("predict", trained, "--data", "in.csv")  # the rows before the error were written
    assert (flowed.code, len(flowed.out.splitlines()) > 100) == (3, True)


FORMATS = [("out.csv", "csv"), ("out.tsv", "tsv"), ("out.jsonl", "jsonl"), ("out.JSONL", "jsonl"), ("out", "csv")]


@pytest.mark.parametrize(("name", "form"), FORMATS)
def test_output_suffix_sets_the_format(zoo, trained, name, form):
    rows = table(zoo("predict", trained, *TEXTS).out)
    assert zoo("predict", trained, *TEXTS, "--output", name).out == ""
    assert list(Path().iterdir()) == [Path(name)]  # no temporary file remains
    text = Path(name).read_text("utf-8")
    assert text == zoo("predict", trained, *TEXTS, "--format", form).out
    if form == "jsonl":
        found = [json.loads(line) for line in text.splitlines()]
        assert [{k: v if isinstance(v, str) else f"{v:.6f}" for k, v in one.items()} for one in found] == rows
    else:
        assert table(text, {"csv": ",", "tsv": "\t"}[form]) == rows


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_output_to_a_link_and_a_pipe(zoo, trained):
    expected = zoo("predict", trained, *TEXTS).out
    Path("link.csv").symlink_to("real.csv")
    Path("real.csv").write_text("old", encoding="utf-8")
    assert zoo("predict", trained, *TEXTS, "--output", "link.csv", "--force").code == 0
    assert (Path("link.csv").is_symlink(), Path("real.csv").read_text(encoding="utf-8")) == (True, expected)
    os.mkfifo("pipe")
    with ThreadPoolExecutor(1) as pool:
        heard = pool.submit(Path("pipe").read_text)
        assert zoo("predict", trained, *TEXTS, "--output", "pipe").code == 0
        assert heard.result(limit()) == expected
    assert Path("pipe").is_fifo()


def test_unwritable_output_changes_nothing(zoo, refused, trained):
    Path("folder").mkdir()
    for place in ("folder", "nowhere/out.csv"):
        refused(zoo("predict", trained, "good", "--output", place), 7, f"cannot write {place}")
    assert [path.name for path in Path().iterdir()] == ["folder"]


def test_threshold_applies_to_the_second_class(zoo, trained):
    chances = [float(row["p_positive"]) for row in table(zoo("predict", trained, *TEXTS).out)]
    for threshold in ("0", "0.4", "0.6", "0.9", "1"):
        rows = table(zoo("predict", trained, *TEXTS, "--threshold", threshold).out)
        expected = [("negative", "positive")[chance >= float(threshold)] for chance in chances]
        assert [row["label"] for row in rows] == expected, threshold
    assert zoo("predict", trained, "good", "--threshold", "1.1").code == 2
    assert zoo("predict", trained).code == zoo("predict", trained, "text", "--data", "-").code == 2


@pytest.mark.parametrize("text", ["The food was not good, the staff rude.", "", "NA", "zzzz"])
def test_contributions_sum_to_the_score(zoo, trained, text):
    found = zoo("explain", trained, text, "--json").json
    parts = [found["base"], *(one["value"] for one in found["contributions"])]
    assert sum(parts) == pytest.approx(found["score"], abs=1e-5)
    shown = zoo("explain", trained, text)
    assert found["label"] == table(zoo("predict", trained, text).out)[0]["label"]
    assert shown.err == f"predicted: {found['label']}; method: exact\n"
    rows = table(shown.out, "\t")
    words = [*(one["token"] for one in found["contributions"]), "(bias)", "= score"]
    assert [row["word"] for row in rows] == words
    added = [float(row["contribution"]) for row in rows]
    assert sum(added[:-1]) == pytest.approx(added[-1], abs=1e-4 * len(added))


def test_explain_finds_the_top_words(zoo, trained):
    found = zoo("explain", trained, "--top", "5", "--json").json
    assert list(found) == ["negative", "positive"]
    for label, words in found.items():
        values = [one["value"] for one in words]
        assert (len(words), values) == (5, sorted(values, reverse=True))
        assert table(zoo("predict", trained, words[0]["token"]).out)[0]["label"] == label
    rows = table(zoo("explain", trained, "--top", "5").out, "\t")
    assert [(row["class"], row["word"]) for row in rows] == [(k, one["token"]) for k, v in found.items() for one in v]
    assert len(zoo("explain", trained).out.splitlines()) == 41


def test_runs_lists_finished_corrupt_and_unfinished_runs(zoo, trained):
    told = json.loads((trained.parent / "train.json").read_text("utf-8"))
    kept = {name: shutil.copytree(trained, Path("runs") / name) for name in ("a", "b", "c", "d")}
    (kept["b"] / "metrics.jsonl").write_text("changed")
    (kept["c"] / "manifest.json").write_text("{")
    (kept["d"] / "manifest.json").unlink()
    Path("runs/empty").mkdir()
    Path(shutil.copytree("runs/empty", "runs/notes")).joinpath("mine.txt").write_text("no run")
    rows = {Path(row["run"]).name: row for row in zoo("runs", "--json", "--sort", "name").json}
    assert list(rows) == ["a", "b", "c", "d", "empty"]  # without the folder of notes
    found = {key: rows["a"][key] for key in ("run", "state", "recipe", "epochs", "metrics")}
    told = {key: told[key] for key in ("recipe", "epochs", "metrics")}
    assert found == {"run": str(Path("runs/a")), "state": "finished", **told}
    assert rows["b"]["state"].startswith(f"corrupt: {Path('runs/b/metrics.jsonl')}: the file was changed")
    assert rows["c"]["state"].startswith("corrupt: ")
    assert rows["d"]["state"] == rows["empty"]["state"] == "unfinished"
    assert [row["state"] for row in table(zoo("runs", "--sort", "name").out, "\t")] == [
        row["state"] for row in rows.values()
    ]
    assert zoo("predict", "runs/b", "good").code == zoo("predict", "runs/d", "good").code == 4


def test_runs_rejects_a_missing_folder(zoo, refused):
    assert zoo("runs", "--json").json == []
    refused(zoo("runs", "nowhere"), 3, "nowhere: folder not found")
