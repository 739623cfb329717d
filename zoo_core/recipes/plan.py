"""Plan."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from zoo_core.components.contracts import Loss, Metric, Model, Optimizer, Scheduler, Task, Vectorizer
from zoo_core.components.fields import setting, slot
from zoo_core.components.validators import Bounds, at_least_one, fraction, not_negative, positive


@frozen
class Split:
    """How rows are split where the file does not say: shares of the whole, stratified by label."""

    train: float = setting(0.70, "share of the training split", positive, fraction)
    val: float = setting(0.15, "share of the validation split", positive, fraction)
    test: float = setting(0.15, "share of the test split", positive, fraction)
    seed: int = setting(
        1337, "the seed of the split alone, so that other seeds are tested on the same rows", not_negative
    )


@frozen
class Training:
    """The loop's own settings."""

    epochs: int = setting(100, "passes over the training split, at most", at_least_one)
    batch_size: int = setting(128, "rows in a mini-batch", at_least_one)
    patience: int = setting(5, "epochs without a better figure before stopping; 0 never stops", not_negative)
    monitor: str = setting("loss", "the validation figure that decides: loss, or the name of a metric")
    seed: int = setting(1337, "the seed of every other random stream: initial weights, shuffles, dropout", not_negative)
    l1: float = setting(0.0, "L1 regularization: added to the loss per unit of absolute weight", not_negative)
    clip: float = setting(0.0, "largest norm of the gradient; 0 does not clip", not_negative)
    threads: int = setting(
        1, "threads that torch computes with on the CPU; small models gain by none", at_least_one, Bounds(le=256)
    )
    class_weights: Literal["none", "balanced"] = setting(
        "none", "what a class weighs in the training loss; balanced: rows / (classes · rows of the class)"
    )
    checkpoint: float = setting(
        10.0, "seconds between checkpoints, at least; 0 keeps one after each epoch", not_negative
    )
    device: Literal["auto", "cpu", "cuda"] = setting("auto", "where to train; auto takes a GPU if there is one")
    metrics: tuple[Metric, ...] = slot(("accuracy", "f1"), "figures to report for each split")


@frozen
class Plan:
    """A recipe resolved: one component in each slot, and the settings of split and loop."""

    task: Task = slot("", "how the columns are read")
    vectorizer: Vectorizer = slot("", "how texts become features")
    model: Model = slot("", "how features become scores")
    loss: Loss = slot("", "what training minimizes")
    optimizer: Optimizer = slot("", "how parameters are updated")
    scheduler: Scheduler = slot("", "how the learning rate changes")
    split: Split = field(kw_only=True)
    training: Training = field(kw_only=True)


SLOTS = ("task", "vectorizer", "model", "loss", "optimizer", "scheduler")
TABLES: dict[str, type] = {"split": Split, "training": Training}
