"""Numeric columns: written as texts, parsed strictly, standardized like scikit-learn."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from zoo_core.components.table import Table
from zoo_core.errors import DataError, RecipeError
from zoo_core.features.tokens import tokenize_column
from zoo_core.recipes.recipe import load_recipe
from zoo_core.training.pipeline import prepare, train
from zoo_textbook.tasks.columns import Columns
from zoo_textbook.vectorizers import DenseColumns

NUMBERS = st.integers(-(10**6), 10**6).map(lambda number: number / 64)
MATRIX = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(NUMBERS, min_size=n, max_size=n), min_size=1, max_size=9)
)


def table(**columns):
    return Table(pl.DataFrame(columns), "file.csv")


def write_pairs(matrix):
    """A matrix as the task tells it."""
    columns = {f"col {i}": [repr(value) for value in column] for i, column in enumerate(zip(*matrix, strict=True))}
    return Columns().texts(table(**columns))


def fit_encoder(texts, **settings):
    vectorizer = DenseColumns(**settings)
    tokens = tokenize_column(texts, vectorizer.tokenize)
    return vectorizer.fit(tokens, torch.zeros(len(tokens), dtype=torch.int64))


def encode(encoder, texts):
    return encoder.transform(
        tokenize_column(pl.Series("text", texts, dtype=pl.String), DenseColumns().tokenize)
    ).values.numpy()


@given(MATRIX)
def test_encodes_numbers_unchanged(matrix):
    texts = write_pairs(matrix)
    encoder = fit_encoder(texts, standardize=False)
    assert encoder.feature_names() == [f"col {i}" for i in range(len(matrix[0]))]
    assert np.array_equal(encode(encoder, texts), np.array(matrix, dtype=np.float32))


@given(MATRIX, st.integers(0, 3))
def test_standardizes_like_scikit_learn(matrix, shift):
    rows = np.array(matrix) + shift
    encoder = fit_encoder(write_pairs(matrix))
    expected = StandardScaler().fit(np.array(matrix)).transform(rows)
    assert encode(encoder, write_pairs(rows.tolist())) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_constant_column_becomes_0():
    texts = write_pairs([[0.1, 1], [0.1, 2], [0.1, 3]])
    assert np.abs(encode(fit_encoder(texts), texts)[:, 0]).max() < 1e-9
    assert encode(fit_encoder(texts), write_pairs([[1.1, 2]])).tolist() == [[pytest.approx(1), 0]]


def test_order_of_pairs_does_not_matter():
    encoder = fit_encoder(pl.Series(["a=1; b=2", "a=3; b=4"]), standardize=False)
    assert encode(encoder, ["b=7;a=5", " a = 5 ;  b=7 "]).tolist() == [[5, 7], [5, 7]]


def test_names_may_contain_an_equals_sign_and_blanks():
    examples = Columns().read(table(**{"a=b (cm)": ["1", "2"], "c": ["3", "-4e0"], "label": ["x", "y"]}))
    assert examples.texts.to_list() == ["a=b (cm)=1; c=3", "a=b (cm)=2; c=-4e0"]
    assert fit_encoder(examples.texts).feature_names() == ["a=b (cm)", "c"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("", '"a" is missing'),
        ("a=1", '"b" is missing'),
        ("a=1; b=2; a=1", '"a" occurs twice'),
        ("a=1; b=2; c=3", 'unknown column "c": not in the training data'),
        ("a=1; b=two", '"b=two" is not a name and a finite number (hint: as in a=1.5; b=1.5)'),
        ("1; 2", '"1" is not a name and a finite number'),
        ("a=1; b=1e39", "too large for 32 bits"),
    ],
)
def test_reports_invalid_rows_with_their_number(row, message):
    encoder = fit_encoder(pl.Series(["a=1; b=2"]), standardize=False)
    with pytest.raises(DataError) as write_pairs:
        encode(encoder, ["a=0; b=0", row])
    assert str(write_pairs.value).startswith("row 2: ") and message in str(write_pairs.value)


def test_rejects_numbers_too_large_to_standardize():
    with pytest.raises(DataError, match='column "a" are too large'):
        fit_encoder(pl.Series(["a=1e300", "a=-1e300"]))


@pytest.mark.parametrize(
    ("columns", "settings", "message"),
    [
        ({"x": ["1", "many"]}, {}, 'file.csv, row 2: "many" in column "x" is not a finite number'),
        ({"x": ["1", ""]}, {}, 'row 2: "" in column "x"'),
        ({"x": ["1", "2"], "who": ["ann", "bo"]}, {}, "choose the columns of numbers with --set task.columns="),
        ({"x": ["1", "2"]}, {"columns": ("y",)}, 'missing column "y"'),
        ({}, {}, "no columns of numbers: got the columns label"),
        ({"a;b": ["1", "2"]}, {}, "rename the column"),
        ({" a": ["1", "2"]}, {}, "rename the column"),
    ],
)
def test_rejects_a_table_without_numbers(columns, settings, message):
    with pytest.raises(DataError) as write_pairs:
        Columns(**settings).read(table(**columns, label=["x", "y"]))
    assert message in str(write_pairs.value)


def test_selects_columns_and_drops_rows_without_label():
    examples_read = Columns(columns=("b", "a"), label="kind").read(
        table(a=["1", "2", "3"], note=["x", "y", "z"], b=["4", "5", "6"], kind=["p", "", "q"])
    )
    assert examples_read.texts.to_list() == ["b=4; a=1", "b=6; a=3"]
    assert (examples_read.labels.to_list(), examples_read.dropped) == (["p", "q"], {"no label": 1})
    assert list(Columns(columns=("a", "a")).check())


@pytest.mark.parametrize(
    "change", [{}, {"columns": ["a"]}, {"columns": [1]}, {"mean": torch.zeros(1)}, {"scale": None}]
)
def test_rejects_an_invalid_state(change):
    state = {} if not change else {**fit_encoder(pl.Series(["a=1; b=2", "a=3; b=9"])).state(), **change}
    with pytest.raises(ValueError, match=r"columns|mean|scale"):
        DenseColumns().restore(state)


@pytest.mark.parametrize("bad_scale", [0.0, -1.0, float("nan"), float("inf")])
def test_rejects_an_invalid_scale(bad_scale):
    state = fit_encoder(pl.Series(["a=1", "a=3"])).state()
    with pytest.raises(ValueError, match="scale"):
        DenseColumns().restore({**state, "scale": torch.tensor([bad_scale]).double()})


def test_learns_the_scale_from_training_rows_only(zoo, tmp_path):
    path = tmp_path / "n.csv"
    rows = [f"{i % 2 * 10 + i},{'ab'[i % 2]},train" for i in range(20)]
    path.write_text("\n".join(["x,label,split", *rows, "900,a,val", "901,b,val", "-900,a,test", "-901,b,test", ""]))
    changes = ("task=columns", "vectorizer=dense-columns")
    prepared = prepare(load_recipe("text-mlp", zoo=zoo).override(*changes), path)
    train = prepared.splits["train"].features.values.double()
    assert float(train.mean()) == pytest.approx(0, abs=1e-6) and float(train.std(correction=0)) == pytest.approx(1)
    assert float(prepared.splits["val"].features.values.max()) > 50


def test_rejects_words_for_numbers(zoo):
    base = load_recipe("text-mlp", zoo=zoo)
    with pytest.raises(
        RecipeError, match='task "columns" outputs numbers, vectorizer "one-hot" expects text'
    ) as write_pairs:
        prepare(base.override("task=columns"))
    assert "use vectorizer = dense-columns, scaled-numbers; or task = surnames, text-classification, yelp" in str(
        write_pairs.value
    )
    with pytest.raises(RecipeError, match=r'vectorizer "dense-columns" expects numbers .*task = columns'):
        prepare(base.override("vectorizer=dense-columns"))


@pytest.mark.parametrize(("model", "method"), [("perceptron", "exact"), ("mlp", "integrated gradients")])
def test_contributions_of_columns_sum_to_the_score(tmp_path, model, method):
    generator = np.random.default_rng(1)
    label = np.array(["a", "b"] * 30)
    high, wide = generator.normal(np.where(label == "a", 1, 3)), generator.normal(0, 10, 60)
    file = tmp_path / "numbers.csv"
    pl.DataFrame({"high": high, "wide": wide, "label": label}).write_csv(file)
    changes = ["task=columns", "vectorizer=dense-columns", f"model={model}", "training.epochs=5"]
    run = train(load_recipe("text-mlp").override(*changes), str(file), run=tmp_path / "run")
    explanation = run.explain("wide=2; high=3.5", label="b")
    by_column = {one.token: one.value for one in explanation.contributions}
    assert by_column.keys() == {"high", "wide"} and explanation.method == method
    assert sum(by_column.values()) + explanation.base == pytest.approx(explanation.score, abs=1e-5)
    with pytest.raises(RecipeError, match="cannot be read back as words"):
        run.top_features()
    if model == "perceptron":  # by hand: weight times the standardized number
        (weights,) = [one for one in run.module.parameters() if one.ndim == 2]  # (columns, outputs)
        z = (torch.tensor([3.5, 2.0]).double() - run.encoder.mean) / run.encoder.scale
        assert [by_column["high"], by_column["wide"]] == pytest.approx((weights[:, 1].detach() * z).tolist(), abs=1e-5)
