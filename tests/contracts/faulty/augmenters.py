"""Faulty augmenters."""

from __future__ import annotations

import numpy as np
import polars as pl

from tests.contracts.faulty import faulty
from zoo_textbook.rows.augmenters import NoAugmentation, WordDropout, WordSwap
from zoo_textbook.rows.word_changes import drop_words, swap_words

GENERATOR = np.random.default_rng(1)


def of(rule, base=WordDropout, **members):
    """An augmenter of `rule(texts, seed)`."""

    def augment(self, texts, *, seed):
        return rule(texts, seed)

    return faulty(base, augment=augment, **members)


def each(change):
    """A rule that changes each list of words by itself."""

    def rule(texts, seed):
        random = np.random.default_rng(seed)
        changed = [" ".join(change(text.split(" "), random)) for text in texts.to_list()]
        return pl.Series(texts.name, changed, dtype=pl.String)

    return rule


def drop_each(words, random):
    """Independent draws for all words: none may be left."""
    return [word for word in words if random.random() > 0.3]


def keep_one(words, random):
    return drop_each(words, random) or words[:1]


def shuffle(words, random):
    return random.permutation(words).tolist()


def typos(words, random):
    """A letter doubled in some words, as of a slip of the finger."""
    return [word + word[-1:] if random.random() < 0.2 else word for word in words]


def without_empty(texts, seed):
    return drop_words(texts.filter(texts != ""), 0.2, seed).alias(texts.name)


def doubled(texts, seed):
    return pl.concat([texts, drop_words(texts, 0.2, seed)])


def shuffled_rows(texts, seed):
    return drop_words(texts, 0.2, seed).shuffle(seed=seed)


def by_length(texts, seed):
    return drop_words(texts, 0.2, seed).sort(descending=False)


def next_row(texts, seed):
    return texts.shift(-1).fill_null("") if len(texts) < 2 else pl.concat([texts[1:], texts[:1]])


def in_bytes(texts, seed):
    """Cuts the last byte off, which breaks a character of several bytes."""
    return pl.Series(
        texts.name, [text.encode()[:-1].decode(errors="ignore") for text in texts.to_list()], dtype=pl.String
    )


SOUND = [
    of(each(keep_one)),
    of(each(shuffle)),
    of(each(typos)),
    of(each(drop_each), may_empty_texts=True),
    faulty(WordSwap),
]
FAULTS = [
    ("one-text-for-each-row", "leaves out empty texts", of(without_empty)),
    ("one-text-for-each-row", "adds copies", of(doubled)),
    ("one-text-for-each-row", "gives lists of words", of(lambda texts, seed: texts.str.split(" "))),
    ("one-text-for-each-row", "gives a list", of(lambda texts, seed: texts.to_list())),
    ("one-text-for-each-row", "gives null for an empty text", of(lambda texts, seed: texts.set(texts == "", None))),
    ("no-text-is-emptied", "draws each word by itself", of(each(drop_each))),
    ("no-text-is-emptied", "keeps all but the last word", of(each(lambda words, random: words[:-1]))),
    ("no-text-is-emptied", "cuts bytes", of(in_bytes)),
    ("rows-stay-in-place", "shuffles the rows", of(shuffled_rows)),
    ("rows-stay-in-place", "takes the next row", of(next_row)),
    ("rows-stay-in-place", "sorts the texts", of(by_length)),
    (
        "texts-follow-from-the-seed",
        "keeps a generator",
        of(lambda texts, seed: drop_words(texts, 0.2, int(GENERATOR.integers(1 << 30)))),
    ),
    (
        "texts-follow-from-the-seed",
        "draws without a seed",
        of(lambda texts, seed: swap_words(texts, 0.4, np.random.default_rng().integers(1 << 30))),
    ),
    (
        "changes-texts-as-declared",
        "has the same texts in all epochs",
        of(lambda texts, seed: drop_words(texts, 0.2, 1)),
    ),
    ("changes-texts-as-declared", "changes nothing", of(lambda texts, seed: texts)),
    (
        "changes-texts-as-declared",
        "declares that it changes nothing",
        of(lambda texts, seed: drop_words(texts, 0.2, seed), NoAugmentation),
    ),
]
