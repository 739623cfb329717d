"""The small sets: drawn from real or generated texts per seed, and split."""

from __future__ import annotations

import random
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from benchmarks.small import real, transforms
from benchmarks.small.generators import GENERATORS
from benchmarks.small.real import Pair, unique

TEST_ROWS = 4000
Transform = Callable[[str, random.Random], str]


@attrs.frozen
class SmallSet:
    """A named set: how many rows, from which pairs, rewritten or not."""

    name: str
    rows: int
    pairs: Callable[[Path, random.Random], Sequence[Pair]] | str
    transform: Transform | None = None

    def draw(self, data: Path | None, seed: int) -> dict[str, list[Pair]]:
        """Return the rows of train (70 %), val (15 %) and test (15 %, up to `TEST_ROWS` if there are more)."""
        rng = random.Random(zlib.crc32(f"{self.name} {seed}".encode()))
        if isinstance(self.pairs, str):
            pairs = unique(GENERATORS[self.pairs](int((self.rows + TEST_ROWS) * 1.2), rng))
        elif data is None:
            raise ValueError(f"{self.name} is made from the folder of texts: give --data FOLDER")
        else:
            pairs = list(self.pairs(data, rng))
        rng.shuffle(pairs)
        pairs = pairs[: self.rows + TEST_ROWS]
        if self.transform:
            pairs = unique((self.transform(text, rng), label) for text, label in pairs)
        return split_by_class(pairs, self.rows)


def split_by_class(pairs: Sequence[Pair], rows: int) -> dict[str, list[Pair]]:
    """Split shuffled pairs with equal shares of the classes; a class with fewer than 10 rows is left out."""
    by_class: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_class[pair[1]].append(pair)
    total = len(pairs)
    splits: dict[str, list[Pair]] = {"train": [], "val": [], "test": []}
    for label in sorted(by_class):
        members = by_class[label]
        share = min(1.0, rows / total)
        train, val = round(0.7 * share * len(members)), max(2, round(0.15 * share * len(members)))
        if train < 4:
            continue
        splits["train"] += members[:train]
        splits["val"] += members[train : train + val]
        splits["test"] += members[train + val :]
    return splits


SETS: tuple[SmallSet, ...] = (
    SmallSet("news-1000", 1000, real.news),
    SmallSet("tickets-1430", 1430, "tickets"),
    SmallSet("questions-5900", 5900, "questions"),
    SmallSet("sentences-3000", 3000, real.sentences),
    SmallSet("opinions-3000", 3000, real.opinions),
    SmallSet("offers-5500", 5500, "offers"),
    SmallSet("topics-2000", 2000, "topics"),
    SmallSet("polarity-500", 500, real.polarity),
    SmallSet("surnames-8000", 8000, real.surnames),
    SmallSet("origin-3000", 3000, real.origin),
    SmallSet("news-300", 300, real.news),
    SmallSet("news-4000", 4000, real.news),
    SmallSet("news-han-3000", 3000, real.news, transforms.han),
    SmallSet("sentences-unspaced-3000", 3000, real.sentences, transforms.unspaced),
    SmallSet("news-inflected-2000", 2000, real.news, transforms.inflected),
    SmallSet("sentences-hangul-3000", 3000, real.sentences, transforms.hangul),
    SmallSet("news-half-spaced-2000", 2000, real.news, transforms.half_spaced),
    SmallSet("sentences-cyrillic-1000", 1000, real.sentences, transforms.cyrillic),
    SmallSet("opinions-1000", 1000, real.opinions),
    SmallSet("surnames-two-3000", 3000, real.two_surnames),
    SmallSet("logs-3000", 3000, "logs"),
    SmallSet("tickets-5000", 5000, "tickets"),
    SmallSet("news-source-3000", 3000, real.news_source),
    SmallSet("topics-8000", 8000, "topics"),
    SmallSet("questions-1200", 1200, "questions"),
    SmallSet("stars-2000", 2000, real.stars),
    SmallSet("shops-2500", 2500, real.shops),
    SmallSet("polarity-3000", 3000, real.polarity),
    SmallSet("review-source-2000", 2000, real.review_source),
    SmallSet("categories-4000", 4000, real.categories),
    SmallSet("stars-8000", 8000, real.stars),
)
