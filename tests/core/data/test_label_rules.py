"""Labels that are dropped and rare classes: the same rows however data is read, split and evaluated."""

from __future__ import annotations

import polars as pl
import pytest
from attrs import frozen

from zoo_core import LabeledTask, ZooError, open_run
from zoo_core.components.labeled_task import LabeledTask as Base
from zoo_core.components.table import Table
from zoo_core.data.loading import load_data, read_task_examples
from zoo_core.data.task_detection import find_task_columns
from zoo_core.experiments.prepared_cache import EvaluationRows, PreparedDataCache
from zoo_core.recipes.compatibility import check
from zoo_core.timing import Stopwatch
from zoo_core.training.pipeline import train

COUNTS = {"positive": 40, "negative": 38, "N/A": 5, " ? ": 3, "mixed": 4, "odd": 2, "": 3}
DROPPED = {'label "N/A"': 5, 'label "?"': 3, "no label": 3}
RULES = ('task.drop_labels=["N/A", "?"]', "task.min_rows=10")
MERGE = (*RULES, "task.rare=merge", "task.rare_name=none of them", "loss=cross-entropy")


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    """Reviews with unusable labels and rare classes, in an order that mixes them."""
    labels = [label for label, count in COUNTS.items() for _ in range(count)]
    rows = [
        (label, f"{'good' if label == 'positive' else 'bad'} food {at * 7 % 11}") for at, label in enumerate(labels)
    ]
    rows = [rows[at * 37 % len(rows)] for at in range(len(rows))]
    path = tmp_path_factory.mktemp("rated") / "rated.csv"
    path.write_text("\n".join(["rating,review", *(",".join(row) for row in rows)]) + "\n")
    return path


@pytest.mark.parametrize("chunk_bytes", [64, 1 << 20])
def test_drops_labels_and_rare_classes_in_chunks_of_any_size(rated, small, chunk_bytes):
    recipe = small(*RULES)
    loaded = load_data(recipe, recipe.plan(), rated, Stopwatch(), chunk_bytes=chunk_bytes)
    assert loaded.examples.dropped == {**DROPPED, "class with fewer than 10 rows (mixed, odd)": 6}
    assert loaded.examples.rare == {"mixed": 4, "odd": 2}
    assert len(loaded.tokens) == len(loaded.hashes) == len(loaded.examples.labels) == 78
    expected = ["good" if label == "positive" else "bad" for label in loaded.examples.labels]
    assert [loaded.tokens.row(row)[0] for row in range(78)] == expected


def test_merges_rare_classes(rated, small, zoo):
    recipe = small(*MERGE)
    loaded = load_data(recipe, recipe.plan(), rated, Stopwatch(), chunk_bytes=64)
    assert loaded.examples.dropped == DROPPED
    assert dict(loaded.examples.labels.value_counts().iter_rows()) == {
        "positive": 40,
        "negative": 38,
        "none of them": 6,
    }


def test_counts_the_rows_of_the_training_split_of_a_file(small):
    labels = ["a"] * 4 + ["b"] * 4 + ["c"] * 4 + ["d"]
    splits = ["train", "train", "val", "test"] * 2 + ["train", "val", "test", "test"] + ["test"]
    table = Table(pl.DataFrame({"review": ["x"] * 13, "rating": labels, "split": splits}), "some.csv")

    def rare(rows: int) -> dict[str, int]:
        recipe = small(f"task.min_rows={rows}")
        return read_task_examples(recipe, recipe.plan(), table).rare

    assert [rare(rows) for rows in (0, 1, 2)] == [{}, {"d": 1}, {"c": 4, "d": 1}]


def test_a_run_evaluates_other_data_with_the_classes_that_were_rare_in_training(rated, small, tmp_path, zoo):
    other = tmp_path / "other.csv"
    other.write_text("rating,review\npositive,good\nmixed,bad\nN/A,bad\nodd,good\nnegative,bad\n")
    for settings, rows in ((RULES, 2), (MERGE, 4)):
        run = train(small(*settings), rated, run=tmp_path / f"run{rows}")
        data = run.summary["data"]
        assert data["rare"] == {
            "min_rows": 10,
            "merged_into": "none of them" * (rows == 4),
            "rows": {"mixed": 4, "odd": 2},
        }
        opened = open_run(run.folder, zoo=zoo)
        assert opened.evaluate(other)["rows"] == rows
        scored = opened.score_split(other).rows
        assert scored is not None and scored.dropped['label "N/A"'] == 1
        assert scored.rare["rows"] == {"mixed": 1, "odd": 1} and (rows == 2 or scored.numbers_of([1]) == [2])
        assert opened.evaluate()["rows"] == run.summary["rows"]["test"]
        other.write_text(other.read_text() + "unheard,good\n")
        with pytest.raises(ZooError, match=r'other\.csv:7: the label "unheard" was not seen in training'):
            opened.evaluate(other)
        other.write_text(other.read_text().replace("unheard,good\n", ""))


def test_folds_are_made_of_the_rows_that_are_left(rated, small, zoo):
    from zoo_core.data.files.reading import read_table

    recipe = small(*RULES)
    cache = PreparedDataCache(read_table(rated, zoo.registry), EvaluationRows(folds=3))
    prepared = cache.prepare(recipe, recipe.plan(), 1)
    assert prepared.classes == ("negative", "positive") and prepared.report["rare"]["rows"] == {"mixed": 4, "odd": 2}


def test_tells_the_line_of_a_row_behind_those_that_were_dropped(small, tmp_path):
    path = tmp_path / "r.csv"
    rows = ["N/A,x", *["good,x", "bad,y"] * 9, "?,x", "unseen,z"]
    splits = ["train", *["train", "val", "test"] * 6, "train", "test"]
    lines = ["rating,review,split", *(f"{row},{split}" for row, split in zip(rows, splits, strict=True))]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ZooError, match=r'r\.csv:22: the label "unseen"'):
        train(small('task.drop_labels=["N/A", "?"]'), path, run=tmp_path / "run")


@pytest.mark.parametrize("rules", [RULES, ("task.drop_labels=[]",)])
def test_the_columns_of_a_task_show_what_training_makes_of_labels(rated, zoo, rules):
    from zoo_core.data.files.reading import read_table

    columns = find_task_columns(read_table(rated, zoo.registry), zoo, rules)
    classes = {"positive", "negative", ""} if rules == RULES else {label.strip() for label in COUNTS}
    assert set(columns.classes) == classes and len(columns.classes) == len(columns.texts) == sum(COUNTS.values())
    assert all(one in (other, "") for one, other in zip(columns.classes, columns.labels, strict=True))


def test_every_task_of_the_zoo_drops_labels(registry):
    tasks = [entry.cls for entry in registry.of_kind("task")]
    assert LabeledTask is Base and len(tasks) > 3 and all(issubclass(task, LabeledTask) for task in tasks)


def test_drops_labels_before_a_task_interprets_them(zoo, small):
    table = Table(pl.DataFrame({"text": ["a", "b", "c"], "stars": ["1", "N/A", "5"]}), "some.csv")
    for setting in ("task.drop_labels=N/A", 'task.drop_labels=[" N/A ", "3"]'):
        recipe = small("task=yelp", "task.classes=polarity", setting)
        examples = read_task_examples(recipe, recipe.plan(), table)
        assert (
            examples.labels.to_list() == ["negative", "positive"] and examples.location(table, 1) == "some.csv, row 3"
        )
    recipe = small("task=text-classification", "task.label=stars", 'task.names=["1=bad", "5=good"]', setting)
    assert read_task_examples(recipe, recipe.plan(), table).labels.to_list() == ["bad", "good"]
    with pytest.raises(ZooError, match="reads probabilities, not labels"):
        check(
            small("task=text-classification", 'task.probabilities=["a", "b"]', "loss=cross-entropy", "task.min_rows=2")
        )


def test_a_task_of_a_plugin_inherits_the_settings():
    @frozen
    class Own(LabeledTask):
        name = "own"
        label: str = "kind"

    assert Own("type").label == "type" and Own(drop_labels="?").labels_to_drop() == ("?",)
