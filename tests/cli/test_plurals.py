"""Printed counts of one are in the singular: 1 row, 2 rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ONE_OF_MANY = re.compile(r"(?<![\d.,-])1( [a-z]+)? [a-z]{2,}s\b.*")
ONCE = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0", "--set", "model.hidden=[8]")
TRAIN = ("train", "yelp-mlp", "--data", "once.csv", *ONCE, "--run", "mine")
CALLS = [  # arguments, exit code, what the output must hold
    (TRAIN, 0, ("1 epoch, best epoch 1", "1 row dropped", "1 of 1 text in val also in an earlier split")),
    (("evaluate", "mine", "--data", "once.csv", "--on", "val"), 0, ("rows\t1\t\n", "no rows of class negative")),
    (
        ("swap", "yelp-mlp", "model.activation=relu,tanh", "--seeds", "1", "--data", "reviews.csv", *ONCE),
        0,
        ("(1 epoch, ",),
    ),
    (("compare", "mine", "mine", "--data", "once.csv", "--on", "test"), 0, ("1 row, ",)),
    (("plot", "run", "mine", "--data", "once.csv", "--on", "test", "--only", "confusion"), 0, (": 1 row of test",)),
    (("data", "sample", "-o", "sample.csv", "--rows", "1"), 0, ("1 synthetic row written",)),
    (
        ("data", "split", "once.csv", "--group", "review", "-o", "parts.csv", "--folds", "2"),
        0,
        ("once.csv: 43 rows: ",),
    ),
    (("data", "check", "once.csv", "--strict"), 3, ()),
]


@pytest.fixture
def once(zoo, reviews):
    """A file with one row in val, one in test and one without a label, and a run that was trained on it."""
    lines = reviews.read_text("utf-8").splitlines()
    train = [f"{line},train" for line in lines[1:41]]
    rows = [",good soup,train", f"{lines[1]},val", f"{lines[2]},test"]
    Path("once.csv").write_text("\n".join(["rating,review,split", *train, *rows, ""]), encoding="utf-8")


@pytest.mark.parametrize(("call", "code", "expected"), CALLS, ids=[" ".join(call[:2]) for call, _, _ in CALLS])
def test_a_count_of_one_is_singular(zoo, once, call, code, expected):
    if "mine" in call and call != TRAIN:
        assert zoo(*TRAIN).code == 0
    answer = zoo(*call)
    output = answer.out + answer.err
    assert answer.code == code, output
    assert [text for text in expected if text not in output] == [], output
    assert not (plural := ONE_OF_MANY.search(output)), plural[0]
