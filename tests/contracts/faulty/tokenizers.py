"""Faulty tokenizers."""

from __future__ import annotations

import polars as pl
from attrs import frozen

from tests.contracts.faulty import faulty
from zoo_textbook.tokenizers import Spaces
from zoo_tokenizers.tokenizers import Characters

STRINGS = pl.List(pl.String)


def splitting(split, base=Spaces):
    """A tokenizer whose `tokenize` is this function of texts."""
    return faulty(base, tokenize=lambda self, texts: split(texts))


def listed(split):
    """A tokenizer whose tokens of a text are a function of it in Python."""
    return splitting(lambda texts: pl.Series([split(text) for text in texts], dtype=STRINGS))


@frozen
class Halves:
    """Each word in two halves; words of fewer than `shortest` characters stay whole."""

    shortest: int

    def split(self, words):
        return pl.Series([self.halves(word) for word in words], dtype=STRINGS)

    def halves(self, word):
        middle = len(word) // 2
        return [word] if len(word) < self.shortest else [word[:middle], word[middle:]]

    def state(self):
        return {"shortest": self.shortest}


def fit(self, tokens):
    return Halves(max(2, min(map(len, tokens.words), default=2)))


def restore(self, state):
    if not isinstance(state["shortest"], int):
        raise ValueError("shortest must be a number")
    return Halves(state["shortest"])


def learning(base=Halves, **members):
    """A tokenizer that learns, with some of its members changed."""
    return faulty(Spaces, **{"fit": fit, "restore": restore} | members)


def fitted(**members):
    """A tokenizer whose fitted form has some of its members changed."""
    cls = type("Changed", (Halves,), members)
    return learning(
        fit=lambda self, tokens: cls(fit(self, tokens).shortest),
        restore=lambda self, state: cls(restore(self, state).shortest),
    )


def numbered(texts):
    """Tokens that tell where a text is in its chunk."""
    return pl.Series([[f"{row}{word}" for word in text.split(" ")] for row, text in enumerate(texts)], dtype=STRINGS)


seen: list[str] = []


def remembers(texts):
    seen.extend(texts)
    return pl.Series([[*text.split(" "), str(len(seen))] for text in texts], dtype=STRINGS)


def write_first(texts):
    tokens = texts.str.split(" ")
    if len(texts):
        texts.scatter(0, "other")
    return tokens


def without_empty(texts):
    return texts.filter(texts != "").str.split(" ")


def by_first_row(tokenizer, tokens):
    return Halves(len((tokens.row(0) or ["ab"])[0]))


def others_nearby(self, words):
    return pl.Series([[word, str(len(words[0]))] for word in words], dtype=STRINGS)


SOUND = [faulty(Spaces), faulty(Characters), learning()]
FAULTS = [
    (
        "one-list-for-each-text",
        "leaves out empty texts",
        splitting(without_empty),
    ),
    ("one-list-for-each-text", "strings", splitting(lambda texts: texts)),
    ("one-list-for-each-text", "null for an empty text", listed(lambda text: text.split(" ") if text else None)),
    ("each-text-by-itself", "the row of a chunk", splitting(numbered)),
    ("does-not-modify-texts", "writes into its texts", splitting(write_first)),
    ("repeatable-in-threads", "counts the texts so far", splitting(remembers)),
    ("tokens-come-from-the-text", "no token", listed(lambda text: [])),
    ("tokens-come-from-the-text", "always the same", listed(lambda text: ["x"])),
    ("splits-each-word-by-itself", "a word beside others", fitted(split=others_nearby)),
    ("splits-each-word-by-itself", "strings", fitted(split=lambda self, words: words)),
    ("learns-repeatably", "by the first text", learning(fit=by_first_row)),
    ("learns-repeatably", "nothing learned", learning(fit=lambda self, tokens: None)),
    ("learned-state-is-plain", "a tuple", fitted(state=lambda self: {"shortest": (self.shortest,)})),
    ("learned-state-round-trip", "nothing stored", fitted(state=lambda self: {})),
    ("learned-state-round-trip", "another one restored", learning(restore=lambda self, state: Halves(100))),
    (
        "invalid-states-are-rejected",
        "accepts an empty state",
        learning(restore=lambda self, state: restore(self, {"shortest": 2, **state})),
    ),
    ("invalid-states-are-rejected", "accepts anything", learning(restore=lambda self, state: Halves(2))),
]
