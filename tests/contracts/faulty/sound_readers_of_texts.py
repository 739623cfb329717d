"""Correct, unusual components that read texts: the kit must find nothing in them."""

from __future__ import annotations

import json
import re
import struct
from itertools import pairwise
from zlib import crc32

import numpy as np
import polars as pl
import torch

from tests.contracts.faulty import faulty
from tests.contracts.faulty.vectorizers_of_sequences import Ids, sequences
from tests.contracts.faulty.vectorizers_of_words import words
from tests.contracts.faulty.weightings import with_global, with_local
from zoo_core import Reader, setting
from zoo_core.components.data_contracts import Task
from zoo_core.data.columns import make_examples, read_labels
from zoo_core.errors import DataError
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense
from zoo_ngrams.feature_statistics import document_frequency
from zoo_ngrams.weightings import TfIdf


class Pieces(Ids):
    """Byte-pair pieces of words: common pairs of letters are joined, other letters are pieces themselves."""

    @classmethod
    def fitted(cls, tokens, labels):
        pairs = {}
        for word in tokens.words.to_list():
            for pair in map("".join, pairwise(word)):
                pairs[pair] = pairs.get(pair, 0) + 1
        letters = sorted({letter for word in tokens.words.to_list() for letter in word})
        joined = sorted((pair for pair in pairs if pairs[pair] > 1), key=lambda pair: (-pairs[pair], pair))
        return cls([*letters, *joined[:50]])

    def text(self, words):
        ids = []
        for word in words:
            at = 0
            while at < len(word):
                size = 2 if word[at : at + 2] in self.numbers and at + 2 <= len(word) else 1
                ids.append(self.number(word[at : at + size]))
                at += size
        return ids


class FirstTokens(Ids):
    """The first 256 tokens, with a mark at the start and the end."""

    def __init__(self, words):
        super().__init__(["<start>", "<end>", *(word for word in words if word not in ("<start>", "<end>"))])

    def text(self, words):
        return [self.numbers["<start>"], *super().text(words[:256]), self.numbers["<end>"]]


class Hashed:
    """Word counts by a hash, without anything learned."""

    num_features = 1 << 12

    def feature_names(self):
        return []

    def state(self):
        return {}

    def transform(self, tokens):
        ids = np.array([crc32(word.encode()) % self.num_features for word in tokens.words.to_list()], dtype=np.int32)
        found = torch.from_numpy(ids[tokens.codes] if len(ids) else np.empty(0, dtype=np.int32))
        return Bag(found, torch.from_numpy(tokens.offsets.copy()), None, self.num_features)


class Sentences(Hashed):
    """The mean of fixed vectors of the words of a text."""

    num_features = 8

    def state(self):
        return {"dimensions": 8}

    @classmethod
    def restored(cls, state):
        if state["dimensions"] != 8:
            raise ValueError("dimensions")
        return cls()

    def transform(self, tokens):
        vectors = [
            [np.sin(crc32(word.encode()) % 1000 * (1 + at)) for at in range(8)] for word in tokens.words.to_list()
        ]
        table = torch.tensor(vectors, dtype=torch.float32).reshape(-1, 8)
        rows = [table[tokens.codes[tokens.offsets[at] : tokens.offsets[at + 1]]] for at in range(len(tokens))]
        return Dense(torch.stack([row.double().mean(0).float() if len(row) else torch.zeros(8) for row in rows]))


def unnamed(encoder, **members):
    return words(encoder, has_feature_names=False, **members)


def characters(self, texts):
    return texts.str.split("")


def reader(read, sniff, **members):
    own = {"name": "faulty", "read": lambda self, stream: read(stream.read()), "sniff": lambda self, head: sniff(head)}
    return faulty(Reader, **{**own, **members})


def read_markdown(data):
    rows = [line.strip().strip("|").split("|") for line in data.decode().split("\n") if line.strip().startswith("|")]
    if len(rows) < 2 or not all(re.fullmatch(r"\s*:?-+:?\s*", cell) for cell in rows[1]):
        raise DataError("not a table of Markdown")
    names, body = [name.strip() for name in rows[0]], rows[2:]
    if any(len(row) != len(names) for row in body):
        raise DataError("a row of another length")
    return pl.DataFrame({name: [row[at].strip() for row in body] for at, name in enumerate(names)})


def markdown_example(self):
    data = "| text | label |\n| --- | --- |\n| good ☕ | yes |\n|  | no |\n| good ☕ | yes |\n".encode()
    return ((data, {"text": ["good ☕", "", "good ☕"], "label": ["yes", "no", "yes"]}),)


def read_packed(data):
    """Cells with their lengths, in a binary format."""
    if not data.startswith(b"CELL") or len(data) < 8:
        raise DataError("not a packed table")
    [width], at, cells = struct.unpack("<I", data[4:8]), 8, []
    while at < len(data):
        try:
            [size] = struct.unpack("<I", data[at : at + 4])
            cell = data[at + 4 : at + 4 + size].decode()
        except (struct.error, UnicodeDecodeError):
            raise DataError("damaged") from None
        if len(data) < at + 4 + size:
            raise DataError("damaged")
        cells.append(cell)
        at += 4 + size
    if not 0 < width <= len(cells) or len(cells) % width:
        raise DataError("damaged")
    return pl.DataFrame({name: cells[width + at :: width] for at, name in enumerate(cells[:width])})


def packed_example(self):
    cells = ["text", "label", "good\nfood", "1", "", "2"]
    data = b"".join(struct.pack("<I", len(cell.encode())) + cell.encode() for cell in cells)
    return ((b"CELL" + struct.pack("<I", 2) + data, {"text": ["good\nfood", ""], "label": ["1", "2"]}),)


def joined(task, table):
    title, body = table.columns(("title", "body"), setting="task.text")
    return pl.select(pl.concat_str(title, body, separator="\n")).to_series().alias("text")


def payloads(task, table):
    column = table.column("payload", setting="task.text")
    try:
        values = [json.loads(text)["message"] for text in column]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"not a message: {error}", where=table.source) from None
    return pl.Series("text", values, dtype=pl.String)


def task(texts, frame, **members):
    own = {
        "name": "faulty",
        "texts": texts,
        "read": lambda self, table: make_examples(texts(self, table), read_labels(table, "label"), None),
        "normalize": lambda self, texts: texts.str.to_lowercase(),
        "label_column": lambda self, table: "label",
        "example": lambda self: frame,
    }
    return faulty(Task, **{**own, **members})


LABELS = {"label": ["yes", "no", "no"] * 4}
ARTICLES = pl.DataFrame({"title": [f"t{row}" for row in range(12)], "body": [f"b{row}" for row in range(12)], **LABELS})
MESSAGES = pl.DataFrame({"payload": [json.dumps({"message": f"m{row}"}) for row in range(12)], **LABELS})


def bm25(counts, labels):
    texts = document_frequency(counts)
    return ((len(counts) - texts + 0.5) / (texts + 0.5)).log().float()


SLOW = True
FAULTS = []
SOUND = [
    sequences(Pieces),
    sequences(FirstTokens, limit=setting(256, "tokens that are read"), __annotations__={"limit": int}),
    sequences(Ids, tokenize=characters),
    unnamed(Hashed, layout="bag", restore=lambda self, state: Hashed(), fit=lambda self, tokens, labels: Hashed()),
    unnamed(Sentences, fit=lambda self, tokens, labels: Sentences()),
    reader(read_markdown, lambda head: head.startswith(b"|"), suffixes=(".md",), example=markdown_example),
    reader(
        read_packed, lambda head: head.startswith(b"CELL"), suffixes=(".cell",), binary=True, example=packed_example
    ),
    task(joined, ARTICLES, reads_rows_independently=lambda self: True),
    task(payloads, MESSAGES, reads_rows_independently=lambda self: True),
    with_global(bm25),
    with_local(torch.log1p),
    faulty(TfIdf),
]
