"""Tables of predictions: the columns of a file that are kept, and beside them what a run predicts for each row."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import polars as pl
from attrs import define, field

from zoo_core.components.table import Table
from zoo_core.data.files.prediction_input import rebatch
from zoo_core.data.kept_columns import KeptColumns, free_names
from zoo_core.data.missing_columns import read_texts
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs.predictions import Predictions
from zoo_core.runs.run import Run
from zoo_core.runs.validation.answer_rules import AnswerRules

TEXT = "\0text"  # the texts to predict, beside the columns that are kept
UNKNOWN = "unknown"  # the column that marks texts without a known word


@define(eq=False)
class PredictionTables:
    """Predicts the rows of tables, in batches of `batch_rows`.

    `columns` are kept before the prediction's own: those of `Predictions.frame`, and with `mark_unknown` a column
    `unknown` of true and false. A column of the file is never replaced: `renamed` has the new names of the prediction's
    own, once the first batch was predicted. `unknown` counts those of the predicted `rows` without a known word, and
    `abstained` those that the `rules` do not answer.
    """

    run: Run
    columns: KeptColumns
    batch_rows: int
    top: int = 0
    mark_unknown: bool = False
    threshold: float | None = None
    rules: AnswerRules = AnswerRules()
    renamed: dict[str, str] = field(factory=dict, init=False)
    left_out: dict[str, str] = field(factory=dict, init=False)  # columns of the file that cannot be kept: their types
    rows: int = field(default=0, init=False)
    unknown: int = field(default=0, init=False)
    abstained: int = field(default=0, init=False)
    set_labels: int = field(default=0, init=False)  # in all prediction sets

    def predict(self, tables: Iterable[Table]) -> Iterator[pl.DataFrame]:
        """The rows of all tables, in order. Raises DataError if a table has other columns than the first."""
        return self._predict(self._kept_and_texts(tables))

    def predict_texts(self, texts: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The rows of these texts, whose own column is `text`."""
        table = Table(pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}), "the texts")
        return self._predict([_with_texts(self.columns.select(table), table.frame["text"])])

    def _predict(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        waiting = deque[pl.DataFrame]()  # batches whose texts are being predicted

        def texts() -> Iterator[pl.Series]:
            for batch in rebatch(frames, self.batch_rows):
                waiting.append(batch)
                yield batch[TEXT]

        for predictions in self.run.predict_batches(texts(), threshold=self.threshold):
            yield self._join(waiting.popleft().drop(TEXT), self.rules.apply(predictions))

    def _kept_and_texts(self, tables: Iterable[Table]) -> Iterator[pl.DataFrame]:
        task, registry = self.run.plan.task, self.run.zoo.registry
        columns: list[str] | None = None
        for table in tables:
            kept = self.columns.select_as(table, columns)
            with attribute_errors(registry):
                texts = read_texts(task, table)
            columns = kept.columns
            if self.columns.names is None:
                self.left_out.update({name: dtype for name, dtype in table.unread.items() if dtype})
            yield _with_texts(kept, texts)

    def _join(self, kept: pl.DataFrame, predictions: Predictions) -> pl.DataFrame:
        frame, unknown = predictions.frame(top=self.top), predictions.unknown
        self.rows += frame.height
        self.abstained += 0 if predictions.abstained is None else int(predictions.abstained.sum())
        self.set_labels += 0 if predictions.sets is None else int(predictions.sets.sum())
        if unknown is not None:
            self.unknown += int(unknown.sum())
            if self.mark_unknown:
                frame = frame.with_columns(pl.Series(UNKNOWN, unknown.numpy()))
        names = free_names(frame.columns, kept.columns)
        self.renamed.update({name: new for name, new in names.items() if new != name})
        return pl.concat([kept, frame.rename(names)], how="horizontal") if kept.width else frame


def _with_texts(kept: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """The kept columns, which may be none, and the texts to predict."""
    return pl.DataFrame([*kept.get_columns(), texts.alias(TEXT)])
