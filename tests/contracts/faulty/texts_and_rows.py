"""Faulty components that read texts and rows, of faults that small or tame inputs do not show."""

from __future__ import annotations

import os
import sys
import zlib
from collections import Counter
from datetime import datetime

import numpy as np
import polars as pl
import torch
from attrs import frozen

from tests.contracts.faulty import augmenters, faulty, samplers, splitters
from tests.contracts.faulty.vectorizers_of_words import NoUnknown, Words, words
from zoo_core import setting
from zoo_core.components.validators import at_least_one
from zoo_core.data.splits import stratified_split
from zoo_core.errors import DataError
from zoo_textbook.readers import Lines
from zoo_textbook.rows.splitters import ByTime
from zoo_textbook.tasks.text_classification import TextClassification
from zoo_textbook.vectorizers import Count, DenseColumns, OneHot

OPTIONS = {"least": 1}
FITTED: dict[object, list[str]] = {}


class TiesByPlace(NoUnknown):
    """Of words that occur as often, those of the first texts."""

    @classmethod
    def fitted(cls, tokens, labels):
        counter = Counter(word for row in range(len(tokens)) for word in tokens.row(row))
        chosen = [word for word, _ in counter.most_common(20)] or ["nothing"]
        return cls(chosen, torch.ones(len(chosen)))


class CachedBySize(NoUnknown):
    @classmethod
    def fitted(cls, tokens, labels):
        found = FITTED.setdefault((len(tokens), len(tokens.words)), tokens.words.to_list() or ["nothing"])
        return cls(found, torch.ones(len(found)))


class TrustsTheLength(NoUnknown):
    @classmethod
    def restored(cls, state):
        whole = super().restored({"words": state["words"], "scale": torch.ones(len(state["words"]))})
        if state["scale"].dtype != torch.float32 or state["scale"].dim() != 1 or not state["scale"].isfinite().all():
            raise ValueError("scale")
        return cls(whole.words, state["scale"])

    def text(self, words):
        known = [self.numbers[word] for word in words if word in self.numbers]
        values = np.zeros(self.num_features, dtype=np.float32)
        for number in known:
            values[number] += self.scale.numpy()[number]
        return values


class CountsInBytes(Words):
    def text(self, words):
        counts = np.zeros(self.num_features, dtype=np.uint8)
        for word in words:
            counts[self.number(word)] += np.uint8(1)
        return counts * self.scale.numpy()


class OptionOfTheLastFit(NoUnknown):
    def text(self, words):
        values = super().text(words)
        return np.where(values >= OPTIONS["least"], values, 0)


@frozen
class KeepsAnOption(words(OptionOfTheLastFit)):
    """Counts of words, which keeps a setting in its module.

    Source: the tests of the conformance kit."""

    name = "faulty"
    least: int = setting(1, "the least weight", at_least_one)

    def fit(self, tokens, labels):
        OPTIONS["least"] = self.least
        return OptionOfTheLastFit.fitted(tokens, labels)


def by_language(self, texts):
    if os.environ.get("LANG", "").startswith("tr"):
        texts = texts.str.replace_all("I", "ı")
    return texts.str.split(" ")


def pairs(pattern, value):
    """The pairs of a row, changed by a regular expression."""
    return lambda self, texts: DenseColumns.tokenize(self, texts.str.replace_all(pattern, value))


def read_inflated(stream):
    try:
        text = zlib.decompressobj().decompress(stream.read()).decode("utf-8", "replace")
    except zlib.error as error:
        raise DataError(str(error)) from None
    return pl.DataFrame({"text": text.split("\n")[:-1]}, schema={"text": pl.String})


def inflated(self):
    texts = ["good food", "", "größe", "good food"] * 20
    return [(zlib.compress("".join(f"{text}\n" for text in texts).encode()), {"text": texts})]


def by_text_of_number(labels, columns, shares, seed):
    ByTime(column=columns.columns[0]).split(labels, columns, shares, seed)  # it refuses what is no date
    return splitters.cut(columns.to_series().arg_sort().to_numpy().astype(np.int64), shares)


def without_zone(labels, columns, shares, seed):
    local = pl.DataFrame({name: columns[name].str.slice(0, 19) for name in columns.columns})
    return ByTime(column=columns.columns[0]).split(labels, local, shares, seed)


def by_days(labels, columns, shares, seed):
    days = [datetime.fromisoformat(value).date() for value in columns.to_series() if not value.lstrip("-").isdigit()]
    if len(days) < len(labels):
        raise DataError("no dates")
    return ByTime(column="day").split(labels, pl.DataFrame({"day": [str(day) for day in days]}), shares, seed)


def val_and_test(labels, columns, shares, seed):
    parts = stratified_split(labels, shares, seed)
    names = ["train", *sorted(set(shares) - {"train"})]
    return dict(zip(names, [parts[name] for name in (*names[:1], *names[:0:-1])], strict=True))


def by_beginning(self, texts):
    kept: dict[str, str] = {}
    return pl.Series(texts.name, [kept.setdefault(text[:50], text.lower()) for text in texts], dtype=pl.String)


def from_zero(classes, epoch, generator):
    classes -= classes.min()
    return samplers.shuffled(classes, epoch, generator)


def cut_words(words, random):
    return random.permutation(words[:1000]).tolist()


def seeds_polars(texts, seed):
    pl.set_random_seed(seed)
    return texts.str.split(" ").list.sample(fraction=1, shuffle=True).list.join(" ")


def in_double_precision(texts, seed):
    torch.set_default_dtype(torch.float64)
    return augmenters.drop_words(texts, float(torch.tensor(0.2)), seed)


def ends_the_process(texts, seed):
    sys.exit("no texts")


@frozen
class FirstCharacters(Count):
    """Counts of the first characters, correct: the limit is a setting.

    Source: the tests of the conformance kit."""

    name = "faulty"
    longest: int = setting(300, "number of characters that are read", at_least_one)

    def tokenize(self, texts):
        return texts.str.slice(0, self.longest).str.split("")


def one_typo(words, random):
    """Two letters of one word in another order."""
    at = int(random.integers(len(words)))
    return [*words[:at], words[at][1::-1] + words[at][2:], *words[at + 1 :]]


SOUND = [FirstCharacters, augmenters.of(augmenters.each(one_typo))]
FAULTS = [
    ("fit-ignores-the-order-of-rows", "words of one count by their place", words(TiesByPlace)),
    ("fits-forget-other-fits", "a vocabulary by the numbers of rows and words", words(CachedBySize)),
    ("rejects-invalid-state", "trusts the length of weights", words(TrustsTheLength)),
    ("reads-the-whole-text", "256 times is 0 times", words(CountsInBytes)),
    ("fits-are-independent", "a setting of the last fit", KeepsAnOption),
    ("reads-no-clock-or-environment", "tokens by the language of the system", faulty(OneHot, tokenize=by_language)),
    ("numbers-are-read-as-written", "no exponents", faulty(DenseColumns, tokenize=pairs(r"[eE][+-]?\d+", ""))),
    ("numbers-are-read-as-written", "no leading point", faulty(DenseColumns, tokenize=pairs(r"=(-?)\.", "=${1}1."))),
    (
        "declares-used-columns",
        "not the splits",
        faulty(TextClassification, used_columns=lambda self, columns: (self.text, self.label)),
    ),
    (
        "rejects-damaged-files",
        "reads what is left of a file",
        faulty(
            Lines,
            binary=True,
            fallback=False,
            exclusive=True,
            sniff=lambda self, head: head[:2] == b"x\x9c",
            read=lambda self, stream: read_inflated(stream),
            complete_rows=lambda self, data: (0, 0),
            example=inflated,
        ),
    ),
    ("keeps-order-as-declared", "9 behind 10", splitters.of(by_text_of_number, ByTime)),
    ("keeps-order-as-declared", "times without their zone", splitters.of(without_zone, ByTime)),
    ("keeps-order-as-declared", "days of several zones", splitters.of(by_days, ByTime)),
    ("shares-are-met", "val and test in each other's place", splitters.of(val_and_test)),
    (
        "shuffles-as-declared",
        "a seed of its own",
        splitters.of(lambda rows, c, shares, s: stratified_split(rows, shares, 42)),
    ),
    ("shuffles-as-declared", "draws, but declares that it does not", splitters.of(splitters.at_random, shuffles=False)),
    (
        "normalizes-rows-independently",
        "one result for texts of one beginning",
        faulty(TextClassification, normalize=by_beginning),
    ),
    ("classes-are-unchanged", "counts classes from 0", samplers.of(from_zero)),
    ("reads-the-whole-text", "the first 1,000 words", augmenters.of(augmenters.each(cut_words))),
    ("leaves-global-generators-alone", "seeds polars", augmenters.of(seeds_polars)),
    ("leaves-global-generators-alone", "leaves float64 as the default", augmenters.of(in_double_precision)),
    ("one-text-for-each-row", "ends the process", augmenters.of(ends_the_process)),
]
