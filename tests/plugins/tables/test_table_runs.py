"""Text beside columns, from a file to predictions, explanations, checks and swaps."""

from __future__ import annotations

import json

import polars as pl
import pytest
import torch

from tests.cli.conftest import zoo as cli
from zoo_core import load_recipe, open_run, train
from zoo_core.components.head import Head
from zoo_core.components.missing_columns import MissingColumnsError
from zoo_core.components.table import Table
from zoo_core.errors import DataError, RecipeError
from zoo_core.experiments.variants import build_variants
from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import BagLinear
from zoo_core.features.batches import EncodedSplit
from zoo_ngrams.modules import MeanEmbedding
from zoo_ngrams.naive_bayes import add_naive_bayes, class_sums
from zoo_tables.sample import make_offers
from zoo_tables.tasks import TableClassification

COLUMNS = ('task.text=["title", "text"]', "task.categories=category", "task.numbers=price")
SET = [word for setting in COLUMNS for word in ("--set", setting)]
KITE = {"title": "Fresh kite", "text": "A gift, fresh.", "category": "Toys", "price": 9.5}


@pytest.fixture(scope="module")
def recipe(zoo):
    return load_recipe("table-fast", zoo=zoo).override(*COLUMNS, "training.epochs=6", "training.steps=0")


@pytest.fixture(scope="module")
def offers(tmp_path_factory):
    path = tmp_path_factory.mktemp("offers") / "offers.csv"
    make_offers(300, 1).write_csv(path)
    return path


@pytest.fixture(scope="module")
def run(recipe, offers, tmp_path_factory):
    return train(recipe, data=offers, run=tmp_path_factory.mktemp("runs") / "offers")


def test_a_run_learns_from_all_groups(run, offers):
    missing = (pl.read_csv(offers, infer_schema=False)["price"] == "").sum()
    assert run.summary["data"]["missing"] == {"price": missing}
    assert run.evaluate()["accuracy"] > 0.6
    top = {one.token for words in run.top_features(3000).values() for one in words}
    assert {"category=Toys", "price (missing)"} <= top
    assert any(name.startswith("title: ") for name in top)


def test_the_same_predictions_of_a_file_a_frame_rows_and_text(run, offers, tmp_path):
    frame = pl.read_csv(offers, infer_schema=False).head(20)
    path = tmp_path / "some.csv"
    frame.write_csv(path)
    columns = ["title", "text", "category", "price"]
    rows = frame.select(columns).to_dicts()
    typed = frame.with_columns(pl.col("price").cast(pl.Float64))
    texts = [json.dumps({**row, "price": row["price"] and float(row["price"]), "extra": [1]}) for row in rows]
    expected = run.predict(str(path)).values
    for data in (frame, frame.to_dict(as_series=False), rows, texts, typed.select(columns[::-1])):
        torch.testing.assert_close(run.predict(data).values, expected, rtol=1e-4, atol=1e-5)
    again = open_run(run.folder)
    assert torch.equal(again.predict(str(path)).values, expected)


def test_an_explanation_names_the_columns(run):
    explained = run.explain(json.dumps(KITE))
    tokens = {one.token for one in explained.contributions}
    assert {"price = 9.5", "category=Toys", "title: fresh", "text: gift"} <= tokens
    assert run.explain(KITE) == explained
    total = explained.base + sum(one.value for one in explained.contributions)
    assert total == pytest.approx(explained.score, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fresh kite", "row 1: not a JSON object: got"),
        ("[1]", "row 1: not a JSON object: got"),
        ("[" * 100_000, "row 1: not a JSON object: got"),
        (json.dumps({"title": "x"}), 'row 1: missing keys "text", "category", "price" (hint: null is'),
        (json.dumps({**KITE, "price": "1,5"}), 'row 1: invalid number in column "price": got "1,5"'),
        (json.dumps({**KITE, "price": "1e999"}), 'row 1: invalid number in column "price": got "1e999"'),
        (json.dumps({**KITE, "price": float("inf")}), 'row 1: invalid number in column "price": got "Infinity"'),
        (json.dumps({**KITE, "price": [1]}), 'row 1: invalid value of "price": got an array, expected one value'),
        (json.dumps({**KITE, "price": True}), 'row 1: invalid number in column "price": got "true"'),
        (json.dumps({**KITE, "title": "\ud800"}), 'row 1: invalid value of "title": unpaired UTF-16 surrogate'),
    ],
)
def test_what_is_no_row_is_told_in_one_line(run, text, expected):
    with pytest.raises(DataError) as caught:
        run.predict([text])
    assert str(caught.value).startswith(expected)


def test_booleans_are_those_of_a_file(run):
    rows = [json.dumps({**KITE, "category": value}) for value in (True, "true")]
    assert torch.equal(*run.predict(rows).values) and run.plan.task.show(rows[0]) == run.plan.task.show(rows[1])


def test_values_that_stand_for_a_missing_number(run):
    rows = [{**KITE, "price": value} for value in (None, "", " NA ", "n/a", "NaN", "null", "None", float("nan"))]
    values = run.predict([json.dumps(row) for row in rows]).values
    assert torch.equal(values, values[:1].expand_as(values))


def test_columns_of_a_run_keep_their_names(run):
    with pytest.raises(RecipeError, match="name the columns of the data as the run has them: title, text, category"):
        run.override("task.text=body")
    assert run.override("task.label=sold").plan.task.label == "sold"


def test_row_of_an_error_among_many(run):
    texts = [json.dumps(KITE)] * 5000 + ["x"]
    with pytest.raises(DataError, match="row 5001: not a JSON object"):
        run.predict(texts)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,234.5", 'got "1,234.5", expected a finite number (hint: write numbers as in 1234.5'),
        ("1,5", 'got "1,5"'),
        ("-inf", 'got "-inf"'),
        ("1e999", 'got "1e999"'),
        ("3 EUR", 'got "3 EUR"'),
    ],
)
def test_what_is_no_number_is_told_with_its_line(cell, expected):
    frame = pl.DataFrame({"price": ["1", "", cell], "label": ["a", "b", "a"]})
    table = Table(frame, "offers.csv", line_of_row=lambda row: row + 2)
    with pytest.raises(DataError) as caught:
        TableClassification(text=(), numbers="price").read(table)
    assert str(caught.value).startswith(f'offers.csv:4: invalid number in column "price": {expected}')


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"text": ()}, "text, categories and numbers are all []"),
        ({"text": "a", "numbers": "a"}, 'has the column "a", as text has'),
        ({"text": ("a", "a")}, 'has the column "a" twice'),
        ({"text": ("a", "label")}, 'has the column of labels "label"'),
        ({"text": ("a", "")}, "must not have an empty name"),
    ],
)
def test_columns_are_named_once(settings, expected):
    [problem] = TableClassification(**settings).check()
    assert expected in problem.message


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("vectorizer.parts.titel=ngrams", "vectorizer.parts.titel: unknown column"),
        ("vectorizer.parts.price=ngrams", 'vectorizer "ngrams" reads text, expected one that reads numbers'),
        ("vectorizer.parts.title=scaled-numbers", 'vectorizer "scaled-numbers" reads numbers, expected one that reads'),
        ("vectorizer.parts.text=union", 'vectorizer "union" reads rows of several columns'),
        ("vectorizer=ngrams", 'task "table" outputs fields, vectorizer "ngrams" expects text'),
        ("augmenter=word-dropout", 'task "table" outputs fields, augmenter "word-dropout" changes text'),
    ],
)
def test_parts_that_do_not_fit_are_told_before_data_is_read(recipe, assignment, expected):
    from zoo_core.recipes.compatibility import check

    with pytest.raises(RecipeError) as caught:
        check(recipe.with_assignments(assignment))
    assert expected in str(caught.value)


def test_every_variant_of_a_part_is_compatible(recipe):
    variants = build_variants(recipe, ["vectorizer.parts.categories=one-hot,none,hashed-ngrams,dense-columns"])
    assert [variant.name for variant in variants.compatible] == ["one-hot", "none", "hashed-ngrams"]
    assert list(variants.skipped) == ["dense-columns"]


@pytest.mark.parametrize(
    "overrides",
    [
        ("model=mlp", "vectorizer.parts.title=none", "vectorizer.parts.numbers.scale=minmax"),
        ("model=perceptron", "vectorizer.parts.text=none", "vectorizer.parts.categories=none"),
        (
            "model=embedding-bag",
            "optimizer=sgd",
            "optimizer.lr=1",
            "vectorizer.parts.text=hashed-ngrams",
            "vectorizer.parts.text.size=1024",
        ),
    ],
)
def test_models_and_parts_train_and_explain(recipe, offers, tmp_path, overrides):
    made = train(recipe.override(*overrides, "training.epochs=2"), data=offers, run=tmp_path / "run")
    values = made.predict([json.dumps(KITE)]).values
    assert bool(torch.isfinite(values).all())
    assert made.explain(json.dumps(KITE)).contributions


def test_no_part_that_finds_a_feature(recipe, offers, tmp_path):
    text = ("vectorizer.parts.text.min_df=999", "vectorizer.parts.text.min_df_from=0")
    others = ("vectorizer.parts.categories=none", "vectorizer.parts.numbers=none")
    with pytest.raises(DataError, match="the vectorizer found no features in the training split"):
        train(recipe.override(*text, *others), data=offers, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_commands(run, offers, tmp_path):
    answer = cli("data", "check", offers, *SET, "--json")
    assert answer.code == 0
    assert answer.json["task"] == "table"
    assert {"missing-number"} <= {finding["check"] for finding in answer.json["findings"]}
    shown = cli("data", "check", offers, *SET).out
    assert "title: " in shown and "zoo swap table-fast" in shown
    assert '{"title"' not in shown
    wrong = cli("evaluate", run.folder, "--errors", "3")
    assert "; category: " in wrong.out
    assert cli("predict", run.folder, json.dumps(KITE)).code == 0
    told = cli("predict", run.folder, '{"title": "x"}')
    assert told.code == 3 and told.err.count("\n") == 1
    file = tmp_path / "lacking.csv"
    pl.read_csv(offers, infer_schema=False).drop("price", "text").write_csv(file)
    told = cli("predict", run.folder, "--data", file)
    assert told.code == 3 and "missing column" in told.err and told.err.count("\n") == 1


def test_findings_of_columns(zoo):
    from zoo_core.data.audit.field_checks import check_fields

    task = TableClassification(text=(), categories=("id", "same"), numbers=("none", "size"))
    rows = 40
    columns = {
        "id": [f"u{row}" for row in range(rows)],
        "same": ["x"] * rows,
        "none": [""] * rows,
        "size": ["1"] * rows,
    }
    others = {
        "stars": [f"{row % 5}.5" for row in range(rows)],
        "town": [("Rome", "Oslo")[row % 2] for row in range(rows)],
        "note": [f"note number {row} says" for row in range(rows)],
        "key": [f"k{row}" for row in range(rows)],
    }
    table = Table(pl.DataFrame({**columns, **others}), "file.csv")
    found = {(one.check, one.message): one.count for one in check_fields(task, table, task.texts(table))}
    unused = 'the task does not use "stars" (as numbers), "town" (as categories), "note" (as text)'
    assert found == {
        ("unused-column", unused): 3,
        ("missing-number", 'rows have no number in column "none"'): rows,
        ("constant-column", 'column "none" has no values'): 1,
        ("constant-column", 'column "size" has one value'): 1,
        ("many-categories", 'categories are in column "id", which has 40 values'): rows,
        ("constant-column", 'column "same" has one value'): 1,
    }


def make_split(weights):
    rows, width = weights.shape
    at = weights.nonzero()
    offsets = torch.cat([torch.zeros(1).long(), (weights != 0).sum(dim=1).cumsum(0)])
    bag = Bag(at[:, 1].int(), offsets, weights[at[:, 0], at[:, 1]], width)
    return EncodedSplit(bag, torch.arange(rows) % 2)


def test_naive_bayes_leaves_out_numbers_below_zero():
    weights = torch.tensor([[1.0, 0, -2], [0, 1, 3], [1, 0, 1], [0, 2, 0]])
    split = make_split(weights)
    sums, is_count = class_sums(split, 2)
    assert is_count.flatten().tolist() == [1, 1, 0]
    assert sums[2].tolist() == [0, 0]
    module = BagLinear(3, 2)
    for parameter in module.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        add_naive_bayes(module, split, split, Head(("a", "b"), 2, "softmax"))
    assert module.weight[2].abs().max() == 0
    assert module.weight[:2].abs().min() > 0


def test_a_mean_of_embeddings_with_weights_that_sum_to_zero_is_finite():
    module = MeanEmbedding(3, 4, 2)
    torch.nn.init.ones_(module.top.weight)
    scores = module(make_split(torch.tensor([[1.0, -1, 0], [2, -2, 0]])).features)
    torch.testing.assert_close(scores[0], scores[1])
    assert scores.abs().max() < 10


def test_missing_columns_are_told_with_those_of_every_group(tmp_path):
    rows = [
        f"fine thing number {row},it is {row} old,{'ABCDEFG'[row % 7]},{row}.5,{['no', 'yes'][row % 2]}"
        for row in range(40)
    ]
    data = tmp_path / "offers.csv"
    data.write_text("\n".join(["about,body,kind,cost,sold", *rows, ""]))
    with pytest.raises(MissingColumnsError) as error:
        train("table-fast", str(data), run=tmp_path / "run")
    assert error.value.missing.guesses == {
        "task.text": ["about", "body"],
        "task.label": ["sold"],
        "task.categories": ["kind"],
        "task.numbers": ["cost"],
    }
    typed = cli("train", "table-fast", "--data", str(data)).err
    options = """--text about --text body --label sold --set 'task.categories="kind"' --set 'task.numbers="cost"'"""
    assert f"hint: zoo train table-fast --data {data} {options})" in typed
    more = cli("data", "check", data, "--set", "task=table", "--text", "about", "--label", "sold", "--json")
    [unused] = [one for one in more.json["findings"] if one["check"] == "unused-column"]
    added = """--set 'task.text=["about", "body"]' --set 'task.categories=["kind"]' --set 'task.numbers=["cost"]'"""
    assert unused["advice"].endswith(added)
