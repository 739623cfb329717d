"""Faulty tasks."""

from __future__ import annotations

import secrets

import polars as pl
from attrs import evolve

from tests.contracts.faulty import faulty
from zoo_core.components.examples import Examples
from zoo_core.data.columns import join_text_columns, read_labels
from zoo_core.errors import DataError
from zoo_textbook.tasks.text_classification import TextClassification
from zoo_yelp.sample import make_reviews
from zoo_yelp.tasks import Yelp


def reads(call, base=TextClassification):
    """A task whose examples are `call(self, table, sound ones)`."""
    return faulty(base, read=lambda self, table: call(self, table, base.read(self, table)))


def plain(call):
    return faulty(TextClassification, normalize=lambda self, texts: call(texts))


def sampled(call):
    return faulty(Yelp, sample_data=lambda self, *, rows, seed: call(rows, seed))


def all_columns(task, table, found):
    return evolve(found, texts=pl.select(pl.concat_str(table.frame.get_columns(), separator=" ")).to_series())


def distinct(task, table, found):
    kept = pl.DataFrame({"t": found.texts, "l": found.labels}).with_columns(t="l").unique("t", maintain_order=True)
    return evolve(found, texts=found.texts.head(len(kept) + 40), labels=found.labels.head(len(kept) + 40))


def without_empty(task, table, found):
    full = found.texts.str.len_chars() > 40
    return evolve(found, texts=found.texts.filter(full), labels=found.labels.filter(full))


def keeps_unlabelled(task, table, found):
    return Examples(join_text_columns(table, task.text, " "), read_labels(table, task.label))


def some_labels(task, table):
    found = TextClassification.read(task, table)
    if not len(found.labels):
        raise DataError("no row has a label", where=table.source)
    return found


SOUND = [reads(lambda t, _, found: found), plain(lambda texts: texts), sampled(make_reviews)]
FAULTS = [
    ("normalizes-row-for-row", "drops what is empty", plain(lambda texts: texts.filter(texts != ""))),
    ("normalizes-row-for-row", "rows together", plain(lambda texts: texts.replace(texts.mode()[0], "usual"))),
    ("normalizes-row-for-row", "drops what it has seen", plain(lambda texts: texts.unique(maintain_order=True))),
    ("normalizes-row-for-row", "NA becomes a hole", plain(lambda texts: texts.replace({"NA": None}))),
    ("reads-what-it-says-it-reads", "drops rows and counts none", reads(without_empty, Yelp)),
    ("reads-what-it-says-it-reads", "the first rows alone", reads(distinct)),
    (
        "reads-what-it-says-it-reads",
        "labels as numbers",
        reads(lambda t, _, f: evolve(f, labels=f.labels.rank("dense"))),
    ),
    ("reads-row-for-row", "labels sorted", reads(lambda t, _, f: evolve(f, labels=f.labels.sort()))),
    (
        "reads-row-for-row",
        "texts shifted by one",
        reads(lambda t, _, f: evolve(f, texts=f.texts.shift(1, fill_value=""))),
    ),
    (
        "parts-are-the-whole",
        "refuses a part without a label",
        faulty(TextClassification, read=some_labels),
    ),
    (
        "parts-are-the-whole",
        "labels by their rank in the table",
        reads(lambda t, _, f: evolve(f, labels=f.labels.rank("dense").cast(pl.String))),
    ),
    (
        "parts-are-the-whole",
        "splits by the place in the table",
        reads(
            lambda t, _, f: evolve(f, splits=pl.Series([("train", "test")[at % 5 > 3] for at in range(len(f.texts))]))
        ),
    ),
    ("counts-rows-without-a-label", "takes the empty label for a class", reads(keeps_unlabelled)),
    ("counts-rows-without-a-label", "leaves them out in silence", reads(lambda t, _, f: evolve(f, dropped={}))),
    ("reads-only-its-own-columns", "takes every column", reads(all_columns)),
    (
        "samples-the-same-again",
        "random of its own",
        sampled(lambda rows, seed: make_reviews(rows, secrets.randbelow(10**6))),
    ),
    ("samples-the-same-again", "one sample for every seed", sampled(lambda rows, seed: make_reviews(rows, 0))),
    ("samples-the-same-again", "always sixty rows", sampled(lambda rows, seed: make_reviews(60, seed))),
    (
        "tells-of-a-missing-column",
        "an error of another kind",
        faulty(TextClassification, read=lambda self, table: Examples(table.frame[self.text], table.frame[self.label])),
    ),
]
