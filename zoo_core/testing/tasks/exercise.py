"""What tasks do with the inputs of their kind."""

from __future__ import annotations

import polars as pl

from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.tasks.behavior import make_task_table


@register_exercise("task")
def exercise_task(subject: Subject) -> list[pl.Series]:
    """Return the texts and labels that are read from a table, and its texts to predict."""
    small = make_task_table(subject)
    examples = small.read()
    return [examples.texts, examples.labels, small.task.texts(small.table)]
