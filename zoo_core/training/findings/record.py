"""The record of a finished training that checks read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.evaluation.known_words import unknown_ids, unknown_rows
from zoo_core.features.cut_texts import CutTexts
from zoo_core.features.layout_names import Layout
from zoo_core.recipes.plan import Plan
from zoo_core.training.loop import TrainingResult
from zoo_core.training.preparation import PreparedData


@frozen(eq=False)
class TrainingRecord:
    """A finished training: its plan, data, course and result.

    `class_rows` has the rows of each class `(classes,)` of each split, `unknown` the number of texts of each split
    without a known word, `cut` how many of them the encoder cuts, `features` the number of features beside those of
    unknown words. `scores` `(rows, outputs)` and `targets` `(rows,)` are those of the split `evaluated`: the test
    split, unless the training has none. The run folder is `folder`.
    """

    plan: Plan
    head: Head
    report: Mapping[str, Any]
    class_rows: Mapping[str, Tensor]
    unknown: Mapping[str, int]
    cut: Mapping[str, CutTexts]
    features: int
    layout: Layout
    result: TrainingResult
    evaluated: str
    scores: Tensor
    targets: Tensor
    folder: str

    @property
    def rows(self) -> Mapping[str, int]:
        """The rows of each split."""
        rows: Mapping[str, int] = self.report["rows"]
        return rows

    @property
    def max_epochs(self) -> int:
        """The epochs that the settings allow."""
        return self.result.max_epochs

    def longer_training(self) -> str:
        """The setting with which training takes twice as long, as in `training.epochs=40`."""
        training, epochs = self.plan.training, len(self.result.history)
        by_steps = training.steps and self.max_epochs < training.epochs
        return f"training.steps={2 * training.steps}" if by_steps else f"training.epochs={2 * epochs}"


def make_record(
    plan: Plan, prepared: PreparedData, head: Head, result: TrainingResult, scores: Mapping[str, Tensor], folder: str
) -> TrainingRecord:
    """The record of a training with these scores `(rows, outputs)` of each split that was evaluated."""
    labels = {name: head.form.labels(split.targets).cpu() for name, split in prepared.splits.items()}
    ids = unknown_ids(prepared.encoder)
    encoder, evaluated = prepared.encoder, "test" if "test" in scores else list(scores)[-1]
    return TrainingRecord(
        plan=plan,
        head=head,
        report=prepared.report,
        class_rows={name: head.form.class_rows(at, len(prepared.classes)) for name, at in labels.items()},
        unknown={
            name: int(unknown_rows(encoder, split.features, ids).sum()) for name, split in prepared.splits.items()
        },
        cut={name: split.cut for name, split in prepared.splits.items()},
        features=encoder.num_features - len(ids),
        layout=prepared.splits["train"].features.layout,
        result=result,
        evaluated=evaluated,
        scores=scores[evaluated].cpu(),
        targets=labels[evaluated],
        folder=folder,
    )
