"""What tasks do with the inputs of their kind."""

from __future__ import annotations

import polars as pl

from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.tasks.tables import UNUSUAL, make_task_table, variants_of

EXERCISED = ("the table", "repeated rows", "a column of splits", "unusual texts")


@register_exercise("task")
def exercise_task(subject: Subject) -> list[object]:
    """Return what is read from a table and its variants, the texts to predict, and normalized texts."""
    small = make_task_table(subject)
    results: list[object] = [small.task.normalize(pl.Series("text", UNUSUAL, dtype=pl.String))]
    for one in (variant for name, variant in variants_of(small) if name in EXERCISED):
        examples = one.read()
        results += [examples.texts, examples.labels, examples.splits, examples.probabilities, examples.dropped]
        results.append(one.texts())
    return results
