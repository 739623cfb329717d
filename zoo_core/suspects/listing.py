"""The list of suspects: the rows ranked and counted, each with its place, its text and the rows most similar to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from attrs import frozen

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.files.line_numbers import line_numbers
from zoo_core.features.tokens import Tokens
from zoo_core.suspects.confident_learning import Ints, count_wrong, rank_rows
from zoo_core.suspects.neighbors import CodedTexts, nearest_texts
from zoo_core.suspects.out_of_fold import OutOfFold
from zoo_core.suspects.results import Neighbor, Suspect, Suspects

MAX_NEIGHBORS = 3
ONLY_TEXT = "the only text of its class"


@frozen(eq=False)
class Material:
    """The examples of a table that can be judged, with their normalized texts and tokens."""

    table: Table
    examples: Examples
    normalized: pl.Series
    tokens: Tokens
    show: Callable[[str], str] = lambda text: text  # a text as people read it
    are_texts: bool = True  # not numbers written as texts, which are similar in other ways

    @property
    def keys(self) -> pl.Series:
        """The same number for copies of a text `(rows,)`."""
        return self.normalized.hash()


def list_suspects(material: Material, scored: OutOfFold, limit: int | None) -> Suspects:
    """The first rows by suspicion: `limit` of them, or as many as there are likely wrong labels."""
    examples, classes = material.examples, scored.classes
    labels = scored.class_indices(examples.labels)
    judged = np.flatnonzero(~np.isnan(scored.probabilities[:, 0]))
    probabilities, own = scored.probabilities[judged], labels[judged]
    likelier = probabilities.argmax(axis=1)
    ranked = rank_rows(own, probabilities)
    count = min(count_wrong(own, probabilities), len(ranked))
    pairs = Counter((classes[own[at]], classes[likelier[at]]) for at in ranked[:count].tolist())
    listed = ranked[: count if limit is None else limit]
    rows = judged[listed]
    neighbors = _similar_rows(material, rows)
    numbers = _row_numbers(examples, np.unique([*rows, *(row for found in neighbors for row, _ in found)]))
    lines = line_numbers(material.table, list(numbers.values()))

    def place(row: int) -> tuple[int, int]:
        return numbers[row], lines.get(numbers[row], 0)

    def describe(at: int, row: int, found: Sequence[tuple[int, float]]) -> Suspect:
        number, line = place(row)
        similar = tuple(
            Neighbor(*place(other), examples.labels[other], material.show(examples.texts[other]), similarity)
            for other, similarity in found
        )
        label, best = own[at], likelier[at]
        values = float(probabilities[at, best]), float(probabilities[at, label])
        return Suspect(
            number, line, material.show(examples.texts[row]), classes[label], classes[best], *values, similar
        )

    left_out = len(labels) - len(judged)
    return Suspects(
        source=material.table.source,
        rows=tuple(map(describe, listed.tolist(), rows.tolist(), neighbors)),
        count=count,
        judged=len(judged),
        agreement=1 - len(ranked) / max(len(judged), 1),
        pairs=dict(pairs.most_common()),
        class_rows={classes[at]: rows for at, rows in enumerate(np.bincount(own).tolist()) if rows},
        unjudged={**examples.dropped, **({ONLY_TEXT: left_out} if left_out else {})},
    )


def _row_numbers(examples: Examples, rows: Ints) -> dict[int, int]:
    """The number in the table (from 1) of each of these examples."""
    numbers = rows if examples.row_numbers is None else examples.row_numbers.gather(rows).to_numpy().astype(np.int64)
    return {int(row): int(number) + 1 for row, number in zip(rows, numbers, strict=True)}


def _similar_rows(material: Material, rows: Ints) -> list[list[tuple[int, float]]]:
    """The most similar examples of each of these: copies first, of them those with other labels, then similar texts."""
    if not len(rows):
        return []
    keys = material.keys.to_numpy()
    order = np.argsort(keys, kind="stable")
    bounds = np.searchsorted(keys[order], keys[rows]), np.searchsorted(keys[order], keys[rows], side="right")
    labels = material.examples.labels
    coded = CodedTexts.of(material.tokens, material.normalized)
    asked = rows.tolist()
    nearest = nearest_texts(coded, asked, MAX_NEIGHBORS, keys) if material.are_texts else ([] for _ in asked)
    found = []
    for row, start, stop, similar in zip(asked, *bounds, nearest, strict=True):
        copies = [other for other in order[start:stop].tolist() if other != row]
        copies.sort(key=lambda other: labels[other] == labels[row])
        found.append([*((other, 1.0) for other in copies), *similar][:MAX_NEIGHBORS])
    return found
