"""Correct, unusual components: a reader of archives, letters with spaces between words, and vectors of words."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections import Counter

import numpy as np
import polars as pl
import torch
from torch import nn

from tests.contracts.faulty import faulty
from tests.contracts.faulty.vectorizers_of_sequences import Ids, sequences
from tests.contracts.faulty.vectorizers_of_words import words
from zoo_core import Reader, setting
from zoo_core.errors import DataError
from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import BagLinear
from zoo_textbook.models import Perceptron

SPACE = 2  # the id between two words; that of the first letter is 3


def write_archive(sheet, columns):
    """A zip file of one sheet; it contains the time at which it was written."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(sheet, json.dumps(columns))
    return stream.getvalue()


def read_archive(self, stream):
    try:
        with zipfile.ZipFile(stream) as file:
            columns = json.loads(file.read(self.sheet or file.namelist()[0]))
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(f"not an archive with this sheet: {error}") from None
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def archive(**members):
    """A binary reader whose example has the sheet that its setting names."""
    columns = {"text": ["good", "", "café 🎉", "good"], "label": ["a", "b", "b", "a"]}
    own = {
        "sheet": setting("", "the sheet that is read, the first if empty"),
        "__annotations__": {"sheet": str},
        "binary": True,
        "part_setting": "sheet",
        "suffixes": (".sheets",),
        "sniff": lambda self, head: head.startswith(b"PK"),
        "read": read_archive,
        "example": lambda self: [(write_archive(self.sheet or "first", columns), columns)],
    }
    return faulty(Reader, **{**own, **members})


class Letters(Ids):
    """The letters of each word, with an id of its own between words."""

    @classmethod
    def fitted(cls, tokens, labels):
        return cls(sorted({letter for word in tokens.words for letter in word}))

    @property
    def num_features(self):
        return len(self.words) + SPACE + 1

    def feature_names(self):
        return ["<padding>", "<unknown>", "<space>", *self.words]

    def number(self, letter):
        return self.numbers[letter] + 1 if letter in self.numbers else 1

    def text(self, words):
        return [SPACE if letter == " " else self.number(letter) for letter in " ".join(words)]


class FirstLetters(Letters):
    def text(self, words):
        return super().text(words)[:300]


class LetterCounts(Letters):
    def transform(self, tokens):
        counts = [Counter(self.text(tokens.row(row))) for row in range(len(tokens))]
        pairs = [pair for row in counts for pair in sorted(row.items())]
        offsets = torch.from_numpy(np.cumsum([0, *map(len, counts)]))
        ids = torch.tensor([id for id, _ in pairs], dtype=torch.int32)
        weights = torch.tensor([count for _, count in pairs], dtype=torch.float32)
        return Bag(ids, offsets, weights, self.num_features)


class WithVectors(nn.Module):
    """A linear layer of a layer that begins with the vectors of some words."""

    def __init__(self, num_features, num_outputs, names, place):
        super().__init__()
        self.vectors, self.output = BagLinear(num_features, 5, bias=False), nn.Linear(5, num_outputs)
        with torch.no_grad():
            for index, name in enumerate(names):
                if name in ("good", "bad", "film"):
                    place(self.vectors.weight, index)

    def forward(self, features):
        return self.output(self.vectors(features))


def pretrained(place):
    def build(self, *, num_features, num_outputs, feature_names):
        return WithVectors(num_features, num_outputs, feature_names, place)

    return faulty(Perceptron, build=build, accepts=("bag", "dense"), output_form=lambda self: "logits")


def of_a_row(weight, index):
    weight[index] = torch.arange(5.0)


def of_a_column(weight, index):
    weight[:, index] = torch.arange(5.0)


SLOW = True
SOUND = [
    archive(),
    sequences(Letters),
    sequences(FirstLetters, limit=setting(300, "letters that are read"), __annotations__={"limit": int}),
    words(LetterCounts, layout="bag"),
    pretrained(of_a_row),
]
FAULTS = [
    ("shape-of-scores", "vectors of words in the wrong axis", pretrained(of_a_column)),
    (
        "reads-no-clock-or-environment",
        "the time of a file as a column",
        archive(read=lambda self, stream: read_archive(self, stream).with_columns(at=pl.lit(time.ctime()))),
    ),
]
