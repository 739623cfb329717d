"""`zoo compare`: the paired comparison of two trained runs."""

from __future__ import annotations

import pytest

QUICK = ("--set", "vectorizer.cutoff=0", "--set", "optimizer.lr=0.05")


@pytest.fixture
def two(zoo, reviews):
    """A run that has learned, and one that has learned little, from the same file."""
    assert (
        zoo("train", "yelp-perceptron", "--data", reviews, *QUICK, "--run", "poor", "--set", "training.epochs=1").code
        == 0
    )
    assert zoo("train", "yelp-mlp", "--data", reviews, *QUICK, "--run", "good", "--set", "training.epochs=8").code == 0
    return "poor", "good"


def test_compares_two_runs_on_their_test_rows(zoo, two):
    answer = zoo("compare", *two)
    assert answer.code == 0, answer.err
    assert [line.split("\t")[0] for line in answer.out.splitlines()] == ["run", "poor", "good"]
    assert "12 rows, mcnemar: p " in answer.err


def test_json_difference_equals_evaluate(zoo, two, reviews):
    result = zoo("compare", *two, "--data", reviews, "--json").json
    figures = [zoo("evaluate", run, "--data", reviews, "--json").json["accuracy"] for run in two]
    assert result["rows"] == 80 and [run["mean"] for run in result["runs"]] == pytest.approx(figures)
    assert result["difference"] == pytest.approx(figures[1] - figures[0])
    assert result["low"] <= result["difference"] <= result["high"]
    assert result["sentence"].startswith("the model with good beats the model with poor by ") == (
        result["verdict"] == "better"
    )
    other = zoo("compare", *two, "--data", reviews, "--metric", "loss", "--json").json
    assert (other["test"], other["metric"]) == ("paired bootstrap", "loss")


def test_every_run_is_compared_with_the_first(zoo, two, reviews):
    answer = zoo("compare", "poor", "good", "poor", "--data", reviews, "--json")
    result = answer.json
    assert [run["run"] for run in result["runs"]] == ["poor", "good", "poor"] and "p" not in result
    assert [(one["run"], one["baseline"]) for one in result["comparisons"]] == [("good", "poor"), ("poor", "poor")]
    alone = zoo("compare", "poor", "good", "--data", reviews, "--json").json["comparisons"][0]
    assert result["comparisons"][0]["p_holm"] == pytest.approx(min(2 * alone["p"], 1))
    assert alone["p_holm"] == alone["p"] and result["comparisons"][1]["verdict"] == "not shown"
    shown = zoo("compare", "poor", "good", "poor", "--data", reviews)
    assert len(shown.out.splitlines()) == 4 and "corrected for 2 comparisons" in shown.err
    assert shown.out.splitlines()[0].split("\t") == ["run", "accuracy", "95% CI", "diff", "95% CI", "p"]


def test_one_run_is_not_compared(zoo, refused):
    refused(zoo("compare", "good"), 2, "at least two runs")


def test_run_is_not_better_than_itself(zoo, two):
    result = zoo("compare", "good", "good", "--json").json
    assert (result["difference"], result["p"], result["verdict"]) == (0, 1, "not shown")
    assert "both got the same rows right" in result["sentence"]


def test_rejects_incomparable_runs(zoo, two, reviews):
    assert zoo("train", "yelp-mlp", "--data", reviews, *QUICK, "--run", "other", "--set", "split.seed=7").code == 0
    answer = zoo("compare", "good", "other")
    assert answer.code == 2 and "split their data differently" in answer.err
    assert zoo("compare", "good", "other", "--data", reviews).code == 0
    reviews.write_text(reviews.read_text().replace("positive", "liked"))
    assert zoo("train", "yelp-mlp", "--data", reviews, *QUICK, "--run", "named").code == 0
    answer = zoo("compare", "good", "named")
    assert answer.code == 2 and "trained on different data" in answer.err
    answer = zoo("compare", "good", "named", "--data", reviews)
    assert answer.code == 2 and "different class sets" in answer.err
    assert zoo("compare", "good", "nowhere").code == 4
    assert zoo("compare", "good", "other", "--metric", "nothing", "--data", reviews).code == 2
