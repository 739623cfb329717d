"""The search for wrong labels in Python."""

from __future__ import annotations

import random

import pytest

from zoo_core import DataError, ZooError, find_suspects, load_recipe
from zoo_core.errors import RecipeError

GOOD, BAD = ["good", "warm", "kind", "tasty"], ["bad", "cold", "rude", "stale"]


def reviews(rows=120, seed=1):
    """Reviews that a linear model learns at once: texts and labels."""
    draw = random.Random(seed)
    texts, labels = [], []
    for row in range(rows):
        words = (GOOD, BAD)[row % 2]
        texts.append(
            " ".join(draw.choices(words, k=3) + draw.choices(["food", "place", "staff", "the"], k=4)) + f" {row}"
        )
        labels.append(("yes", "no")[row % 2])
    return texts, labels


def search(texts, labels, *overrides, **options):
    recipe = load_recipe("text-fast").override("training.epochs=2", "vectorizer.min_df=1", *overrides)
    return find_suspects(recipe, (texts, labels), folds=3, **options)


def test_doubts_name_rare_classes_and_models_that_learned_nothing():
    texts, labels = reviews()
    assert search(texts, labels).doubts() == []
    rare = search([*texts, "odd one", "odd two", "odd three"], [*labels, *['a "b"'] * 3]).doubts()
    assert rare == [r'classes with fewer than 10 rows are hardly learned, and right labels look wrong: "a \"b\"" (3)']
    noise = search([f"w{row}" for row in range(40)], ["yes"] * 25 + ["no"] * 15).doubts()
    assert len(noise) == 1 and 'always answering "yes" with 62.5%: they have learned too little' in noise[0]


def test_wrong_labels_are_found_first():
    texts, labels = reviews()
    wrong = [10, 33, 71, 96]
    for row in wrong:
        labels[row] = {"yes": "no", "no": "yes"}[labels[row]]
    found = search(texts, labels, rows=4)
    assert found.judged == 120
    assert {one.row - 1 for one in found.rows} == set(wrong)
    assert found.count == sum(found.pairs.values())
    first = found.rows[0]
    assert first.text == texts[first.row - 1]
    assert first.label == labels[first.row - 1] != first.likelier
    assert first.p + first.p_label == pytest.approx(1)
    assert [one.p_label for one in found.rows] == sorted(one.p_label for one in found.rows)
    assert found.frame().columns == ["row", "label", "likelier", "p", "p_label", "text", "similar"]


def test_as_many_rows_as_likely_wrong_labels_are_listed():
    texts, labels = reviews()
    labels[::6] = ["no"] * 20
    found = search(texts, labels)
    assert len(found.rows) == found.count > 1
    assert sum(found.pairs.values()) == found.count


def test_copies_with_other_labels_are_shown_first():
    texts, labels = reviews()
    texts += [texts[0]] * 3
    labels += ["yes", "no", "yes"]
    (one,) = search(texts, labels, rows=1).rows
    assert one.row == 122
    assert [(other.row, other.label, other.similarity) for other in one.neighbors] == [
        (row, "yes", 1.0) for row in (1, 121, 123)
    ]


def test_rows_that_cannot_be_judged_are_counted():
    texts, labels = reviews(60)
    found = search([*texts, "1 2", "lonely words here"], [*labels, "yes", "rare"], "task.normalization=book")
    assert found.judged == 60
    assert found.unjudged == {"no words after normalization": 1, "the only text of its class": 1}


@pytest.mark.parametrize("classes", [3, 20])
def test_many_small_classes(classes):
    draw = random.Random(0)
    rows = [(f"{label} word{label} {draw.random()}", f"c{label}") for label in range(classes) for _ in range(2)]
    found = search([text for text, _ in rows], [label for _, label in rows])
    assert found.judged == 2 * classes


def test_numbers_have_no_similar_texts():
    draw = random.Random(0)
    rows = [{"x": str(draw.gauss(5 * (row % 2), 1)), "y": "1", "label": "ab"[row % 2]} for row in range(60)]
    rows[0]["label"] = "b"
    recipe = load_recipe("yelp-perceptron").override(
        "task=columns", "vectorizer=dense-columns", "optimizer.lr=0.2", "training.epochs=10"
    )
    (one,) = find_suspects(recipe, rows, folds=3, rows=1).rows
    assert (one.row, one.neighbors) == (1, ())


@pytest.mark.parametrize(
    ("overrides", "labels", "options", "message"),
    [
        (("loss=mse",), None, {}, "gives no probabilities"),
        ((), ["one"] * 120, {}, 'nothing to compare: only one class: "one"'),
        ((), None, {"rows": -1}, "invalid number of rows"),
    ],
)
def test_what_cannot_be_judged_is_refused(overrides, labels, options, message):
    texts, given = reviews()
    with pytest.raises(ZooError, match=message):
        search(texts, labels or given, *overrides, **options)


def test_soft_targets_are_refused():
    rows = [{"text": f"word {row}", "a": 0.5, "b": 0.5} for row in range(40)]
    recipe = load_recipe("text-fast").override('task.probabilities=["a", "b"]')
    with pytest.raises(DataError, match="the labels are probabilities"):
        find_suspects(recipe, rows)


def test_progress_writes_a_line_for_each_fold(capsys):
    search(*reviews(60), progress=True)
    assert capsys.readouterr().err.splitlines() == ["fold 1/3", "fold 2/3", "fold 3/3"]


def test_no_texts_with_words_are_an_error():
    with pytest.raises(DataError, match="no rows with words"):
        search(["1", "2", "3"], ["a", "b", "a"], "task.normalization=book")


def test_invalid_number_of_folds():
    with pytest.raises(RecipeError, match="invalid number of folds: got 1"):
        find_suspects("text-fast", reviews(), folds=1)
