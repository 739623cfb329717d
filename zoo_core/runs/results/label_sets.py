"""Predictions of several labels a text."""

from __future__ import annotations

from typing import Any

import polars as pl
import torch
from attrs import frozen

from zoo_core.runs.predictions import Predictions


@frozen(eq=False, repr=False)
class LabelSetPredictions(Predictions):
    """Predictions of any number of labels for each text: `indices` is bool `(rows, classes)`, the predicted ones."""

    def label_series(self) -> pl.Series:
        """The labels of each row, in the order of the classes, as a column of lists."""
        rows, labels = self.indices.nonzero(as_tuple=True)
        names = pl.Series("label", self.classes, dtype=pl.String).gather(pl.Series(labels.numpy()))
        found = pl.DataFrame({"row": rows.numpy(), "label": names}).group_by("row").agg(pl.col("label"))
        every = pl.DataFrame({"row": pl.int_range(len(self.indices), eager=True)})
        lists = every.join(found, on="row", how="left", maintain_order="left")["label"]
        return lists.fill_null(pl.Series([[]], dtype=pl.List(pl.String)))

    def _values_frame(self, top: int) -> pl.DataFrame:
        """The labels, then the value of each class, or with `top` the most probable ones: `label_1`, `p_1` …"""
        prefix, values = "score" if self.are_scores else "p", self.values.double()
        if not top:
            columns = {f"{prefix}_{label}": values[:, index].numpy() for index, label in enumerate(self.classes)}
            return pl.DataFrame({"label": self.label_series(), **columns})
        order = torch.argsort(values, dim=1, descending=True, stable=True)
        names = pl.Series(self.classes, dtype=pl.String)
        ranked: dict[str, Any] = {}
        for place in range(min(top, len(self.classes))):
            ranked[f"label_{place + 1}"] = names.gather(pl.Series(order[:, place].numpy()))
            ranked[f"{prefix}_{place + 1}"] = values.gather(1, order[:, place : place + 1]).squeeze(1).numpy()
        return pl.DataFrame({"label": self.label_series(), **ranked})
