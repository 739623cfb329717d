"""The plan of a run: a component in each slot, and the settings of the split and of training."""

from __future__ import annotations

from typing import Literal

from attrs import field, fields, frozen

from zoo_core.components.contracts import (
    Augmenter,
    Calibrator,
    Loss,
    Metric,
    Model,
    Optimizer,
    Sampler,
    Scheduler,
    Splitter,
    Task,
    Vectorizer,
)
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.fields import NumbersByClass, is_slot, setting, slot
from zoo_core.components.validators import Bounds, any_seed, at_least_one, not_negative

share = Bounds(gt=0, le=1)


@frozen
class Split:
    """How rows are split if the file has no splits: shares of all rows, which the splitter divides."""

    train: float = setting(0.70, "share of the training split", share)
    val: float = setting(0.15, "share of the validation split", share)
    test: float = setting(0.15, "share of the test split", share)
    seed: int = setting(1337, "the seed of the split, apart from the seed of training", any_seed)


@frozen
class Training:
    """The settings of the training loop."""

    epochs: int = setting(100, "maximum number of passes over the training split", at_least_one)
    steps: int = setting(
        0,
        "steps after which training ends, in whole epochs, at least two; 0 for as many as the epochs have",
        not_negative,
    )
    batch_size: int = setting(128, "rows in a mini-batch", at_least_one)
    patience: int = setting(5, "epochs without a better monitored metric before stopping; 0 never stops", not_negative)
    monitor: str = setting("loss", "the validation metric that decides: loss, or the name of a metric")
    seed: int = setting(1337, "the seed of initial weights, shuffles and dropout", any_seed)
    l1: float = setting(0.0, "L1 regularization: added to the loss per unit of absolute weight", not_negative)
    clip: float = setting(0.0, "largest norm of the gradient; 0 does not clip", not_negative)
    threads: int = setting(
        1, "threads of torch on the CPU; small models are not faster with more", Bounds(ge=1, le=256)
    )
    class_weights: Literal["none", "balanced"] | NumbersByClass = setting(
        "none",
        "the weight of a class in the training loss: balanced is rows / (classes · rows of the class), or numbers by "
        "class, as in { spam = 5 }, with 1 for the others",
        Bounds(ge=1e-6, le=1e6),
    )
    positive_weights: Literal["none", "balanced"] | NumbersByClass = setting(
        "none",
        "with several labels a text, the weight in the training loss of the rows that have a label: balanced is rows "
        "without it / rows with it, or numbers by class, as in { sports = 5 }, with 1 for the others",
        Bounds(ge=1e-6, le=1e6),
    )
    checkpoint: float = setting(10.0, "minimum seconds between checkpoints; 0 saves one after each epoch", not_negative)
    device: Literal["auto", "cpu", "cuda"] = setting(
        "auto", "where to train; auto uses a GPU if there is one; gpu means cuda", synonyms={"gpu": "cuda"}
    )
    precision: Literal["float32", "bf16"] = setting(
        "float32",
        "what models compute in while they are trained; with bf16 (autocast), weights and losses stay float32, and so "
        "do evaluation and prediction",
    )
    compile: bool = setting(
        False, "whether torch compiles the model for training: this takes a minute or more, and a C++ compiler"
    )
    metrics: tuple[Metric, ...] = slot(("accuracy", "f1"), "metrics to report for each split")

    def epochs_of(self, steps_per_epoch: int) -> int:
        """The maximum number of epochs of a training split with so many steps in an epoch."""
        if not self.steps:
            return self.epochs
        return min(self.epochs, max(2, -(-self.steps // max(steps_per_epoch, 1))))


@frozen
class Plan:
    """A resolved recipe: a component in each slot, and the settings of reading, the split and training."""

    task: Task = slot("", "how the columns are read")
    vectorizer: Vectorizer = slot("", "how texts become features")
    model: Model = slot("", "how features become scores")
    loss: Loss = slot("", "what training minimizes")
    optimizer: Optimizer = slot("", "how parameters are updated")
    scheduler: Scheduler = slot("", "how the learning rate changes")
    splitter: Splitter = slot("", "how rows are split if the file has no splits")
    sampler: Sampler = slot("", "the order of the training rows in an epoch")
    augmenter: Augmenter = slot("", "how training texts are changed in each epoch")
    calibrator: Calibrator = slot("", "how probabilities are corrected after training, on the validation split")
    reader: ReaderSettings = field(kw_only=True)
    split: Split = field(kw_only=True)
    training: Training = field(kw_only=True)


SLOTS = tuple(field.name for field in fields(Plan) if is_slot(field))  # in the order of a recipe
TABLES: dict[str, type] = {"reader": ReaderSettings, "split": Split, "training": Training}
