"""Rows whose label is likely wrong, as values, as a table, and counted by the labels that they confuse."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from attrs import frozen

from zoo_core.evaluation.shown_tables import ShownAsTable
from zoo_core.messages import join_names, quote_name

FEW_ROWS = 10  # of a class, with which models hardly learn it
MAX_NAMES = 6  # of classes in a message


@frozen
class Neighbor:
    """A row with a similar text, `similarity` in (0, 1]; 1 for a copy of the text. `line` is 0 if it is not known."""

    row: int
    line: int
    label: str
    text: str
    similarity: float

    @property
    def place(self) -> str:
        """Where it is in the file."""
        return format_place(self.row, self.line)


@frozen
class Suspect:
    """A row whose label is likely wrong: its number and line in the file (from 1; 0 is unknown), and what it is.

    `likelier` is the likeliest class, `p` its probability and `p_label` that of the label, by a model that trained on
    neither the row nor a copy of its text. `neighbors` are the rows with the most similar texts, copies of the text
    first, and of these the ones with other labels.
    """

    row: int
    line: int
    text: str
    label: str
    likelier: str
    p: float
    p_label: float
    neighbors: tuple[Neighbor, ...] = ()

    @property
    def place(self) -> str:
        """Where it is in the file."""
        return format_place(self.row, self.line)


@frozen(eq=False, repr=False)
class Suspects(ShownAsTable):
    """Rows whose label is likely wrong, the most suspicious one first; they print as a table.

    `count` is the estimated number of wrong labels among `judged` rows, and `pairs` how many of these have which label
    and which likelier one. `rows` are those that were asked for, as many as `count` by default. `agreement` is the
    share of judged rows whose label is the likeliest class. `class_rows` has the judged rows of each label, `unjudged`
    counts the other rows, by reason.
    """

    source: str
    rows: tuple[Suspect, ...]
    count: int
    judged: int
    agreement: float
    pairs: Mapping[tuple[str, str], int]
    class_rows: Mapping[str, int]
    unjudged: Mapping[str, int]

    def doubts(self) -> list[str]:
        """Why the rows may be listed without being wrong, for warnings: rare classes, and models that know nothing."""
        found = []
        rare = sorted((rows, label) for label, rows in self.class_rows.items() if rows < FEW_ROWS)
        if rare:
            names = join_names([f"{quote_name(label)} ({rows})" for rows, label in rare], MAX_NAMES)
            found.append(
                f"classes with fewer than {FEW_ROWS} rows are hardly learned, and right labels look wrong: {names}"
            )
        rows, largest = max(((rows, label) for label, rows in self.class_rows.items()), default=(0, ""))
        if self.agreement <= (share := rows / max(self.judged, 1)):
            agreed = f"the models agree with {self.agreement:.1%} of the labels"
            constant = f"always answering {quote_name(largest)} with {share:.1%}"
            found.append(f"{agreed}, {constant}: they have learned too little to tell a wrong label")
        return found

    def frame(self) -> pl.DataFrame:
        """The rows as a table: row, line (if all are known), label, likelier, p, p_label, text, similar rows."""
        similar = [", ".join(f"{one.place} {one.label}" for one in row.neighbors) for row in self.rows]
        columns = {
            "row": pl.Series([row.row for row in self.rows], dtype=pl.Int64),
            "line": pl.Series([row.line for row in self.rows], dtype=pl.Int64),
            "label": pl.Series([row.label for row in self.rows], dtype=pl.String),
            "likelier": pl.Series([row.likelier for row in self.rows], dtype=pl.String),
            "p": pl.Series([row.p for row in self.rows], dtype=pl.Float64),
            "p_label": pl.Series([row.p_label for row in self.rows], dtype=pl.Float64),
            "text": pl.Series([row.text for row in self.rows], dtype=pl.String),
            "similar": pl.Series(similar, dtype=pl.String),
        }
        if not all(row.line for row in self.rows):
            del columns["line"]
        return pl.DataFrame(columns)


def format_place(row: int, line: int) -> str:
    """The line of a row if it is known, or its number."""
    return f"line {line}" if line else f"row {row}"
