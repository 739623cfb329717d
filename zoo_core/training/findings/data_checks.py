"""Checks of what a training had to learn from: features, classes, words, and rows that two splits share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import torch

from zoo_core.components.labeled_task import LabeledTask
from zoo_core.components.normalization_style import find_style
from zoo_core.data.findings import Finding, Severity
from zoo_core.data.label_sets.cells import labels_of_sets
from zoo_core.data.label_spellings import escape_label, group_spellings
from zoo_core.messages import join_hints, join_names, pluralize, suggest_command
from zoo_core.recipes.compatibility import find_doubts
from zoo_core.training.findings.record import TrainingRecord

MAX_NAMES = 6  # of classes in a message
MAX_LABEL_CHARS = 40
FEW_FEATURES = 2
FEW_ROWS = 10  # of a class in the training split
ROWS_TO_SPLIT = 7  # of a class, from which train, val and test each get one
LARGE_SHARE = 0.05  # of the texts of a split
CUTOFFS = {"cutoff": 0, "min_df": 1, "max_df": 1.0}  # settings that leave out features, with values that leave none out


def check_features(record: TrainingRecord) -> Iterator[Finding]:
    """One or two features, which tell few texts apart; a table of numbers may have so few columns."""
    if record.features > FEW_FEATURES or record.plan.vectorizer.input_type != "text":
        return
    vectorizer = record.plan.vectorizer
    names = [name for name, value in CUTOFFS.items() if getattr(vectorizer, name, value) != value]
    changes = [suggest_command("--set", f"vectorizer.{name}={CUTOFFS[name]}") for name in names]
    count = pluralize(max(record.features, 0), "feature")
    hint = f"{' '.join(changes)} keeps rarer ones" if changes else "check the column of texts"
    yield Finding("few-features", f"the vectorizer found only {count} in the training split", hint=hint)


def check_rare_classes(record: TrainingRecord) -> Iterator[Finding]:
    """Classes with fewer than ten rows in the training split."""
    rows = record.class_rows["train"].tolist()
    rare = {record.head.classes[index]: count for index, count in enumerate(rows) if count < FEW_ROWS}
    if rare:
        names = join_names([f"{_shown(label)} ({count})" for label, count in rare.items()], MAX_NAMES)
        message = f"train has fewer than {FEW_ROWS} rows of {_classes(len(rare))} {names}"
        least = math.ceil(FEW_ROWS / record.plan.split.train)
        can_drop = isinstance(record.plan.task, LabeledTask) and len(rows) - len(rare) > 1
        drop = f"drop rare classes: {suggest_command('--set', f'task.min_rows={least}')}" if can_drop else ""
        yield Finding("rare-class", message, hint=join_hints("add rows", drop), count=len(rare))


def check_balance(record: TrainingRecord) -> Iterator[Finding]:
    """Classes that are raised twice, or whose raise a calibrator undoes."""
    for doubt in find_doubts(record.plan):
        yield Finding(doubt.code, doubt.message, hint=doubt.hint)


def check_missing_classes(record: TrainingRecord) -> Iterator[Finding]:
    """Classes without a row in a split that is evaluated: metrics say nothing about them."""
    totals = torch.stack(list(record.class_rows.values())).sum(dim=0).tolist()
    for split, counts in record.class_rows.items():
        missing = [_shown(record.head.classes[index]) for index, count in enumerate(counts.tolist()) if not count]
        if split != "train" and missing:
            message = f"{split} has no row of {_classes(len(missing))} {join_names(missing, MAX_NAMES)}"
            few = max(totals[index] for index, count in enumerate(counts.tolist()) if not count) < ROWS_TO_SPLIT
            hint = "add rows" if few else "add rows, or split the file anew by zoo data split"
            yield Finding("missing-class", message, hint=hint, count=len(missing))


def check_spellings(record: TrainingRecord) -> Iterator[Finding]:
    """Classes whose names look alike."""
    groups = group_spellings(record.head.classes)
    if groups:
        shown = "; ".join(join_names([f'"{escape_label(label)}"' for label in group]) for group in groups[:MAX_NAMES])
        hint = "give them one spelling in the file"
        yield Finding("similar-labels", f"classes have names that look alike: {shown}", hint=hint, count=len(groups))


def check_label_sets(record: TrainingRecord) -> Iterator[Finding]:
    """Classes that are combinations of labels, as of a file with several labels for a text."""
    classes = record.head.classes
    labels = labels_of_sets(classes) if record.plan.task.targets == "single-label" else []
    if labels:
        names = join_names(map(_shown, labels), MAX_NAMES)
        message = f"the {len(classes)} classes look like sets of {len(labels)} labels: {names}"
        hint = 'a recipe for several labels learns each by itself: see "zoo list recipe"'
        yield Finding("sets-of-labels", message, hint=hint, count=len(classes))


def check_leaks(record: TrainingRecord) -> Iterator[Finding]:
    """Texts of val and test that are in an earlier split, too: metrics of them are too good."""
    for split, count in record.report["leaked"].items():
        if count:
            rows = record.rows[split]
            message = f"{count} of {pluralize(rows, 'text')} in {split} also in an earlier split"
            severity: Severity = "warning" if count > LARGE_SHARE * rows else "note"
            yield Finding("in-several-splits", message, severity, hint=_data_check(record), count=count)


def check_unknown_texts(record: TrainingRecord) -> Iterator[Finding]:
    """Texts without a word that the vectorizer knows, which all get the same prediction."""
    shares = {split: (count, record.rows[split]) for split, count in record.unknown.items() if count}
    if shares:
        counts = join_names([f"{count} of {rows} in {split}" for split, (count, rows) in shares.items()])
        is_large = any(count > LARGE_SHARE * rows for count, rows in shares.values())
        message = f"texts without a word that the run knows: {counts}"
        style = find_style(record.plan.task)
        loses_words = style is not None and style.style != "unicode"
        unicode = suggest_command("--set", f"task.{style.setting}=unicode") if style and loses_words else ""
        hint = f"{unicode} keeps the words of every script" if unicode else ""
        count = sum(count for count, _ in shares.values())
        yield Finding("unknown-text", message, "warning" if is_large else "note", hint=hint, count=count)


def check_cut_texts(record: TrainingRecord) -> Iterator[Finding]:
    """Texts of which the vectorizer reads only a part."""
    counts = {split: cut for split, cut in record.cut.items() if cut.texts}
    if counts:
        shares = join_names(
            [
                f"{cut.texts:,} of {record.rows[split]:,} in {split} ({cut.lost_tokens / cut.tokens:.1%} of its tokens)"
                for split, cut in counts.items()
            ]
        )
        is_large = any(cut.lost_tokens > LARGE_SHARE * cut.tokens for cut in counts.values())
        count = sum(cut.texts for cut in counts.values())
        hint = f"the settings of {record.plan.vectorizer.name} say what is read of long texts"
        yield Finding(
            "cut-text", f"long texts are cut: {shares}", "warning" if is_large else "note", hint=hint, count=count
        )


def _data_check(record: TrainingRecord) -> str:
    """The command that lists the rows of the data that was read, if that is in files."""
    files = [Path(file) for file in record.report["files"]]
    command = suggest_command("zoo data check", *files) if files else ""
    return f"{command} lists them" if command else ""


def _classes(count: int) -> str:
    return "class" if count == 1 else "classes"


def _shown(label: str) -> str:
    return label[:MAX_LABEL_CHARS]
