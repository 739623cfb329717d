"""Unusual but valid data is used unchanged; data that cannot be trained on is rejected at once."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import cpu_ratio, limit

ODD = (
    "two words",
    "🍜🍣",
    "\u05d8\u05d5\u05d1",
    "\u0645\u0645\u062a\u0627\u0632",
    "=1+1",
    "-3",
    "00",
    "NA",
    "null",
    "ß",
    "e\u0301",
)


def written(name, rows):
    with Path(name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return name


def test_unusual_labels_are_unchanged(zoo):
    data = written("odd.csv", [(f"{chr(97 + n) * 4} soup{k}", label) for n, label in enumerate(ODD) for k in range(12)])
    done = zoo("train", "text-mlp", "--data", data, "--set", "training.epochs=60", "--run", "run", "--json")
    assert (done.code, done.json["classes"]) == (0, sorted(ODD))
    result = zoo("predict", "run", *(f"{chr(97 + n) * 4} soup" for n in range(len(ODD))))
    assert [row["label"] for row in csv.DictReader(io.StringIO(result.out))] == list(ODD)


def test_quotes_in_labels_are_escaped_in_messages(zoo):
    label = 'a "b" \\c'
    data = written(
        "odd.csv", [(f"{word}{k % 4} {word}", word) for word in (label, "ham") for k in range(40 - len(word))]
    )
    written("other.csv", [("x", label[:-1])])
    written("near.csv", [(f"x{k}", one) for one in (label, "N/A") for k in range(19 * (one == label) + 1)])
    answers = [
        zoo("data", "check", data),
        zoo("data", "check", "near.csv"),
        zoo("train", "text-mlp", "--data", data, "--set", "training.epochs=2", "--run", "run"),
        zoo("train", "text-mlp", "--data", "near.csv"),
        zoo("evaluate", "run", "--coverage", "0.9", "--by-class"),
        zoo("evaluate", "run", "--data", "other.csv"),
        zoo("evaluate", "run", "--set-threshold", "{ x = 1 }"),
        zoo("evaluate", "run", "--cost", "{ x = { ham = 1 } }"),
        zoo("explain", "run", "--class", label[:-1]),
    ]
    shown = [line for answer in answers for line in (answer.out + answer.err).splitlines() if 'a "b' in line]
    assert not [line for line in shown if f'"{label}' in line or f'"{label[:-1]}"' in line], shown
    assert sum(r'"a \"b\" \\c"' in answer.err for answer in answers) >= 2, shown


def test_columns_called_as_patterns_of_names(zoo, refused):
    """polars reads `*` as all columns, and `^…$` as those that match."""
    rows = [(f"{word}{k}", word, k, word) for k in range(20) for word in ("good", "bad")]
    for name in ("star.csv", "pattern.csv"):
        with Path(name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "*" if name == "star.csv" else "^t.*$", "price", "label"), *rows])
    sets = ("--set", "training.steps=0", "--set", "training.epochs=1", "--set", 'task.categories=["*"]')
    done = zoo("train", "table-fast", "--data", "star.csv", *sets, "--run", "run")
    assert done.code == 0, done.err
    assert zoo("predict", "run", "--data", "star.csv", "-o", "p.csv").code == 0
    assert Path("p.csv").read_text("utf-8").splitlines()[1].startswith("good0,good,0,")
    Path("new.csv").write_text("text,*,price\ngood,good,1\nbad,bad,2\n", "utf-8")
    assert zoo("data", "next", "run", "new.csv", "-o", "n.csv").code == 0
    assert zoo("data", "check", "star.csv").code == 0
    shutil.rmtree("run")
    message = 'pattern.csv:1: unsupported name of a column: "^t.*$" is a pattern (hint: rename the column)'
    refused(zoo("train", "table-fast", "--data", "pattern.csv"), 3, message)
    refused(zoo("data", "check", "pattern.csv"), 3, message)


def test_formulas_are_unchanged_by_default(zoo):
    cells = ("=cmd|' /C calc'!A0", "+1 good", "-1 bad", "@SUM(A1)")
    data = written("cells.csv", [(f"{cell} {k}", cell[0]) for cell in cells for k in range(20)])
    done = zoo("train", "text-mlp", "--data", data, "--set", "training.epochs=2", "--run", "run", "--json")
    assert (done.code, done.json["classes"]) == (0, sorted("=+-@"))


@pytest.mark.parametrize(("labels", "each"), [(100_000, 1), (60_000, 2)])
@pytest.mark.slow
def test_a_million_classes_suggest_a_wrong_column(zoo, refused, labels, each):
    def train(name):
        data = written("many.csv", [(f"soup {n % 50}", name(n)) for n in range(labels) for _ in range(each)])
        return zoo("train", "text-mlp", "--data", data)

    refused(train(lambda n: f"l{n}"), 3, "many.csv: ", "the column of labels")
    assert cpu_ratio(lambda: train(lambda n: f"l{n}"), lambda: train(lambda n: "one")) < 30  # thousands if quadratic


def test_one_row_per_class(zoo, refused):
    data = written("one.csv", [(f"soup {n}", f"l{n}") for n in range(9)])
    refused(zoo("train", "text-mlp", "--data", data), 3, "9 different labels in 9 rows")


@pytest.mark.slow
def test_line_of_a_hundred_megabytes_has_bounded_memory(tmp_path):
    """It is read as a text or rejected with its line, in bounded memory."""
    with Path("long.csv").open("wb") as file:
        file.write(b"text,label\n")
        for _ in range(100):
            file.write(b"soup " * 200_000)
        file.write(b",x\n")
    resource = pytest.importorskip("resource", reason="limits of POSIX")
    call = [sys.executable, "-m", "zoo_cli", "train", "text-mlp", "--data", "long.csv", "--run", "run"]
    bound = 6 * 2**30
    found = subprocess.run(
        call,
        capture_output=True,
        timeout=limit(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (bound, bound)),
    )
    assert (found.returncode, found.stdout) == (3, b"")
    assert found.stderr.startswith(b"zoo: error: long.csv")
    assert found.stderr.count(b"\n") == 1
    assert not Path("run").exists()


def test_unwritable_output_leaves_the_old_file(zoo, refused, trained):
    Path("old.csv").write_text("mine\n", encoding="utf-8")
    Path("texts.txt").write_text("good food\n" * 200_000, encoding="utf-8")
    call = [sys.executable, "-m", "zoo_cli", "predict", str(trained), "--data", "texts.txt", "-o", "old.csv", "--force"]
    resource = pytest.importorskip("resource", reason="limits of POSIX")
    full = subprocess.run(  # a disk with a free space of one megabyte
        call,
        capture_output=True,
        timeout=limit(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2**20,) * 2),
    )
    assert (full.returncode, full.stdout) == (7, b"")
    assert full.stderr.startswith(b"zoo: error: cannot write old.csv")
    assert Path("old.csv").read_text(encoding="utf-8") == "mine\n"
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith(".")) == []


@pytest.mark.slow
def test_data_is_utf8_in_other_locales(trained, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    data = written("dishes.csv", [(f"{word} {k}", word) for word in ODD[1:4] for k in range(20)])
    call = [sys.executable, "-m", "zoo_cli", "train", "text-mlp", "--data", data, "--run", "run", "--json"]
    found = subprocess.run([*call, "--set", "training.epochs=1"], capture_output=True, timeout=limit())
    assert (found.returncode, found.stderr) == (0, b"")
    asked = subprocess.run(
        [*call[:3], "predict", "run", ODD[3], "--columns=none"], capture_output=True, timeout=limit()
    )
    assert (asked.returncode, asked.stderr) == (0, b"")
    assert asked.stdout.decode("utf-8").startswith("label,p_" + sorted(ODD[1:4])[0])
