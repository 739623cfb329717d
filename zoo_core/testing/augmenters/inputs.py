"""Normalized texts of a training split, to be changed."""

from __future__ import annotations

from typing import cast

import numpy as np
import polars as pl

from zoo_core.components.contracts import Augmenter
from zoo_core.testing.cases import Subject
from zoo_core.testing.input_sets import InputSet

WORDS = [
    "good",
    "food",
    "service",
    "bad",
    "place",
    "never",
    "again",
    "very",
    "slow",
    "waiter",
    "best",
    "soup",
    "in",
    "town",
]


def _texts(*texts: str) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def _random_texts(rows: int, length: int) -> pl.Series:
    random = np.random.default_rng(7)
    return _texts(*(" ".join(random.choice(WORDS, length)) for _ in range(rows)))


def own_words(rows: int = 64, length: int = 24) -> pl.Series:
    """Texts whose words tell their row: "r3w0 r3w1 …"."""
    return _texts(*(" ".join(f"r{row}w{at}" for at in range(length)) for row in range(rows)))


INPUTS = InputSet(
    "normalized training texts",
    1,
    {
        "64 texts of 20 words": lambda: _random_texts(64, 20),
        "512 texts of 3 words": lambda: _random_texts(512, 3),
        "one text of 5,000 words": lambda: _random_texts(1, 5000),
        "texts of one word": lambda: _texts(*WORDS * 20),
        "texts of one character": lambda: _texts(*["a", "é", "良"] * 20),
        "empty texts between others": lambda: _texts(*["good food", "", "bad"] * 20),
        "only empty texts": lambda: _texts(*[""] * 12),
        "texts in Unicode": lambda: _texts(*["très bon", "とても 良い", "🍜 😀 👨‍👩‍👧", "a\u0301 e\u0301"] * 10),
        "the same text 100 times": lambda: _texts(*["good food and slow service"] * 100),
        "one text": lambda: _texts("good food"),
        "no texts": lambda: _texts(),
    },
)


def augmenter_of(subject: Subject) -> Augmenter:
    """The augmenter that is checked."""
    return cast(Augmenter, subject.component)
