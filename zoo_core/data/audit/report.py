"""Statistics of a file of labeled texts, and its problems: duplicates, leakage, unseen or contradictory labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from attrs import frozen

from zoo_core.components.table import Table
from zoo_core.data.audit.commands import CheckedFiles
from zoo_core.data.audit.field_checks import check_fields
from zoo_core.data.audit.label_checks import check_labels, check_unseen_labels
from zoo_core.data.audit.label_column_checks import check_label_columns
from zoo_core.data.audit.label_set_checks import (
    LabelSetStatistics,
    check_label_sets,
    describe_label_sets,
    set_keys,
)
from zoo_core.data.audit.masks import MAX_EXAMPLES, pair_finding, row_numbers
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.audit.size_checks import check_sizes
from zoo_core.data.audit.text_checks import check_texts
from zoo_core.data.duplicates import DuplicateGroups, find_duplicates
from zoo_core.data.findings import Finding, by_severity
from zoo_core.data.label_sets.labels import are_label_sets, count_classes
from zoo_core.data.splits import SPLIT_NAMES, parse_split_names
from zoo_core.data.targets import class_sort_key
from zoo_core.data.task_detection import TaskColumns
from zoo_core.features.fields import join_fields
from zoo_core.messages import pluralize
from zoo_core.parallel import map_chunks

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@frozen(eq=False)
class AuditReport:
    """Rows in total, by label and by split, quantiles of the lengths of texts, and the problems found, by severity.

    `label_sets` are statistics of rows with any number of labels; None if each has one.
    """

    rows: int
    columns: Sequence[str]
    labels: dict[str, int]
    splits: dict[str, int]
    lengths: dict[str, dict[str, float]]
    findings: Sequence[Finding]
    label_sets: LabelSetStatistics | None = None


def audit_table(
    table: Table,
    columns: TaskColumns,
    *,
    similarity: float = 0.8,
    seed: int = 0,
    has_bom: bool = False,
    files: CheckedFiles | None = None,
) -> AuditReport:
    """Audit a table. `similarity` is the least one of near duplicates; 1 looks for none.

    `has_bom` says that the file begins with a byte-order mark; `files` are those of the table, for commands in the
    advice. Raises DataError for an unknown split name.
    """
    files = files or CheckedFiles()
    texts, normalized = columns.texts, _normalize(columns)
    splits = None if columns.splits is None else parse_split_names(columns.splits, table.location)
    duplicates = find_duplicates(texts, normalized, similarity, seed)
    has_sets = are_label_sets(columns.classes)
    label_counts = count_classes(columns.classes)
    sort_key = class_sort_key([label for label in label_counts if label])
    findings = [
        *_check_file(table, has_bom),
        *check_texts(texts, normalized, files),
        *check_fields(columns.task, table, texts),
        *_check_targets(columns, table, splits, files),
        *_check_duplicates(duplicates),
        *_check_contradictions(columns.classes, duplicates, normalized, CheckedFiles() if has_sets else files),
        *([] if splits is None else _check_leakage(splits, duplicates)),
    ]
    return AuditReport(
        rows=len(texts),
        columns=table.frame.columns,
        labels={label: label_counts[label] for label in sorted(filter(None, label_counts), key=sort_key)},
        splits={} if splits is None else {name: int((splits == name).sum()) for name in SPLIT_NAMES},
        lengths={"characters": _quantiles(texts.str.len_chars()), "words": _quantiles(texts.str.count_matches(r"\S+"))},
        findings=by_severity(findings),
        label_sets=describe_label_sets(columns.classes) if has_sets else None,
    )


def _check_targets(
    columns: TaskColumns, table: Table, splits: pl.Series | None, files: CheckedFiles
) -> Iterator[Finding]:
    """The findings about labels and their numbers of rows, by the type of the targets."""
    if are_label_sets(columns.classes):
        yield from check_label_sets(columns, splits)
        return
    yield from check_labels(columns, files)
    yield from check_label_columns(columns, table, files)
    yield from check_sizes(columns, splits, files)
    yield from () if splits is None else check_unseen_labels(columns, splits)


def _normalize(columns: TaskColumns) -> pl.Series:
    """The texts as the task normalizes them, with one space between words: what a model sees of them."""

    def normalize(texts: pl.Series) -> pl.Series:
        normalized = columns.task.normalize(texts)
        words = join_fields(normalized) if columns.task.output_type == "fields" else normalized
        return words.str.replace_all(r"\s+", " ").str.strip_chars()

    return pl.concat(map_chunks(columns.texts, normalize))


def _quantiles(lengths: pl.Series) -> dict[str, float]:
    quantiles = {f"{100 * q:g}%": int(lengths.quantile(q, "nearest") or 0) for q in QUANTILES}
    return {**quantiles, "mean": round(float(lengths.mean() or 0), 2)}  # type: ignore[arg-type]


def _check_file(table: Table, has_bom: bool) -> Iterator[Finding]:
    if has_bom:
        yield make_finding("byte-order-mark", "the file begins with a byte-order mark, which is ignored")
    for name in table.frame.columns:
        if name != name.strip() or not name:
            yield make_finding("column-name", f'the column name "{name}" is empty or has blanks around it')


def _check_duplicates(duplicates: DuplicateGroups) -> Iterator[Finding]:
    """Rows that repeat an earlier one, each by the strictest kind of duplicate that it is."""
    rows = np.arange(len(duplicates.exact))
    exact, normalized = duplicates.exact != rows, duplicates.normalized != rows
    only_normalized, only_near = normalized & ~exact, (duplicates.near != rows) & ~normalized
    yield from pair_finding("duplicate", "texts are the same as an earlier one", exact, duplicates.exact)
    message = "texts are the same as an earlier one after normalization"
    yield from pair_finding("same-normalized", message, only_normalized, duplicates.normalized)
    yield from pair_finding("near-duplicate", "texts are nearly the same as another", only_near, duplicates.near_match)


def _check_contradictions(
    labels: pl.Series, duplicates: DuplicateGroups, normalized: pl.Series, files: CheckedFiles
) -> Iterator[Finding]:
    """Rows with the same normalized text but different labels, or sets of labels."""
    labels = set_keys(labels) if are_label_sets(labels) else labels
    frame = pl.DataFrame({"label": labels, "text": duplicates.normalized}).with_row_index("row")
    frame = frame.filter((labels != "") & (normalized != ""))
    conflicting = frame.filter(pl.col("label").n_unique().over("text") > 1)
    if not conflicting.height:
        return
    differing = conflicting.filter(pl.col("label") != pl.col("label").first().over("text"))
    first = conflicting.unique("text", keep="first", maintain_order=True)
    shown = differing.unique("text", keep="first", maintain_order=True).head(MAX_EXAMPLES)
    related = shown.join(first, on="text", maintain_order="left")["row_right"]
    message = f"rows share {pluralize(conflicting['text'].n_unique(), 'text')} under several labels"
    rows, others = row_numbers(shown["row"]), row_numbers(related)
    kept = conflicting.group_by("text", "label").len().group_by("text").max()["len"].sum()
    command = files.suspects()
    wrong = pluralize(int(conflicting.height - kept), "row")
    consequence = f"equal texts get one label, which is wrong for at least {wrong}"
    hint = f"correct the labels, or remove these rows; others that may be wrong: {command}" if command else ""
    yield make_finding(
        "several-labels", message, conflicting.height, rows, others, of=len(labels), consequence=consequence, hint=hint
    )


def _check_leakage(splits: pl.Series, duplicates: DuplicateGroups) -> Iterator[Finding]:
    """Rows whose text is also in an earlier split, each by the strictest kind of duplicate that it is."""
    numbers = {name: number for number, name in enumerate(SPLIT_NAMES)}
    split = splits.replace_strict(numbers, return_dtype=pl.Int64).to_numpy()
    for number, name in enumerate(SPLIT_NAMES[1:], start=1):
        reported = np.zeros(len(split), dtype=np.bool_)
        for suffix, how, group in (
            ("", "exactly", duplicates.exact),
            ("-normalized", "after normalization", duplicates.normalized),
            ("-near", "nearly", duplicates.near),
        ):
            first_earlier = np.full(len(split), -1)
            earlier = np.flatnonzero(split < number)[::-1]
            first_earlier[group[earlier]] = earlier  # of each group the first row in an earlier split
            related = first_earlier[group]
            leaked = (split == number) & (related >= 0) & ~reported
            reported |= leaked
            if suffix == "-near":  # prefer the row's own match to one that it is only linked to
                match = duplicates.near_match
                related = np.where((match >= 0) & (split[match] < number), match, related)
            message = f"texts in {name} are also in an earlier split, {how}"
            rows = int((split == number).sum())
            yield from pair_finding(f"in-several-splits{suffix}", message, leaked, related, of=rows)
