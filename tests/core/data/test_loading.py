"""Data loading in chunks: the same tokens and examples whatever the size of the chunks."""

from __future__ import annotations

import gzip
import io
import json
import sys

import pytest
from attrs import frozen

from zoo_core.data.files.reading import TableStream, read_table
from zoo_core.data.loading import load_data, reads_rowwise
from zoo_core.errors import DataError
from zoo_core.timing import Stopwatch
from zoo_core.training.pipeline import prepare, train
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


def load(recipe, data, **options):
    """All that loading gives, in a form that can be compared."""
    loaded = load_data(recipe, recipe.plan(), data, Stopwatch(), **options)
    examples = loaded.examples
    assert not len(examples.texts)  # freed after tokenization
    splits = None if examples.splits is None else examples.splits.to_list()
    tokens = [loaded.tokens.row(row) for row in range(len(loaded.tokens))]
    words = loaded.tokens.words.to_list()
    return tokens, words, examples.labels.to_list(), splits, examples.dropped, loaded.hashes.tolist(), loaded.summary


def test_a_task_with_its_own_read_renews_the_promise_to_read_rows_independently():
    def read(self, table):
        return TextClassification.read(self, table)

    def reads_rows_independently(self):
        return True

    def task(name, **members):
        return frozen(type(name, (TextClassification,), members))()

    assert reads_rowwise(TextClassification()) and reads_rowwise(task("Same"))
    assert not reads_rowwise(task("Own", read=read))
    assert reads_rowwise(task("Promised", read=read, reads_rows_independently=reads_rows_independently))
    assert not reads_rowwise(task("Withdrawn", reads_rows_independently=lambda self: False))


@pytest.mark.parametrize("make_data", [packed, wide, several, quoted, records], ids=lambda make: make.__name__)
@pytest.mark.parametrize("chunk_bytes", SIZES)
def test_the_chunks_do_not_matter(reviews, small, tmp_path, make_data, chunk_bytes):
    data, recipe = make_data(tmp_path, reviews), small()
    whole = load(recipe, data)
    table, task = read_table(data, recipe.zoo.registry), recipe.plan().task
    assert whole[-1]["sha256"] == table.sha256
    texts = task.normalize(task.read(table).texts)
    assert whole[0] == [[word for word in text.split(" ") if word] for text in texts]
    assert len(texts) == 120 - sum(whole[4].values()) > 100
    assert load(recipe, data, chunk_bytes=chunk_bytes) == whole


@pytest.mark.parametrize("task", ["task.subset=0.5", "task.subset=1"])
def test_a_task_that_needs_all_rows_gets_them(reviews, small, task):
    whole = load(small(task), reviews)
    assert load(small(task), reviews, chunk_bytes=100) == whole
    assert len(whole[0]) == (60 if "0.5" in task else 120)


@pytest.mark.parametrize("chunk_bytes", [100, 1 << 22])
def test_standard_input(reviews, small, monkeypatch, chunk_bytes):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(reviews.read_bytes()), encoding="utf-8"))
    *found, summary = load(small(), "-", chunk_bytes=chunk_bytes)
    *expected, of_file = load(small(), reviews)
    assert found == expected
    assert summary == {**of_file, "source": "stdin", "files": [], "origin": "stdin"}


def test_a_run_counts_texts_in_two_splits(reviews, small, tmp_path):
    rows = rewritten(reviews).splitlines()[1:]
    parts = [
        f"{row},{part}" for part in ("train", "val", "test") for row in (rows[:10] if part == "val" else rows[:30])
    ]
    (tmp_path / "r.csv").write_text("\n".join(["rating,review,split", *parts]))
    assert prepare(small(), tmp_path / "r.csv").report["leaked"] == {"val": 10, "test": 30}


def test_the_report_counts_every_row(reviews, small, tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(reviews.read_bytes() + b",no label\n ,none either\n")
    report = prepare(small(), path).report
    assert (report["read"], report["dropped"]) == (122, {"no label": 2})
    assert sum(report["rows"].values()) == 120


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [*lines, "positive,one,more"], "r.csv:122: a row of 3 fields, expected 2"),
        (lambda lines: [*lines, "positive,\0"], "r.csv:122: a NUL byte"),
        (lambda lines: [f"{line},{'test' if at < 99 else 'tset'}" for at, line in enumerate(lines)], "r.csv:101: "),
        (lambda lines: [line[8:] for line in lines], r"all rows were dropped \(no label: 120\)"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [64, 1 << 22])
def test_an_error_in_a_later_chunk_has_its_line(reviews, small, tmp_path, change, message, chunk_bytes):
    text = rewritten(reviews, change)
    (tmp_path / "r.csv").write_text(text.replace("rating,review", "rating,review,split") if "tset" in text else text)
    with pytest.raises(DataError, match=message):
        load(small(), tmp_path / "r.csv", chunk_bytes=chunk_bytes)


def test_a_failed_training_leaves_no_run(reviews, small, tmp_path):
    (tmp_path / "r.csv").write_text(rewritten(reviews, lambda lines: [*lines, "positive,one,more"]))
    with pytest.raises(DataError, match=r"r.csv:122: "):
        train(small(), tmp_path / "r.csv", run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_rejects_files_with_different_columns(reviews, small, tmp_path):
    (tmp_path / "b.csv").write_text("rating,text\npositive,good\n")
    with pytest.raises(
        DataError, match=r"b.csv: the columns differ from .*: got rating, text, expected rating, review"
    ):
        load(small(), [reviews, tmp_path / "b.csv"])


def test_a_table_has_no_more_rows_than_a_chunk(reviews, small, tmp_path):
    (tmp_path / "r.csv").write_text(rewritten(reviews, lambda lines: lines * 100))
    recipe = small()
    stream = TableStream(tmp_path / "r.csv", recipe.zoo.registry, chunk_bytes=2000)
    heights = [table.frame.height for table in stream]
    assert (sum(heights), max(heights) < 120) == (12000, True)
    tokens, *_, hashes, summary = load(recipe, tmp_path / "r.csv", chunk_bytes=2000)
    assert (len(tokens), len(hashes), summary["read"]) == (12000, 12000, 12000)
    assert len(set(hashes)) == len(set(rewritten(reviews).splitlines()[1:]))
