"""A training reads some rows at a time, and is the same run whatever the pieces."""

from __future__ import annotations

import gzip
import io
import json
import sys

import pytest
from attrs import frozen

from zoo_core.data.files import chunks
from zoo_core.data.files.reading import TableStream, read_table
from zoo_core.data.loading import load_data, reads_rowwise
from zoo_core.errors import DataError
from zoo_core.timing import Stopwatch
from zoo_core.training.pipeline import train
from zoo_textbook.tasks.text_classification import TextClassification

SIZES = (64, 700)


def rewritten(reviews, change=lambda lines: lines):
    head, *lines = reviews.read_text().splitlines()
    return "\n".join([head, *change(lines)]) + "\n"


def packed(folder, reviews):
    (folder / "r.csv.gz").write_bytes(gzip.compress(rewritten(reviews).encode()))
    return folder / "r.csv.gz"


def wide(folder, reviews):
    (folder / "r.csv").write_bytes(rewritten(reviews).encode("utf-16"))
    return folder / "r.csv"


def several(folder, reviews):
    (folder / "a.csv").write_text(rewritten(reviews, lambda lines: lines[:50]))
    swapped = (",".join([*line.split(",")[::-1]]) for line in rewritten(reviews).splitlines()[51:])
    (folder / "b.csv").write_text("\n".join(["review,rating", *swapped]) + "\n")
    return [folder / "a.csv", folder / "b.csv"]


def quoted(folder, reviews):
    """With line breaks in texts, blank lines, rows without a label, and splits."""
    rows = []
    for at, line in enumerate(rewritten(reviews).splitlines()[1:]):
        label, text = line.split(",")
        part = ("train", "train", "dev", "test")[at // 2 % 4]
        rows += [f'{"" if at in (5, 77) else label},"{text}\n""so, {text}""",{part}', *[""] * (at % 9 == 0)]
    (folder / "q.csv").write_text("\r\n".join(["rating,review,split", *rows]))
    return folder / "q.csv"


def records(folder, reviews):
    lines = (line.split(",") for line in rewritten(reviews).splitlines()[1:])
    (folder / "r.jsonl").write_text("".join(json.dumps({"review": b, "rating": a}) + "\n" for a, b in lines))
    return folder / "r.jsonl"


def told(run):
    left = {"run", "seconds"}
    summary = {key: value for key, value in run.summary.items() if key not in left}
    return summary, (run.folder / "model.safetensors").read_bytes(), (run.folder / "encoder.json").read_bytes()


def test_a_task_that_reads_in_a_way_of_its_own_must_promise_anew():
    def read(self, table):
        return TextClassification.read(self, table)

    def reads_rows_independently(self):
        return True

    def made(name, **members):
        return frozen(type(name, (TextClassification,), members))()

    assert reads_rowwise(TextClassification()) and reads_rowwise(made("Same"))
    assert not reads_rowwise(made("Own", read=read))
    assert reads_rowwise(made("Promised", read=read, reads_rows_independently=reads_rows_independently))
    assert not reads_rowwise(made("Withdrawn", reads_rows_independently=lambda self: False))


@pytest.mark.parametrize("how", [packed, wide, several, quoted, records], ids=lambda how: how.__name__)
def test_a_run_does_not_depend_on_the_pieces(reviews, small, tmp_path, monkeypatch, how):
    data = how(tmp_path, reviews)
    whole = train(small(), data, run=tmp_path / "whole")
    assert whole.summary["data"]["sha256"] == read_table(data, small().zoo.registry).sha256
    for size in SIZES:
        monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
        assert told(train(small(), data, run=tmp_path / f"run{size}")) == told(whole)


@pytest.mark.parametrize("task", ["task.subset=0.5", "task.subset=1"])
def test_a_task_that_looks_at_all_rows_gets_them_all(reviews, small, tmp_path, monkeypatch, task):
    whole = train(small(task), reviews, run=tmp_path / "whole")
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 100)
    assert told(train(small(task), reviews, run=tmp_path / "run")) == told(whole)
    assert sum(whole.summary["rows"].values()) == (60 if "0.5" in task else 120)


def test_standard_input(reviews, small, tmp_path, monkeypatch):
    found = []
    for size in (100, 1 << 22):
        monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(reviews.read_bytes()), encoding="utf-8"))
        found.append(told(train(small(), "-", run=tmp_path / f"run{size}")))
    assert found[0] == found[1]
    assert found[0][0]["data"]["origin"] == "stdin"


def test_texts_in_two_splits_are_counted_across_pieces(reviews, small, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 64)
    rows = rewritten(reviews).splitlines()[1:]
    parts = [
        f"{row},{part}" for part in ("train", "val", "test") for row in (rows[:10] if part == "val" else rows[:30])
    ]
    (tmp_path / "r.csv").write_text("\n".join(["rating,review,split", *parts]))
    assert train(small(), tmp_path / "r.csv", run=tmp_path / "run").summary["data"]["leaked"] == {"val": 10, "test": 30}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [*lines, "positive,one,more"], "r.csv:122: a row of 3 fields, expected 2"),
        (lambda lines: [*lines, "positive,\0"], "r.csv:122: a NUL byte"),
        (lambda lines: [f"{line},{'test' if at < 99 else 'tset'}" for at, line in enumerate(lines)], "r.csv:101: "),
        (lambda lines: [line[8:] for line in lines], r"all rows were dropped \(no label: 120\)"),
    ],
)
@pytest.mark.parametrize("size", [64, 1 << 22])
def test_what_is_wrong_far_down_is_told_with_its_line(reviews, small, tmp_path, monkeypatch, change, said, size):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
    text = rewritten(reviews, change)
    (tmp_path / "r.csv").write_text(text.replace("rating,review", "rating,review,split") if "tset" in text else text)
    with pytest.raises(DataError, match=said):
        train(small(), tmp_path / "r.csv", run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_files_that_differ_in_their_columns_are_refused(reviews, small, tmp_path):
    (tmp_path / "b.csv").write_text("rating,text\npositive,good\n")
    with pytest.raises(DataError, match=r"b.csv: the columns differ from .*: got rating, text, expected rating, review"):
        train(small(), [reviews, tmp_path / "b.csv"], run=tmp_path / "run")


def test_texts_are_gone_once_they_are_cut(reviews, small, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 2000)
    (tmp_path / "r.csv").write_text(rewritten(reviews, lambda lines: lines * 100))
    recipe = small()
    heights = [table.frame.height for table in TableStream(tmp_path / "r.csv", recipe.zoo.registry)]
    assert (sum(heights), max(heights) < 120) == (12000, True)
    found = load_data(recipe, recipe.plan(), tmp_path / "r.csv", "", Stopwatch())
    assert (len(found.tokens), len(found.hashes), found.summary["read"]) == (12000, 12000, 12000)
    assert len(set(found.hashes.tolist())) == len(set(rewritten(reviews).splitlines()[1:]))
    assert not len(found.examples.texts)
