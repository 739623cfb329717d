"""Labels that are dropped, and rare classes that are dropped or merged, as the settings of `LabeledTask` say.

Of a label set, a dropped label is removed, and the row is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import evolve

from zoo_core.components.contracts import Task
from zoo_core.components.examples import Examples
from zoo_core.components.labeled_task import LabeledTask
from zoo_core.components.table import Table
from zoo_core.data.label_sets.labels import (
    are_label_sets,
    class_names,
    count_classes,
    have_any,
    rename_labels,
    without_labels,
)
from zoo_core.data.targets import class_sort_key
from zoo_core.messages import join_names, pluralize, quote_name

NO_RARE_CLASSES: Mapping[str, Any] = {"min_rows": 0, "merged_into": "", "rows": {}}  # as `describe_rare` gives them


def read_kept_rows(task: Task, table: Table, read: Callable[[Table], Examples]) -> Examples:
    """Read a table, or a part of it, without the rows whose label is dropped; they are counted by label.

    `read` is `task.read`, or that with checks.
    """
    names = task.labels_to_drop() if isinstance(task, LabeledTask) else ()
    if task.targets == "multi-label":
        examples = read(table)
        return evolve(examples, labels=without_labels(examples.labels, names)) if names else examples
    column = table.find_column(task.label_column(table)) if names else ""
    if not column:
        return _drop_labels(read(table), names)
    labels = table.frame[column].str.strip_chars()
    kept = labels.is_in(names).not_().arg_true()
    dropped = {_reason(name): int((labels == name).sum()) for name in names}
    has_all = len(kept) == table.frame.height
    examples = read(table if has_all else table.select_rows(kept))
    numbers = examples.row_numbers
    if not has_all and numbers is not None:
        numbers = kept.gather(numbers)
    elif not has_all and len(examples.labels) == len(kept):
        numbers = kept
    examples = evolve(examples, dropped={**dropped, **examples.dropped}, row_numbers=numbers)
    return _drop_labels(examples, names)


def settle_rare_classes(task: Task, examples: Examples, stored: Mapping[str, Any] | None = None) -> Examples:
    """Drop or merge the rows of rare classes, or the labels of label sets; `examples` are all of the data.

    With `stored`, the rare classes are those of a run, as `describe_rare` stores them. `row_numbers` of what was
    dropped are relative to the given examples if those have none.
    """
    if stored is not None:
        names, merged_into, min_rows = list(stored["rows"]), stored["merged_into"], stored.get("min_rows", 0)
    elif isinstance(task, LabeledTask) and task.min_rows:
        min_rows, merged_into = task.min_rows, rare_class_name(task)
        names = rare_classes(examples.labels, examples.splits, min_rows)
    else:
        return examples
    counts = count_classes(examples.labels)
    rare = {name: counts[name] for name in names if name in counts}
    examples = evolve(examples, rare=rare)
    if merged_into:
        return evolve(examples, labels=rename_labels(examples.labels, dict.fromkeys(names, merged_into)))
    if are_label_sets(examples.labels):
        return evolve(examples, labels=without_labels(examples.labels, names))
    is_rare = have_any(examples.labels, names)
    return examples.drop(is_rare, f"class with fewer than {pluralize(min_rows, 'row')} ({join_names(rare)})")


def rare_classes(labels: pl.Series, splits: pl.Series | None, min_rows: int) -> list[str]:
    """The classes with fewer rows than `min_rows`, sorted: in the training split, or in all rows without one.

    Rows without a label are not counted.
    """
    training = labels if splits is None or not (splits == "train").any() else labels.filter(splits == "train")
    counts = count_classes(training)
    names = [name for name in class_names(labels) if name and counts.get(name, 0) < min_rows]
    return sorted(names, key=class_sort_key(names))


def rare_class_name(task: LabeledTask) -> str:
    """The class that rare classes are merged in; "" if they are dropped."""
    return task.rare_name if task.rare == "merge" else ""


def describe_rare(task: Task, examples: Examples) -> dict[str, Any]:
    """The rare classes with the number of their rows, and what became of them, as a run stores them."""
    if not isinstance(task, LabeledTask):
        return dict(NO_RARE_CLASSES)
    return {"min_rows": task.min_rows, "merged_into": rare_class_name(task), "rows": dict(examples.rare)}


def _drop_labels(examples: Examples, names: Sequence[str]) -> Examples:
    """The examples without the labels that a task names so, each counted."""
    for name in names:
        examples = examples.drop(examples.labels == name, _reason(name))
    return examples


def _reason(label: str) -> str:
    return f"label {quote_name(label)}"
