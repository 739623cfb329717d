"""What tasks do with the inputs of their kind."""

from __future__ import annotations

import polars as pl

from zoo_core.data.label_rules import read_kept_rows, settle_rare_classes
from zoo_core.errors import ZooError
from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.tasks.tables import UNUSUAL, TaskTable, as_table, inputs_of, make_task_table, variants_of

RARE_LABELS = ["a"] * 5 + ["b"] * 4 + ["one"] + ["two"] * 2
EXERCISED = ("the table", "repeated rows", "a column of splits", "unusual texts")


@register_exercise("task")
def exercise_task(subject: Subject) -> list[object]:
    """Return what is read from a table and its variants, the texts to predict, and normalized texts."""
    small = make_task_table(subject)
    results: list[object] = [small.task.normalize(inputs_of(subject, list(UNUSUAL)))]
    for one in (variant for name, variant in variants_of(small) if name in EXERCISED):
        examples = one.read()
        results += [examples.texts, examples.labels, examples.splits, examples.probabilities, examples.dropped]
        results.append(one.texts())
    results.append(_read_rare_labels(small))
    return results


def _read_rare_labels(small: TaskTable) -> object:
    """What is read of a table of common and rare labels, after the settings of labels were applied."""
    if not small.label:
        return None
    labels = pl.Series(small.label, RARE_LABELS)
    frame = small.frame.head(len(labels)).with_columns(labels.head(small.frame.height))
    try:
        examples = read_kept_rows(small.task, as_table(frame), small.task.read)
        examples = settle_rare_classes(small.task, examples)
    except ZooError as error:
        return str(error)
    return [examples.texts, examples.labels, examples.dropped, examples.rare]
