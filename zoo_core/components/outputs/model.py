"""The contract of models. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from zoo_core.components.component import ANY_TARGETS, Component, ScoreForm, TargetType
from zoo_core.components.protocols import StartReport
from zoo_core.features.layout_names import Layout

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo_core.components.head import Head
    from zoo_core.features.batches import EncodedSplit


class Model(Component):
    """Features → scores `(batch, outputs)`, always with two axes.

    Attributes:
        accepts: The layouts of features that it takes: some of `"bag"`, `"sequence"` and `"dense"`.
        sparse_gradients: `True` if a gradient of its parameters is sparse, so that the optimizer must support it.
        targets: The types of targets that `finish` supports.
    """

    required_methods = ("build",)
    build_arguments = ("num_features", "num_outputs", "feature_names")
    accepts: ClassVar[tuple[Layout, ...]]
    sparse_gradients: ClassVar[bool] = False
    targets: ClassVar[tuple[TargetType, ...]] = ANY_TARGETS

    def output_form(self) -> ScoreForm:
        """The form of its scores, a value of `Loss.expects`.

        Called when a recipe is checked, as the two methods below are."""
        return "logits"

    def accepted_layouts(self) -> tuple[Layout, ...]:
        """The layouts that it accepts with these settings and slots; `accepts` by default.

        Called when a recipe is checked; a model with a model in a slot returns those of the slot."""
        return self.accepts

    def has_sparse_gradients(self) -> bool:
        """Whether its gradients are sparse with these settings and slots; `sparse_gradients` by default.

        Called when a recipe is checked."""
        return self.sparse_gradients

    def build(self, *args: Any, **kwargs: Any) -> nn.Module:
        """A module of features in one of the accepted layouts → `(batch, num_outputs)`.

        Offered, by name:

        - `num_features`, `num_outputs`: the sizes of its input and its output.
        - `feature_names`: a sequence of the encoder's feature names, `num_features` long, empty if features have no
          names. The names are made when they are first used, so that a model that does not use them costs nothing.

        Called with a seeded generator, on the CPU: once for training and once when a run is opened, which then loads
        the weights of the run; before each also on the device "meta", to compare shapes without allocating memory."""
        raise NotImplementedError

    def start(self, module: nn.Module, *, train: EncodedSplit, feature_names: Sequence[str]) -> StartReport:
        """Change the built module, in place, by data from outside, as pretrained vectors; nothing by default.

        `train` is the encoded training split, `feature_names` are those of `build`. Weights keep their names, shapes
        and types. What is drawn at random comes from torch's generator, which is seeded.

        Returns a short report of plain values by name, in the words of users, as the file, its hash, and how many words
        it has: `result.json` stores it, and `zoo train` prints it. Called once, before the first epoch, on the device
        of the training and without gradients; not when a training is resumed from a checkpoint, and not when a run is
        opened, which needs no data from outside. Raises RecipeError, DataError or InputOutputError for what users must
        change."""
        return {}

    def finish(
        self,
        module: nn.Module,
        *,
        train: EncodedSplit,
        val: EncodedSplit,
        head: Head,
        class_weights: Tensor | None,
        positive_weights: Tensor | None,
    ) -> None:
        """Change the trained module, in place, by what the training and the validation split say; nothing by default.

        `class_weights` are what a row of each class counted in training, `(classes,)` float32: its weight in the loss
        times how often the sampler draws it, so that the mean over the training rows is 1; None if all rows counted
        alike. A class without training rows may have the weight 0. `positive_weights` are, of multi-label targets, what
        the rows that have a label counted in its loss, `(classes,)` float32, beside 1 for the rows without it; None if
        all counted alike. What is fitted to rows here weighs them in the same way.

        Called once, after the last epoch, with the best weights and without gradients, before the run is calibrated
        and evaluated."""

    def embedding_layer(self, module: nn.Module) -> nn.Module | None:
        """The part of its module that turns token ids into vectors; None, the default, if it has none.

        The module calls it once for a batch, with ids int64 `(batch, length)` whose rows are the sequences of the batch
        from the first token on, and it returns `(batch, length, dimensions)`. What the module makes of these vectors
        has a gradient. Called when a prediction is explained, which scales the vectors of the tokens."""
        return None
