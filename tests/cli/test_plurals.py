"""What is counted is said as people say it: one row, two rows."""

from __future__ import annotations

import re
from pathlib import Path

WRONG = re.compile(r"(?<![\d.,-])1( [a-z]+)? [a-z]{2,}s\b.*")
ONCE = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0", "--set", "model.hidden=[8]")


def test_a_count_of_one_is_singular(zoo, reviews):
    lines = reviews.read_text().splitlines()
    train = [f"{line},train" for line in lines[1:41]]
    once = [",good soup,train", f"{lines[1]},val", f"{lines[2]},test"]  # one without a label, one in val, one in test
    Path("once.csv").write_text("\n".join(["rating,review,split", *train, *once, ""]), encoding="utf-8")
    said = {}
    for call in (
        ("train", "yelp-mlp", "--data", "once.csv", *ONCE, "--run", "mine"),
        ("evaluate", "mine", "--find-threshold", "accuracy", "--data", "once.csv"),
        ("swap", "yelp-mlp", "model.activation=relu,tanh", "--seeds", "1", "--data", reviews, *ONCE),
        ("compare", "mine", "mine", "--data", "once.csv", "--split", "test"),
        ("plot", "run", "mine", "--data", "once.csv", "--split", "test", "--only", "confusion"),
        ("data", "sample", "-o", "sample.csv", "--rows", "1"),
        ("data", "split", "once.csv", "--group", "review", "-o", "parts.csv", "--folds", "2"),
        ("data", "check", "once.csv", "--strict"),
    ):
        answer = zoo(*call)
        told = said[call[0], call[1]] = answer.out + answer.err
        assert not (found := WRONG.search(told)), (call, found[0])
    assert "1 epoch, best epoch 1" in said["train", "yelp-mlp"] and "1 row dropped" in said["train", "yelp-mlp"]
    assert "1 of 1 text in val also in an earlier split" in said["train", "yelp-mlp"]
    assert "(1 epoch, " in said["swap", "yelp-mlp"]
