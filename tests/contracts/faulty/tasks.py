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
    """A task whose examples are `call(self, table, correct examples)`."""
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
    (
        "declares-used-columns",
        "forgets the column of labels",
        faulty(TextClassification, used_columns=lambda task, _columns: (task.text,)),
    ),
    ("normalizes-rows-independently", "drops empty texts", plain(lambda texts: texts.filter(texts != ""))),
    (
        "normalizes-rows-independently",
        "depends on the other texts",
        plain(lambda texts: texts.replace(texts.mode()[0], "usual")),
    ),
    ("normalizes-rows-independently", "drops duplicates", plain(lambda texts: texts.unique(maintain_order=True))),
    ("normalizes-rows-independently", "NA becomes null", plain(lambda texts: texts.replace({"NA": None}))),
    ("reads-every-row", "drops rows without counting them", reads(without_empty, Yelp)),
    ("reads-every-row", "only the first rows", reads(distinct)),
    (
        "reads-every-row",
        "labels as numbers",
        reads(lambda t, _, f: evolve(f, labels=f.labels.rank("dense"))),
    ),
    ("row-order-does-not-matter", "labels sorted", reads(lambda t, _, f: evolve(f, labels=f.labels.sort()))),
    (
        "row-order-does-not-matter",
        "texts shifted by one",
        reads(lambda t, _, f: evolve(f, texts=f.texts.shift(1, fill_value=""))),
    ),
    (
        "chunks-equal-whole-table",
        "rejects a chunk without labels",
        faulty(TextClassification, read=some_labels),
    ),
    (
        "chunks-equal-whole-table",
        "labels by their rank in the table",
        reads(lambda t, _, f: evolve(f, labels=f.labels.rank("dense").cast(pl.String))),
    ),
    (
        "chunks-equal-whole-table",
        "splits by the position in the table",
        reads(
            lambda t, _, f: evolve(f, splits=pl.Series([("train", "test")[at % 5 > 3] for at in range(len(f.texts))]))
        ),
    ),
    ("reports-rows-without-label", "uses the empty label as a class", reads(keeps_unlabelled)),
    ("reports-rows-without-label", "drops them without counting them", reads(lambda t, _, f: evolve(f, dropped={}))),
    ("ignores-other-columns", "reads every column", reads(all_columns)),
    (
        "sample-is-reproducible",
        "random without the seed",
        sampled(lambda rows, seed: make_reviews(rows, secrets.randbelow(10**6))),
    ),
    ("sample-is-reproducible", "the same sample for every seed", sampled(lambda rows, seed: make_reviews(rows, 0))),
    ("sample-is-reproducible", "always 60 rows", sampled(lambda rows, seed: make_reviews(60, seed))),
    (
        "reports-missing-column",
        "an error of another class",
        faulty(TextClassification, read=lambda self, table: Examples(table.frame[self.text], table.frame[self.label])),
    ),
]
