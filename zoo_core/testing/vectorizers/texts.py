"""The inputs of vectorizers: training splits to fit on, and texts to encode; many, large, repeated, empty, strange."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import zip_longest

import polars as pl
import torch
from torch import Tensor

from zoo_core.features.fields import write_fields
from zoo_core.testing.input_sets import InputSet

Corpus = tuple[pl.Series, Tensor]
MARKER = "kalimbo"  # a word of every training split of texts, and of no language
GOOD, BAD = "good food and service", "awful bad place never"
STRANGE = (
    "naïve café",
    "名前 ☕ 👩‍🚀",
    "line\nbreak",
    "tab\tinside",
    "non\u00a0breaking",
    "line\u2028two",
    "don't",
    "\ufeffmark",
)
COMMON = 40  # times that a word of a training split occurs, above the usual cutoffs
FIELDS = {"notes": "", "kind": "fast food", "size": "3"}  # the same in every row
LENGTHS = (1, 3, 6, 12, 40, 120, 300, 450, 1000)  # words of the long texts


def as_texts(texts: list[str]) -> pl.Series:
    """A column of texts."""
    return pl.Series("text", texts, dtype=pl.String)


def _corpus(texts: list[str], labels: list[int]) -> Corpus:
    return as_texts(texts), torch.tensor(labels)


def _pairs() -> Corpus:
    """Two texts many times, some with a word that is in one text, in three or in a dozen."""
    rare = ["seldom", *["thrice"] * 3, *["dozen"] * 12]
    texts = [GOOD, f"{BAD} {MARKER}"] * COMMON
    return _corpus([f"{text} {word}".strip() for text, word in zip_longest(texts, rare, fillvalue="")], [1, 0] * COMMON)


def _six_classes() -> Corpus:
    words = ("good", "fine", "fair", "poor", "bad", "awful")
    texts = [f"{word} food {MARKER}" + f" and {word}" * (row % 3) for row in range(86) for word in words]
    return _corpus(["", *texts[:511]], [0, *(list(range(6)) * 86)[:511]])


def _strange() -> Corpus:
    return _corpus([f"{text} {MARKER}" for text in STRANGE] * COMMON, list(range(len(STRANGE))) * COMMON)


def _many_words() -> Corpus:
    """1,500 words, each in 30 texts of 1,000 words, from common to rare within the text."""
    words = [f"w{number}" for number in range(1500)]
    texts = [" ".join(words[(start * 500 + at) % 1500] for at in range(1000)) for start in range(45)]
    return _corpus([f"{text} {MARKER}" for text in texts], [row % 2 for row in range(45)])


def _by_place() -> Corpus:
    """512 rows whose first words are not those of the last."""
    rows = [f"{GOOD if row < 256 else BAD} {MARKER} {('soup', 'tea', 'cake')[row // 171]}" for row in range(512)]
    return _corpus(rows, [row % 2 for row in range(512)])


TRAINING = InputSet[Corpus](
    "training splits of texts",
    1,
    {
        "80 rows of two classes": _pairs,
        "one row": lambda: _corpus([f"{GOOD} {MARKER}"], [0]),
        "12 rows of one class": lambda: _corpus([f"{GOOD} {MARKER}", MARKER, ""] * 4, [0] * 12),
        "256 rows, all the same": lambda: _corpus([f"{GOOD} {MARKER}"] * 256, [0, 1] * 128),
        "512 rows of six classes": _six_classes,
        "320 rows of emoji, line ends and many scripts": _strange,
        "45 rows of 1,000 words": _many_words,
        "512 rows in an order": _by_place,
    },
)
SMALL_SPLITS = ("one row", "12 rows of one class", "256 rows, all the same")  # which may be too little to learn from

UNUSUAL = ("good food and good service", "", "awful unheardof place", "good", "never good , never bad", "zyzzyva", " ")
ENCODED = InputSet[pl.Series](
    "texts to encode",
    1,
    {
        "one text": lambda: as_texts(["good food"]),
        "12 texts, some empty, repeated and unknown": lambda: as_texts([*UNUSUAL, *UNUSUAL[:5]]),
        "texts of emoji, line ends and many scripts": lambda: as_texts(list(STRANGE)),
        "only empty texts": lambda: as_texts(["", "", ""]),
        "one empty text": lambda: as_texts([""]),
        "texts of unknown words": lambda: as_texts(["zyzzyva qwertyish", "qwertyish", "xyzzy"]),
        "512 texts, many of them the same": lambda: as_texts([UNUSUAL[row * 7 % 5] for row in range(512)]),
        "a text of 1,000 words": lambda: as_texts([" ".join([f"{GOOD} {BAD}"] * 125), "good"]),
        "a word 1,000 times": lambda: as_texts(["bad", " ".join(["good"] * 1000)]),
        "1,500 different words": lambda: as_texts([" ".join(f"w{number}" for number in range(1500))]),
        "a last row that is empty": lambda: as_texts(["good food", ""]),
    },
)


def _numbers(rows: int, second: Callable[[int], str] = lambda row: str(-row)) -> Corpus:
    texts = [f"height={1 + row % 7 / 4}; weight={second(row)}" for row in range(rows)]
    return _corpus(texts, [row % 2 for row in range(rows)])


NUMBERS_TRAINING = InputSet[Corpus](
    "training splits of numbers",
    1,
    {
        "80 rows of two classes": lambda: _numbers(80, lambda row: ("3", "-1")[row % 2]),
        "one row": partial(_numbers, 1),
        "12 rows with a constant column": lambda: _numbers(12, lambda _: "0.1"),
        "512 rows": partial(_numbers, 512),
        "256 rows of large and small numbers": lambda: _numbers(256, lambda row: f"{row - 100}e{row % 15}"),
    },
)
NUMBERS_ENCODED = InputSet[pl.Series](
    "rows of numbers",
    1,
    {
        "one row": lambda: as_texts(["height=1.5; weight=-2"]),
        "three rows": lambda: as_texts(["height=1.5; weight=-2", "weight=3e2; height=0", "height=7; weight=7"]),
        "512 rows, many of them the same": lambda: _numbers(512, lambda row: str(row % 3))[0],
        "zeros with and without a sign": lambda: as_texts(["height=0; weight=-0", "height=-0.0; weight=0e5"]),
    },
)


def splits_for(input_type: str) -> InputSet[Corpus]:
    """The training splits for vectorizers of an input type; `as_input` makes fields of texts."""
    return NUMBERS_TRAINING if input_type == "numbers" else TRAINING


def texts_for(input_type: str) -> InputSet[pl.Series]:
    """The texts, or rows of numbers, to encode; `as_input` makes fields of texts."""
    return NUMBERS_ENCODED if input_type == "numbers" else ENCODED


def as_input(input_type: str, texts: pl.Series) -> pl.Series:
    """Texts as an input type has them: for fields, each is the first of two columns of texts, beside other columns."""
    if input_type != "fields":
        return texts
    same = {name: pl.repeat(value, len(texts), dtype=pl.String, eager=True) for name, value in FIELDS.items()}
    text, notes, kind, size = texts.cast(pl.String), same["notes"], same["kind"], same["size"]
    return write_fields(
        {"text": {"a: b=c": text, "notes": notes}, "categories": {"kind": kind}, "numbers": {"size": size}}
    )
