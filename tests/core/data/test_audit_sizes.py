"""What an audit says about numbers of rows, spaces and scripts, and what follows from it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from zoo_core.components.table import Table
from zoo_core.data.audit.commands import CheckedFiles
from zoo_core.data.audit.report import audit_table
from zoo_core.data.audit.size_checks import SHARES, count_split_rows, interval_half_width
from zoo_core.data.splits import SPLIT_NAMES, stratified_split
from zoo_core.data.task_detection import find_task_columns

FILES = CheckedFiles(["my file.csv"], "--text said", "text-fast")
SPACELESS = {
    "korean": "이영화는정말재미있어서두번이나봤습니다",
    "chinese": "今天天气很好我们一起去公园散步",
    "japanese": "この映画は本当に面白かったので二回見ました",
    "thai": "อาหารที่ร้านนี้อร่อยมากและพนักงานใจดี",
    "english": "thefoodwasgreatandthewaiterwasfriendly",
}
SPACED = {
    "korean": "이 영화는 정말 재미있어서 두 번이나 봤습니다",
    "english": "the food was great and the waiter was friendly",
    "german": "Die Geschwindigkeitsbegrenzung gilt für Kraftfahrzeuganhänger auf Bundesautobahnen",
    "finnish": "epäjärjestelmällisyydestäänkin huolimatta hän onnistui",
    "surname": "Hovhannisyan",
    "chinese name": "欧阳小明",
}


def audit(zoo, texts, labels, splits=None):
    columns = {"text": texts, "label": labels} | ({} if splits is None else {"split": splits})
    made = Table(pl.DataFrame(columns), "my file.csv")
    report = audit_table(made, find_task_columns(made, zoo), similarity=1, files=FILES)
    return {finding.check: finding for finding in report.findings}


def of_sizes(zoo, *sizes):
    labels = [f"class{at}" for at, size in enumerate(sizes) for _ in range(size)]
    return audit(zoo, [f"word{at} text{at % 7}" for at in range(len(labels))], labels)


@pytest.mark.parametrize("sizes", [(60, 40, 3), (2, 2), (3,) * 20, (60, 1), (7, 1, 2, 5, 100)])
def test_rows_of_classes_are_those_that_training_draws(sizes):
    labels = pl.Series([f"class{at:02}" for at, size in enumerate(sizes) for _ in range(size)])
    names, rows = count_split_rows(labels, None)
    drawn = stratified_split(labels, dict(zip(SPLIT_NAMES, SHARES, strict=True)), seed=1)
    expected = [[int((labels.gather(drawn[split]) == name).sum()) for split in SPLIT_NAMES] for name in names]
    assert rows.tolist() == expected


def test_rows_of_classes_are_those_of_the_file():
    labels, splits = pl.Series(["b", "a", "a", "", "b"]), pl.Series(["train", "test", "train", "val", "test"])
    names, rows = count_split_rows(labels, splits)
    assert (names, rows.tolist()) == (["a", "b"], [[1, 0, 1], [1, 0, 1]])


@pytest.mark.parametrize("classes", [2, 3, 20])
@pytest.mark.parametrize(("few", "said"), [(1, None), (2, "cannot be measured"), (5, "±45 points"), (10, "±41 points")])
def test_a_class_with_few_rows(zoo, classes, few, said):
    found = of_sizes(zoo, *[100] * (classes - 1), few)
    name = f"class{classes - 1}"
    assert ("one-row-class" in found) == (few == 1)
    if said is None:
        assert "rare-class" not in found
        return
    rare = found["rare-class"]
    assert rare.message.endswith(f"to train on: {name} ({few})") and rare.severity == "warning"
    assert said in rare.consequence and f'"{name}"' in rare.consequence
    assert ("task.min_rows=15" in rare.hint) == (classes > 2)  # one class would be left


def test_a_class_with_enough_rows(zoo):
    assert "rare-class" not in of_sizes(zoo, 100, 15)


def test_wide_interval_of_a_small_test_split(zoo):
    small = of_sizes(zoo, 50, 50)["small-test"]
    assert (small.message, small.count) == ("test will have 15 rows", 15)
    assert small.consequence.endswith("±19 points")
    assert small.hint.endswith("zoo swap text-fast --folds 5 --data 'my file.csv' --text said")
    assert "small-test" not in of_sizes(zoo, 900, 900)
    tested = audit(zoo, [f"text {at}" for at in range(8)], ["a", "b"] * 4, ["train"] * 6 + ["test"] * 2)
    assert tested["small-test"].message == "test has 2 rows"


@pytest.mark.parametrize("rows", [1, 2, 10, 100, 10_000])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.8, 1.0])
def test_half_width_holds_the_share(rows, share):
    """Both ends of Wilson's interval solve (share - p)² = z²·p·(1 - p) / rows."""
    z = 1.959963984540054
    a, b, c = 1 + z * z / rows, -(2 * share + z * z / rows), share * share
    low, high = sorted(np.roots([a, b, c]).real)
    assert interval_half_width(rows, share) == pytest.approx((high - low) / 2, abs=1e-6)


@pytest.mark.parametrize(
    ("sizes", "is_uneven"),
    [((90, 10), True), ((70, 30), False), ((60, 40, 5), True), ((40, 30, 30), False), ((15,) * 20, False)],
)
def test_uneven_classes(zoo, sizes, is_uneven):
    found = of_sizes(zoo, *sizes)
    assert ("uneven-classes" in found) == is_uneven
    if is_uneven:
        share = sizes[0] / sum(sizes)
        assert f"{share:.2f}" in found["uneven-classes"].consequence
        assert "training.class_weights=none,balanced" in found["uneven-classes"].hint


def test_many_classes(zoo):
    assert of_sizes(zoo, *[3] * 40)["many-classes"].message == "40 classes have 3.0 rows each on average"
    assert "many-classes" not in of_sizes(zoo, *[30] * 40)


@pytest.mark.parametrize("language", SPACELESS)
def test_texts_without_spaces(zoo, language):
    found = audit(zoo, [SPACELESS[language], "ok"] * 4, ["a", "b"] * 4)["no-spaces"]
    assert found.count == 4 and "tokenizer" in found.hint and "zoo train text-fast" in found.hint


@pytest.mark.parametrize("language", SPACED)
def test_texts_with_spaces(zoo, language):
    assert "no-spaces" not in audit(zoo, [SPACED[language]] * 8, ["a", "b"] * 4)


def test_several_scripts(zoo):
    texts = ["the food was good"] * 6 + ["음식이 정말 좋았어요"] * 3 + ["еда была хорошая"]
    found = audit(zoo, texts, ["a", "b"] * 5)["several-scripts"]
    assert found.message.endswith("Latin 60%, Hangul 30%, Cyrillic 10%") and found.count == 4
    assert "several-scripts" not in audit(zoo, ["naïve café “señor” 😀 ≤ 5 €"] * 4, ["a", "b"] * 2)
    assert "several-scripts" not in audit(zoo, ["123", "!!", "—", ""], ["a", "b"] * 2)


def test_long_texts(zoo):
    found = audit(zoo, ["word " * 5000, "short", "one two", "three"], ["a", "b"] * 2)["long-text"]
    assert (found.count, found.rows) == (1, [1])


def test_rows_of_equal_texts_that_must_be_mistakes(zoo):
    found = audit(zoo, ["same"] * 5 + ["other"] * 3, [*"aabba", *"abc"])["several-labels"]
    assert "at least 4 rows" in found.consequence  # two of five, two of three


def test_every_finding_says_what_follows(zoo):
    """Also without files: then no command can be typed, and none is."""
    labels = ["a"] * 40 + ["b"] * 2
    made = Table(pl.DataFrame({"text": [f"text {at}" for at in range(42)], "label": labels}), "stdin")
    findings = audit_table(made, find_task_columns(made, zoo)).findings
    assert {"rare-class", "small-test", "uneven-classes"} <= {finding.check for finding in findings}
    for finding in findings:
        assert finding.consequence and finding.hint and finding.advice == f"{finding.consequence}; {finding.hint}"
        assert "zoo " not in finding.hint and not finding.hint.endswith(": ")
