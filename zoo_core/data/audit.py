"""What a file of labeled texts is like, and what in it would spoil a training or flatter a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.components.table import Table
from zoo_core.data.duplicates import DuplicateGroups, Ints, find_duplicates
from zoo_core.data.splits import SPLIT_NAMES, parse_split_names
from zoo_core.data.targets import class_sort_key
from zoo_core.data.task_detection import TaskColumns
from zoo_core.messages import pluralize
from zoo_core.parallel import map_chunks

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
MAX_EXAMPLES = 3
GARBLED_PATTERN = "Ã[\u0080-\u00bf]|â€[™œ\u009d“”¦]|\ufffd"  # UTF-8 read as Latin-1, or bytes that were no text
CONTROL_PATTERN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


@frozen
class Finding:
    """One thing that is not as it should be: how often, and the first rows (from 1) of which it is true.

    Where a row is so because of another, `of` holds that one for each of `rows`.
    """

    check: str
    message: str
    count: int
    rows: Sequence[int] = ()
    related_rows: Sequence[int] = ()


@frozen(eq=False)
class AuditReport:
    """What a file is like: rows by label and by split, quantiles of the lengths of texts, and what was found."""

    rows: int
    columns: Sequence[str]
    labels: dict[str, int]
    splits: dict[str, int]
    lengths: dict[str, dict[str, float]]
    findings: Sequence[Finding]


def audit_table(
    table: Table, columns: TaskColumns, *, similarity: float = 0.8, seed: int = 0, has_bom: bool = False
) -> AuditReport:
    """What a table is like. `near`: how alike texts are that count as nearly the same, 1 to look for none.

    `mark` says that the file begins with a byte-order mark. DataError for a split that is none.
    """
    texts = columns.texts
    plain = _normalize(columns)
    splits = None if columns.splits is None else parse_split_names(columns.splits, table.location)
    same = find_duplicates(texts, plain, similarity, seed)
    counts = columns.labels.value_counts()
    labels = dict(zip(counts.to_series(0).to_list(), counts.to_series(1).to_list(), strict=True))
    order = class_sort_key([label for label in labels if label])
    findings = [
        *_check_file(table, has_bom),
        *_check_texts(texts, plain),
        *_check_labels(columns.labels),
        *_check_duplicates(same),
        *_check_contradictions(columns.labels, same, plain),
        *([] if splits is None else [*_check_unseen_labels(columns.labels, splits), *_check_leakage(splits, same)]),
    ]
    return AuditReport(
        rows=len(texts),
        columns=table.frame.columns,
        labels={label: labels[label] for label in sorted(filter(None, labels), key=order)},
        splits={} if splits is None else {name: int((splits == name).sum()) for name in SPLIT_NAMES},
        lengths={
            "characters": _quantiles(texts.str.len_chars()),
            "words": _quantiles(texts.str.count_matches(r"\S+")),
        },
        findings=findings,
    )


def _normalize(columns: TaskColumns) -> pl.Series:
    """The texts as the task makes them plain, with one space between words: what a model gets to see of them."""

    def plain(piece: pl.Series) -> pl.Series:
        return columns.task.normalize(piece).str.replace_all(r"\s+", " ").str.strip_chars()

    return pl.concat(map_chunks(columns.texts, plain))


def _quantiles(lengths: pl.Series) -> dict[str, float]:
    found = {f"{100 * q:g}%": int(lengths.quantile(q, "nearest") or 0) for q in QUANTILES}
    return {**found, "mean": round(float(lengths.mean() or 0), 2)}  # type: ignore[arg-type]


def _check_file(table: Table, mark: bool) -> Iterator[Finding]:
    if mark:
        yield Finding("byte-order-mark", "the file begins with a byte-order mark, which is passed over", 1)
    for column in table.frame.columns:
        if column != column.strip() or not column:
            yield Finding("column-name", f'the column name "{column}" is empty or has blanks around it', 1)


def _check_texts(texts: pl.Series, plain: pl.Series) -> Iterator[Finding]:
    empty = texts.str.strip_chars() == ""
    yield from _row_finding("empty-text", "texts are empty", empty)
    yield from _row_finding("blank-text", "texts are empty once they are made plain", (plain == "") & ~empty)
    yield from _row_finding(
        "garbled-text", "texts hold signs of a wrong encoding, as in Ã©", texts.str.contains(GARBLED_PATTERN)
    )
    yield from _row_finding("control-character", "texts hold control characters", texts.str.contains(CONTROL_PATTERN))


def _check_labels(labels: pl.Series) -> Iterator[Finding]:
    yield from _row_finding("no-label", "rows have no label, and are dropped in training", labels == "")
    given = labels.filter(labels != "")
    if given.n_unique() < 2:
        yield Finding("one-class", "all labels are the same" if len(given) else "no row has a label", len(given))
    single = (labels != "") & labels.is_unique()
    yield from _row_finding("one-row-class", "classes have one row only", single)


def _check_unseen_labels(labels: pl.Series, splits: pl.Series) -> Iterator[Finding]:
    """What the file's own splits keep a training from learning; nothing of a file without rows to train on."""
    train = (splits == "train") & (labels != "")
    taught = labels.filter(train).unique()
    unseen = (labels != "") & ~labels.is_in(taught.implode())
    if len(taught) == 1 and unseen.any():
        yield Finding("one-class", "all labels in train are the same", int(train.sum()))
    if len(taught):
        yield from _row_finding("unseen-label", "rows in val and test have a label that train has not", unseen)


def _check_duplicates(same: DuplicateGroups) -> Iterator[Finding]:
    """Each row that repeats one above it, by the strictest sense in which it does."""
    rows = np.arange(len(same.exact))
    letter, plain = same.exact != rows, same.normalized != rows
    near = (same.near != rows) & ~plain
    yield from _pair_finding("duplicate", "texts repeat an earlier one to the letter", letter, same.exact)
    yield from _pair_finding(
        "same-plain", "texts repeat an earlier one once made plain", plain & ~letter, same.normalized
    )
    yield from _pair_finding("near-duplicate", "texts are nearly the same as another", near, same.near_match)


def _check_contradictions(labels: pl.Series, same: DuplicateGroups, plain: pl.Series) -> Iterator[Finding]:
    frame = pl.DataFrame({"label": labels, "text": same.normalized}).with_row_index("row")
    frame = frame.filter((labels != "") & (plain != ""))
    several = frame.filter(pl.col("label").n_unique().over("text") > 1)
    odd = several.filter(pl.col("label") != pl.col("label").first().over("text"))
    message = f"rows share {pluralize(several['text'].n_unique(), 'text')} under several labels"
    if several.height:
        shown = odd.unique("text", keep="first", maintain_order=True).head(MAX_EXAMPLES)
        of = shown.join(several.unique("text", keep="first", maintain_order=True), on="text", maintain_order="left")
        yield Finding(
            "several-labels", message, several.height, _row_numbers(shown["row"]), _row_numbers(of["row_right"])
        )


def _check_leakage(splits: pl.Series, same: DuplicateGroups) -> Iterator[Finding]:
    """The rows of each split whose text stands in an earlier split, by the strictest sense in which it does."""
    split = splits.replace_strict({name: at for at, name in enumerate(SPLIT_NAMES)}, return_dtype=pl.Int64).to_numpy()
    for at, name in enumerate(SPLIT_NAMES[1:], start=1):
        told = np.zeros(len(split), dtype=np.bool_)
        for kind, how, group in (
            ("", "to the letter", same.exact),
            ("-plain", "once made plain", same.normalized),
            ("-near", "nearly", same.near),
        ):
            source = np.full(len(split), -1)
            before = np.flatnonzero(split < at)[::-1]
            source[group[before]] = before  # of each group the first row in an earlier split
            found = (split == at) & (source[group] >= 0) & ~told
            told |= found
            message = f"texts in {name} also stand in an earlier split {how}"
            of = source[group]
            if kind == "-near":  # better the one it is like by itself than one it is linked to
                of = np.where((same.near_match >= 0) & (split[same.near_match] < at), same.near_match, of)
            yield from _pair_finding(f"in-several-splits{kind}", message, found, of)


def _row_finding(check: str, message: str, mask: pl.Series) -> Iterator[Finding]:
    rows = mask.arg_true()
    if len(rows):
        yield Finding(check, message, len(rows), _row_numbers(rows.head(MAX_EXAMPLES)))


def _pair_finding(check: str, message: str, mask: NDArray[np.bool_], of: Ints) -> Iterator[Finding]:
    rows = np.flatnonzero(mask)
    if len(rows):
        shown = rows[of[rows] >= 0][:MAX_EXAMPLES]
        yield Finding(check, message, len(rows), (shown + 1).tolist(), (of[shown] + 1).tolist())


def _row_numbers(rows: pl.Series) -> list[int]:
    return [int(row) + 1 for row in rows]
