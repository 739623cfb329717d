"""Real texts with classes, from the folder of texts that a user names; a text is never there twice."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from functools import cache
from pathlib import Path

Pair = tuple[str, str]


@cache
def read_pairs(data: Path, name: str, text: str, label: str) -> list[Pair]:
    """Return the texts and labels of a CSV file, the first of each text."""
    with (data / name).open(newline="", encoding="utf-8") as stream:
        return unique((row[text], row[label]) for row in csv.DictReader(stream))


def unique(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs with a text and a label, the first of each text."""
    seen: dict[str, Pair] = {}
    for text, label in pairs:
        if text.strip() and label:
            seen.setdefault(" ".join(text.casefold().split()), (text, label))
    return list(seen.values())


def news(data: Path, rng: random.Random) -> list[Pair]:
    """News by topic, 4 classes."""
    names = ("agnews/train_pool_description_only.csv", "agnews/test_description_only.csv")
    return unique(pair for name in names for pair in read_pairs(data, name, "text", "label"))


def news_source(data: Path, rng: random.Random) -> list[Pair]:
    """News by the file that they came from, 3 classes."""
    return read_pairs(data, "agnews/train_pool_description_only.csv", "text", "source")


def polarity(data: Path, rng: random.Random) -> list[Pair]:
    """Long reviews, negative or positive."""
    return read_pairs(data, "yelp_reviews/polarity_balanced_with_splits.csv", "review", "rating")


def stars(data: Path, rng: random.Random) -> list[Pair]:
    """Long reviews by stars, 5 uneven classes."""
    return read_pairs(data, "yelp_reviews/reviews_5star.csv", "review", "stars")


def categories(data: Path, rng: random.Random) -> list[Pair]:
    """Long reviews by the kind of business, 10 very uneven classes."""
    return read_pairs(data, "yelp_reviews/reviews_5star.csv", "review", "category")


def shops(data: Path, rng: random.Random) -> list[Pair]:
    """Reviews of businesses other than restaurants and bars."""
    return [pair for pair in categories(data, rng) if pair[1] not in ("Restaurants", "Bars")]


def review_source(data: Path, rng: random.Random) -> list[Pair]:
    """Reviews by the collection that they came from."""
    pairs = read_pairs(data, "yelp_reviews/reviews_5star.csv", "review", "source")
    return [(text, label.split("_")[0]) for text, label in pairs]


def sentences(data: Path, rng: random.Random) -> list[Pair]:
    """Short sentences of reviews, negative or positive."""
    return read_pairs(data, "yelp_sentences/sentences_with_splits.csv", "text", "label")


def read_tabs(data: Path, by_file: bool) -> list[Pair]:
    """The sentences of three files, by sentiment or by file."""
    pairs = []
    for name in ("amazon_cells", "imdb", "yelp"):
        for line in next((data / "uci_sentiment").glob(f"{name}_*.txt")).read_text(encoding="utf-8").split("\n"):
            text, tab, label = line.rpartition("\t")
            if tab:
                pairs.append((text.strip(), name if by_file else label.strip()))
    return unique(pairs)


def opinions(data: Path, rng: random.Random) -> list[Pair]:
    """Sentences about products, films and restaurants, negative or positive."""
    return read_tabs(data, by_file=False)


def origin(data: Path, rng: random.Random) -> list[Pair]:
    """The same sentences by what they are about, 3 classes."""
    return read_tabs(data, by_file=True)


def surnames(data: Path, rng: random.Random) -> list[Pair]:
    """Surnames by nationality, 18 very uneven classes."""
    return read_pairs(data, "surnames/surnames_with_splits.csv", "surname", "nationality")


def two_surnames(data: Path, rng: random.Random) -> list[Pair]:
    """English or German surnames."""
    return [pair for pair in surnames(data, rng) if pair[1] in ("English", "German")]
