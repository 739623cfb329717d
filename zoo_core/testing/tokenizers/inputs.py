"""Normalized texts for tokenizers, and what a tokenizer makes of them."""

from __future__ import annotations

from typing import cast

import polars as pl

from zoo_core.components.contracts import Tokenizer
from zoo_core.components.encoding.tokenized_encoder import split_further
from zoo_core.components.protocols import FittedTokenizer
from zoo_core.features.tokens import Tokens, tokenize_column
from zoo_core.testing.checks import Subject, skip
from zoo_core.testing.failures import while_using
from zoo_core.testing.input_sets import InputSet

SENTENCES = (
    "good food and good service",
    "the unfriendly waiter was slow , and the food was bad !",
    "we waited and waited for unsalted food",
    "friendly , fast and good",
)
USUAL = "80 texts of words"


def _texts(*texts: str) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


INPUTS = InputSet(
    "normalized texts",
    1,
    {
        USUAL: lambda: _texts(*SENTENCES * 20),
        "texts of one character": lambda: _texts(*["a", "é", "良", "!"] * 5),
        "texts with several spaces, and at both ends": lambda: _texts(*["  good   food ", " ", "a  b"] * 5),
        "empty texts between others": lambda: _texts(*["good food", "", "bad"] * 5),
        "only empty texts": lambda: _texts(*[""] * 12),
        "texts in many scripts": lambda: _texts(
            *["très bon", "とても良い", "음식이 맛있어요", "อาหารอร่อย", "хорошо", "طعام جيد", "a\u0301 e\u0301"] * 5
        ),
        "emoji of several code points": lambda: _texts(*["👨‍👩‍👧 🇰🇷 👍🏽", "❤️🍜", "1️⃣"] * 5),
        "line ends and tabs": lambda: _texts(*["good\r\nfood", "a\tb", "a\nb\n"] * 5),
        "marks that tokenizers use themselves": lambda: _texts(*["▁good Ġfood ##ing", "</w> <unk> [UNK]"] * 5),
        "one text of 5,000 words": lambda: _texts(" ".join(SENTENCES * 200)),
        "a word of 5,000 characters": lambda: _texts("a" * 5000, "food"),
        "one text": lambda: _texts("good food"),
        "no texts": lambda: _texts(),
    },
)


def tokenizer_of(subject: Subject) -> Tokenizer:
    """The tokenizer that is checked."""
    return cast(Tokenizer, subject.component)


def first_pass(subject: Subject, texts: pl.Series) -> Tokens:
    """The tokens of `tokenize`."""
    return tokenize_column(texts, tokenizer_of(subject).tokenize)


def fit(subject: Subject, texts: pl.Series) -> FittedTokenizer | None:
    """What the tokenizer learns from the tokens of texts; None if it does not learn."""
    if not tokenizer_of(subject).learns():
        return None
    with while_using("in fit()"):
        fitted = tokenizer_of(subject).fit(first_pass(subject, texts))
    assert fitted is not None, "fit() returns None: leave it out if nothing is learned"
    return fitted


def fit_or_skip(subject: Subject) -> FittedTokenizer:
    """What the tokenizer learns from the usual texts; the check is skipped if it learns nothing."""
    fitted = fit(subject, INPUTS.makers[USUAL]())
    if fitted is None:
        skip("it learns nothing from data")
    return fitted


def tokenize(subject: Subject, fitted: FittedTokenizer | None, texts: pl.Series) -> list[list[str]]:
    """The tokens of each text, after both passes."""
    tokens = first_pass(subject, texts)
    tokens = tokens if fitted is None else split_further(fitted, tokens)
    return [tokens.row(row) for row in range(len(tokens))]
