"""Scaled numbers: the scales of scikit-learn, missing numbers, wrong numbers and states."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from zoo_core.errors import DataError
from zoo_core.features.tokens import tokenize_column
from zoo_tables.vectorizers import ScaledNumbers

ROWS = np.array([[1.0, 5.0, 2.0], [np.nan, 5.0, -3.5], [4.0, 5.0, np.nan], [10.0, np.nan, 1e6], [0.0, 5.0, 0.0]])
NAMES = ("a=b", "constant", "c")


def texts_of(rows):
    cells = [
        "; ".join(f"{name}={'' if np.isnan(value) else repr(value)}" for name, value in zip(NAMES, row, strict=True))
        for row in rows.tolist()
    ]
    return pl.Series(cells)


def fit(rows=ROWS, **settings):
    vectorizer = ScaledNumbers(**settings)
    tokens = tokenize_column(texts_of(rows), vectorizer.tokenize)
    return vectorizer, vectorizer.fit(tokens, torch.zeros(len(rows)).long()), tokens


def encode(texts, vectorizer, encoder):
    return encoder.transform(tokenize_column(pl.Series(texts), vectorizer.tokenize))


@pytest.mark.parametrize(("scale", "scaler"), [("standard", StandardScaler()), ("minmax", MinMaxScaler())])
def test_scales_are_those_of_scikit_learn(scale, scaler):
    expected = scaler.fit_transform(ROWS)
    means = scaler.transform(np.nanmean(ROWS, axis=0, keepdims=True))
    expected = np.where(np.isnan(expected), means, expected)
    _, encoder, tokens = fit(scale=scale)
    order = [NAMES.index(name) for name in encoder.feature_names()]
    assert encoder.feature_names() == sorted(NAMES)
    np.testing.assert_allclose(encoder.transform(tokens).to_dense(), expected[:, order], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_a_constant_column_is_0_whatever_its_number(scale):
    """The mean of seven times 0.1 is not 0.1 in floating point."""
    vectorizer = ScaledNumbers(scale=scale)
    tokens = tokenize_column(pl.Series(["a=0.1; a!=2"] * 6 + ["a=0.1; a!=3"]), vectorizer.tokenize)
    encoder = vectorizer.fit(tokens, torch.zeros(7).long())
    assert encoder.feature_names() == ["a", "a!"]
    assert not encoder.transform(tokens).to_dense()[:, 0].any()


@pytest.mark.parametrize("scale", ["standard", "minmax", "none"])
def test_what_a_missing_number_is(scale):
    [mean, zero, indicator] = (fit(scale=scale, missing=missing) for missing in ("mean", "zero", "indicator"))
    at = mean[1].feature_names().index("a=b")
    middle, nothing = (np.nanmean(ROWS[:, 0]), 0.0)
    assert encode(["a=b="], *mean[:2]).to_dense()[0, at] == encode([f"a=b={middle}"], *mean[:2]).to_dense()[0, at]
    assert encode([""], *zero[:2]).to_dense()[0, at] == encode([f"a=b={nothing}"], *zero[:2]).to_dense()[0, at]
    names = indicator[1].feature_names()
    assert names == ["a=b", "c", "constant", "a=b (missing)", "c (missing)", "constant (missing)"]
    found = indicator[1].transform(indicator[2]).to_dense()
    np.testing.assert_array_equal(found[:, 3:], np.isnan(ROWS)[:, [0, 2, 1]])


def test_no_indicator_of_a_column_without_missing_numbers():
    vectorizer, encoder, _ = fit(np.nan_to_num(ROWS), missing="indicator")
    assert encoder.num_features == 3
    assert len(encode([""], vectorizer, encoder)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b=1,5", 'row 2: invalid number in column "a=b": got "1,5", expected a finite number'),
        ("a=b=inf", 'row 2: invalid number in column "a=b": got "inf", expected a finite number'),
        ("other=1", 'row 2: unknown column "other"'),
        ("word", 'row 2: invalid number: got "word", expected name=value'),
        ("c=1; c=2", 'row 2: column "c" is given twice'),
        ("c=1e308", "row 2: a number is too large for 32 bits"),
    ],
)
def test_wrong_numbers_are_told_with_their_row(text, expected):
    vectorizer, encoder, _ = fit(scale="none")
    with pytest.raises(DataError) as caught:
        encode(["c=1", text], vectorizer, encoder)
    assert str(caught.value).startswith(expected)


def test_numbers_that_are_too_large_to_scale():
    rows = ROWS.copy()
    rows[:2, 2] = 1e308, -1e308
    with pytest.raises(DataError, match='the numbers in column "c" are too large to scale'):
        fit(rows)


@pytest.mark.parametrize(
    "change",
    [
        {"columns": ["a", "a", "c"]},
        {"columns": "abc"},
        {"columns": ["a", "b"]},
        {"shift": torch.tensor([0.0, 1, 2])},
        {"shift": torch.tensor([0.0, torch.nan, 2]).double()},
        {"divisor": torch.tensor([1.0, 0, 2]).double()},
        {"filling": None},
        {"indicators": torch.tensor([0, 3])},
        {"indicators": torch.tensor([1, 0])},
        {"indicators": torch.tensor([0.0])},
    ],
)
def test_an_invalid_state_is_rejected(change):
    vectorizer, encoder, _ = fit(missing="indicator")
    assert vectorizer.restore(encoder.state()).feature_names() == encoder.feature_names()
    with pytest.raises(ValueError):
        vectorizer.restore({**encoder.state(), **change})
    with pytest.raises(ValueError, match="indicators"):
        ScaledNumbers(missing="mean").restore(encoder.state())
