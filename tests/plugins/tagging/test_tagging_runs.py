"""Runs with several labels a text, from a file to a prediction, in the words of a user."""

import json
from pathlib import Path

import polars as pl
import pytest

import zoo_core
from zoo_core.components.missing_columns import MissingColumnsError
from zoo_core.errors import DataError, RecipeError
from zoo_core.runs.report import run_report
from zoo_tagging.tasks import TextTagging

ROWS = 200
FAST = ("training.steps=60", "training.batch_size=64")


def sample() -> pl.DataFrame:
    return TextTagging(separator="").sample_data(rows=ROWS, seed=5)  # labels are JSON arrays


def write(form: str, folder: Path, frame: pl.DataFrame) -> tuple[str, tuple[str, ...]]:
    """A file of these rows with labels in a form, and the settings that read it."""
    sets = [json.loads(cell) for cell in frame["label"]]
    topics = sorted({label for labels in sets for label in labels})
    path = folder / "questions"
    if form == "separator":
        frame.with_columns(label=pl.Series(["; ".join(labels) for labels in sets])).write_csv(path)
        return str(path), ()
    if form == "0 and 1":
        of_topics = [pl.Series(topic, [int(topic in labels) for labels in sets]) for topic in topics]
        frame.drop("label").with_columns(of_topics).write_csv(path)
        return str(path), (f"task.label={json.dumps(topics)}",)
    if form == "jsonl":
        frame.with_columns(label=pl.Series(sets)).write_ndjson(path)
        return str(path), ()
    lines = [
        " ".join([*(f"__label__{label}" for label in labels), text])
        for labels, text in zip(sets, frame["text"], strict=True)
    ]
    path.write_text("\n".join(lines))
    return str(path), ()


@pytest.mark.parametrize("form", ["separator", "0 and 1", "jsonl", "fasttext"])
def test_train_evaluate_and_predict(form: str, tmp_path: Path) -> None:
    data, settings = write(form, tmp_path, sample())
    recipe = zoo_core.load_recipe("tags-fast").override(*FAST, *settings)
    run = zoo_core.train(recipe, data=data, run=tmp_path / "run")
    run = zoo_core.open_run(tmp_path / "run")
    assert run.classes == ("delivery", "payment", "quality", "recipes", "returns")
    assert run.evaluate()["f1"] > 0.7
    assert run.evaluate(data)["f1"] > 0.8
    found = run.predict(["The handle broke. I want my money back."])
    assert found.labels == [["quality", "returns"]]


def test_the_page_of_a_run_has_metrics_by_class_in_place_of_the_matrix(tmp_path: Path) -> None:
    recipe = zoo_core.load_recipe("tags-fast").override(*FAST)
    run = zoo_core.train(recipe, data=write("separator", tmp_path, sample())[0], run=tmp_path / "run")
    report = run_report(run)
    assert list(report.panels) == ["curves", "classes", "reliability", "roc", "pr", "words"]
    assert not report.missing
    scores, targets = run.scores_and_targets()
    wrong = run.head.predict(scores) != targets.bool()
    assert [one.errors for one in report.panels["classes"]] == wrong.sum(0).tolist()
    titles = [axes.get_title(loc="left") for axes in run.plot("classes").axes]
    assert titles == ["Precision, recall and F1 by class"]
    with pytest.raises(RecipeError, match="confusion matrices need one label for each text"):
        run.plot("confusion")


def test_an_unknown_label_of_other_data_is_named_with_its_line(tmp_path: Path) -> None:
    data, _ = write("separator", tmp_path, sample())
    run = zoo_core.train(zoo_core.load_recipe("tags-fast").override(*FAST), data=data, run=tmp_path / "run")
    other = tmp_path / "other.csv"
    other.write_text("text,label\nwhere is it,delivery\npaid,payment;paymnt\n")
    with pytest.raises(DataError, match=r'other.csv:3: the label "paymnt" was not seen in training') as error:
        run.evaluate(str(other))
    assert "payment" in error.value.problems[0].hint


def test_a_label_that_only_the_test_split_has_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    frame = sample().with_columns(
        label=pl.when(pl.int_range(pl.len()) == (pl.col("split") == "test").arg_max())
        .then(pl.lit('["odd", "payment"]'))
        .otherwise("label")
    )
    data, _ = write("separator", tmp_path, frame)
    recipe = zoo_core.load_recipe("tags-fast").override(*FAST)
    with pytest.raises(DataError, match='the label "odd" was not seen in training') as error:
        zoo_core.train(recipe, data=data, run=tmp_path / "run")
    assert "drop such labels: set task.min_rows to 1" in error.value.problems[0].hint
    run = zoo_core.train(recipe.override("task.min_rows=1"), data=data, run=tmp_path / "run")
    assert "odd" not in run.classes
    assert run.summary["rows"]["test"] == (frame["split"] == "test").sum()  # the row stays
    assert run.summary["data"]["rare"]["rows"] == {"odd": 1}


def test_a_missing_column_of_a_label_is_guessed_beside_the_others(tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_text("text,toxic,insult\na,1,0\n")
    recipe = zoo_core.load_recipe("tags-fast").override('task.label=["toxi", "insult"]')
    with pytest.raises(MissingColumnsError, match='missing column "toxi"') as error:
        zoo_core.train(recipe, data=str(data), run=tmp_path / "run")
    assert error.value.missing.guesses == {"task.label": ["toxic", "insult"]}


def test_a_recipe_for_one_label_tells_of_sets_of_labels(tmp_path: Path) -> None:
    data, _ = write("separator", tmp_path, sample().filter(pl.col("label") != "[]"))
    recipe = zoo_core.load_recipe("text-fast").override("training.steps=2", "task.min_rows=3")
    run = zoo_core.train(recipe, data=data, run=tmp_path / "run")
    found = [finding for finding in run.summary["findings"] if finding["check"] == "sets-of-labels"]
    assert len(found) == 1
    assert "look like sets of 5 labels: delivery, payment, quality, recipes" in found[0]["message"]


@pytest.mark.parametrize("settings", [[], ["task.separator=|"]])
def test_labels_that_are_all_rare(settings: list[str], tmp_path: Path) -> None:
    data = tmp_path / "rare.csv"
    data.write_text("text,label\n" + "one,a|b\ntwo,b\nthree,\n" * 9)
    with pytest.raises(DataError, match=r'all labels have too few rows \("a": 9, "b": 18\).*lower task.min_rows'):
        recipe = zoo_core.load_recipe("tags-fast").override("task.min_rows=19", *settings)
        zoo_core.train(recipe, data=str(data), run=tmp_path / "run")


@pytest.mark.parametrize(("labels", "message"), [("", "no text of the training split has a label"), ("a", "one class")])
def test_labels_that_teach_nothing(labels: str, message: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": [f"text {row}" for row in range(30)], "label": [labels] * 30})
    with pytest.raises(DataError, match=message):
        zoo_core.train("tags-fast", data=frame, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_column_of_lists_is_told_of_and_guessed(tmp_path: Path) -> None:
    data = tmp_path / "lists.jsonl"
    data.write_text("".join(json.dumps({"body": f"some text {row}", "tags": ["a"]}) + "\n" for row in range(40)))
    for recipe, guesses in (("tags-fast", {"task.label": ["tags"]}), ("text-fast", {})):
        with pytest.raises(MissingColumnsError, match=r'the only column is "body", beside tags \(list\)') as error:
            zoo_core.train(recipe, data=str(data), run=tmp_path / "run")
        assert error.value.missing.guesses == {"task.text": ["body"], **guesses}


def test_no_label_is_guessed_of_two_columns_of_lists(tmp_path: Path) -> None:
    row = {"body": "some text", "tags": ["a"], "authors": ["b"]}
    (tmp_path / "lists.jsonl").write_text((json.dumps(row) + "\n") * 20)
    with pytest.raises(MissingColumnsError, match=r"beside authors \(list\), tags \(list\)|beside tags") as error:
        zoo_core.train("tags-fast", data=str(tmp_path / "lists.jsonl"), run=tmp_path / "run")
    assert "task.label" not in error.value.missing.guesses
