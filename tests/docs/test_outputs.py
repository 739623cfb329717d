"""The comparison of outputs accepts what may differ and nothing else."""

from __future__ import annotations

import pytest

from tests.docs.outputs import matches


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("accuracy 0.93\n", "accuracy  0.94\n"),
        ("a\n…\nz\n", "a\nb\nc\nz\n"),
        ("seconds: read 0.1, total 3.2\n", "seconds: read 9.9, total 12.0\n"),
        ("runs/yelp-…\n", "runs/yelp-mlp-1\n"),
        ("", ""),
    ],
)
def test_equal_outputs(expected: str, actual: str) -> None:
    assert matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("accuracy 0.93\n", "accuracy 0.83\n"),
        ("600 rows\n", "601 rows\n"),
        ("a\nz\n", "a\nb\nz\n"),
        ("a\n", ""),
        ("label,p\n", "p,label\n"),
    ],
)
def test_different_outputs(expected: str, actual: str) -> None:
    assert not matches(expected, actual)
