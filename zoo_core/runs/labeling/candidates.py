"""The unlabeled rows of a file that a run is least sure of: read as a stream, a bounded number is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl
from attrs import define, evolve, field
from numpy.typing import NDArray

from zoo_core.components.table import Table
from zoo_core.data.files.prediction_input import rebatch
from zoo_core.data.kept_columns import KeptColumns
from zoo_core.data.missing_columns import read_texts
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs.labeling.training_data import Keys, TrainingData, find_labeled, text_keys
from zoo_core.runs.predictions import Predictions
from zoo_core.runs.run import Run

BATCH_ROWS = 32768
ROW, TEXT, KEY = "\0row", "\0text", "\0key"  # columns beside those of the file: the number, the text, its hash
LABEL, VALUE, MARGIN = "\0label", "\0value", "\0margin"  # and what is predicted
LEFT_OUT = {"labeled": "with a label", "empty": "empty", "trained": "in the training data"}  # why, with the words


@define(eq=False)
class Candidates:
    """The rows of tables without a label, the least sure first, at most `limit` of them and each text once.

    `taught` is what the run was trained on, whose texts are left out. `rows` counts the rows that were read, `left_out`
    those that were not predicted, by reason.
    """

    run: Run
    columns: KeptColumns
    limit: int
    taught: TrainingData
    rows: int = field(default=0, init=False)
    left_out: dict[str, int] = field(factory=lambda: dict.fromkeys(LEFT_OUT, 0), init=False)
    names: list[str] | None = field(default=None, init=False)  # of the kept columns
    label: str = field(default="", init=False)  # the column of labels of the task
    _labeled: list[Keys] = field(factory=list, init=False)

    def find(self, tables: Iterable[Table]) -> pl.DataFrame:
        """The candidates of all tables: the kept columns and those of this module, by rising margin."""
        waiting = deque[pl.DataFrame]()  # batches whose texts are being predicted
        found = pl.DataFrame()

        def texts() -> Iterator[pl.Series]:
            for batch in rebatch(self._unlabeled(tables), BATCH_ROWS):
                waiting.append(batch)
                yield batch[TEXT]

        for predictions in self.run.predict_batches(texts()):
            found = self._best(found, _with_predictions(waiting.popleft(), predictions))
        if not found.height:
            return found
        labeled = np.unique(np.concatenate([np.empty(0, np.uint64), *self._labeled]))
        return found.filter(~pl.Series(_contains(labeled, found[KEY].to_numpy())))

    def _best(self, found: pl.DataFrame, batch: pl.DataFrame) -> pl.DataFrame:
        """The candidates after another batch; of equal texts the first, of equal margins the first rows."""
        if found.height >= self.limit:
            batch = batch.filter(pl.col(MARGIN) < found[MARGIN].max())
        both = pl.concat([found, batch]) if found.height else batch
        return both.unique(KEY, keep="first", maintain_order=True).sort(MARGIN, maintain_order=True).head(self.limit)

    def _unlabeled(self, tables: Iterable[Table]) -> Iterator[pl.DataFrame]:
        """The rows to predict, with their numbers (from 1), texts and keys."""
        task = self.run.plan.task
        for table in tables:
            kept = self.columns.select_as(self._named_as_taught(table), self.names)
            self.names = kept.columns
            self.label = self.taught.label or ("" if task.has_soft_targets() else task.label_column(table))
            with attribute_errors(self.run.zoo.registry):
                texts, has_label = read_texts(task, table), find_labeled(task, table, self.run.head.classes)
                keys, is_empty = text_keys(task, texts)
            numbers = pl.int_range(self.rows + 1, self.rows + len(texts) + 1, eager=True)
            self.rows += len(texts)
            self._labeled.append(keys.filter(has_label & ~is_empty).to_numpy())
            is_known = pl.Series(_contains(self.taught.keys, keys.to_numpy())) & ~has_label & ~is_empty
            for reason, rows in (("labeled", has_label), ("empty", is_empty & ~has_label), ("trained", is_known)):
                self.left_out[reason] += int(rows.sum())
            frame = pl.DataFrame([*kept.get_columns(), numbers.alias(ROW), texts.alias(TEXT), keys.alias(KEY)])
            yield frame.filter(~(has_label | is_empty | is_known))

    def _named_as_taught(self, table: Table) -> Table:
        """A table of lines whose only column is called as in the training data, so that its rows join others."""
        if not (table.is_lines and table.frame.width == 1 and self.taught.text):
            return table
        return evolve(table, frame=table.frame.rename({table.frame.columns[0]: self.taught.text}))


def _with_predictions(batch: pl.DataFrame, predictions: Predictions) -> pl.DataFrame:
    """A batch with the predicted label, its probability or score, and the margin between the two best classes."""
    values = predictions.values.double()
    best = values.topk(2, dim=1).values
    return batch.with_columns(
        predictions.label_series().alias(LABEL),
        pl.Series(VALUE, values.gather(1, predictions.indices.unsqueeze(1)).squeeze(1).numpy()),
        pl.Series(MARGIN, (best[:, 0] - best[:, 1]).numpy()),
    )


def _contains(keys: Keys, asked: Keys) -> NDArray[np.bool_]:
    """Which of the asked keys are among sorted ones."""
    if not len(keys):
        return np.zeros(len(asked), dtype=np.bool_)
    found: NDArray[np.bool_] = keys[np.minimum(np.searchsorted(keys, asked), len(keys) - 1)] == asked
    return found
