"""Checks of the labels of a file: missing, dropped, unusable, similar, rare and unseen ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

import polars as pl

from zoo_core.components.contracts import Task
from zoo_core.components.labeled_task import LabeledTask
from zoo_core.data.audit.commands import CheckedFiles
from zoo_core.data.audit.masks import MAX_EXAMPLES, row_finding
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.columns import NO_LABEL
from zoo_core.data.findings import Finding
from zoo_core.data.label_rules import rare_class_name
from zoo_core.data.label_sets.cells import labels_of_sets
from zoo_core.data.label_spellings import escape_label, fold_label, group_spellings
from zoo_core.data.task_detection import TaskColumns
from zoo_core.messages import join_names, quote_name, suggest_command

MAX_UNUSABLE_SHARE = 0.25  # of the rows: a more frequent label is probably a class
UNUSABLE_LABELS = (  # as `fold_label` writes them
    "n/a|na|#n/a|n.a.|<na>|nan|nil|null|none|-|--|.|?|??|???|missing|undefined|unknown|unlabeled|unlabelled|"
    "not available|not applicable|not labeled|tbd|todo"
)


def check_labels(columns: TaskColumns, files: CheckedFiles) -> Iterator[Finding]:
    """The findings about labels, without those that need the splits."""
    yield from row_finding("no-label", "rows have no label and are dropped in training", columns.labels == "")
    yield from _check_dropped(columns)
    classes = columns.classes
    present = classes.filter(classes != "")
    if present.n_unique() < 2:
        message = "all labels are the same" if len(present) else "no row has a label"
        yield make_finding("one-class", message, len(present))
    yield from _check_label_sets(present, files)
    yield from _check_unusable(columns)
    yield from _check_spellings(classes, present)
    alone = (classes != "") & classes.is_unique()
    changes = f"{set_option('min_rows=2')} drops these classes, {set_option('rare=merge')} beside it merges them"
    hint = f"add rows; {changes}" if isinstance(columns.task, LabeledTask) else ""
    yield from row_finding("one-row-class", "classes have only one row", alone, hint=hint)


def check_unseen_labels(columns: TaskColumns, splits: pl.Series) -> Iterator[Finding]:
    """Labels that the training split lacks; nothing if the file has no rows to train on."""
    classes = columns.classes
    train = (splits == "train") & (classes != "")
    train_labels = classes.filter(train).unique()
    unseen = (classes != "") & ~classes.is_in(train_labels.implode())
    if len(train_labels) == 1 and unseen.any():
        yield make_finding("one-class", "all labels in train are the same", int(train.sum()))
    if len(train_labels):
        change = f"add rows to train, or drop these classes with {set_option('min_rows=1')}"
        hint = change if isinstance(columns.task, LabeledTask) else ""
        message = "rows in val and test have a label that train does not have"
        yield from row_finding("unseen-label", message, unseen, hint=hint)


def _check_dropped(columns: TaskColumns) -> Iterator[Finding]:
    """Rows that the task's settings drop or merge."""
    reasons = join_names(reason for reason, count in columns.dropped.items() if count and reason != NO_LABEL)
    is_dropped = (columns.classes == "") & (columns.labels != "")
    yield from row_finding("dropped-label", f"rows are dropped: {reasons}", is_dropped)
    name = rare_class_name(columns.task) if isinstance(columns.task, LabeledTask) else ""
    if name and columns.rare:
        message = f"rows of rare classes are merged into {quote_name(name)}: {join_names(columns.rare)}"
        yield make_finding("merged-class", message, sum(columns.rare.values()))


def _check_label_sets(present: pl.Series, files: CheckedFiles) -> Iterator[Finding]:
    """Classes that are combinations of labels, as of a file with several labels for a text."""
    classes = present.unique().sort().to_list()
    labels = labels_of_sets(classes)
    if labels:
        shown = join_names(map(quote_name, labels), MAX_EXAMPLES)
        message = f"the {len(classes)} classes look like sets of {len(labels)} labels: {shown}"
        yield make_finding("sets-of-labels", message, len(classes), hint=files.train_label_sets())


def _check_unusable(columns: TaskColumns) -> Iterator[Finding]:
    """Labels that stand for a missing one, such as "N/A"."""
    classes = columns.classes
    for names, hint in find_unusable(columns.task, dict(classes.value_counts().iter_rows()), len(classes)):
        message = f"rows have a label that is probably none: {join_names(map(quote_name, names))}"
        yield from row_finding("unusable-label", message, classes.is_in(names), hint=hint)


def find_unusable(task: Task, counts: Mapping[str, int], rows: int) -> Iterator[tuple[list[str], str]]:
    """The labels that stand for a missing one, if there are, and what drops them; `counts` are the rows of each."""
    unusable = UNUSABLE_LABELS.split("|")
    most = MAX_UNUSABLE_SHARE * rows
    names = sorted(name for name, count in counts.items() if fold_label(name) in unusable and count <= most)
    if not names or len(counts) - len(names) < 2:
        return
    hint = ""
    if isinstance(task, LabeledTask):
        known = [*task.labels_to_drop(), *names]
        hint = f"drop them with {set_option(f'drop_labels={json.dumps(known, ensure_ascii=False)}')}"
    yield names, hint


def _check_spellings(classes: pl.Series, present: pl.Series) -> Iterator[Finding]:
    """Labels that look alike."""
    counts: dict[str, int] = dict(present.value_counts().iter_rows())
    yield from find_similar(counts, lambda label: int(classes.index_of(label) or 0) + 1)


def find_similar(counts: Mapping[str, int], first_row: Callable[[str], int]) -> Iterator[Finding]:
    """Labels that look alike, of the rows of each; examples are the first rows of all spellings but the most frequent.

    `first_row` gives the number (from 1) of the first row of a label."""
    groups = group_spellings(sorted(counts, key=lambda label: (-counts[label], label)))
    if not groups:
        return
    others = [(label, group[0]) for group in groups for label in group[1:]][:MAX_EXAMPLES]
    shown = "; ".join(join_names([f'"{escape_label(label)}"' for label in group]) for group in groups[:MAX_EXAMPLES])
    message = f"rows have a label that another label looks like: {shown}{'; …' if len(groups) > MAX_EXAMPLES else ''}"
    count = sum(counts[label] for group in groups for label in group[1:])
    rows, firsts = ([first_row(pair[at]) for pair in others] for at in (0, 1))
    yield make_finding("similar-labels", message, count, rows, firsts)


def set_option(assignment: str) -> str:
    """The option that sets a setting of the task."""
    return suggest_command("--set", f"task.{assignment}")
