"""Columns of numbers: Python's values of finite numbers, and nothing else."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.numeric_columns import parse_numbers


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["{!r}", " {!r} ", "{:.3e}", "{:+.17g}"]))
def test_parses_numbers_as_python_does(value, form):
    written = form.format(value)
    expected = float(written)  # of the largest, fewer digits may be infinite
    assert parse_numbers(pl.Series([written])).to_list() == [expected if math.isfinite(expected) else None]


@pytest.mark.parametrize(
    "text", ["", " ", "nan", "inf", "-Infinity", "1,5", "0x1", "1_0", "１", "1e", "e5", ".", "1e999", "--1"]
)
def test_rejects_what_is_not_a_finite_number(text):
    assert parse_numbers(pl.Series([text])).to_list() == [None]
