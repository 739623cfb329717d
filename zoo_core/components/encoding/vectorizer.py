"""The contract of vectorizers. Nothing here imports torch or polars, so that listing components is fast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from zoo_core.components.component import ANY_TARGETS, Component, InputType, TargetType
from zoo_core.features.field_groups import FieldGroup
from zoo_core.features.layout_names import Layout

if TYPE_CHECKING:
    import polars as pl
    import torch

    from zoo_core.components.encoding.tokenizer import Tokenizer
    from zoo_core.components.protocols import Encoder, State
    from zoo_core.errors import Problem
    from zoo_core.features.bag import Bag
    from zoo_core.features.layouts import Dense, Sequence
    from zoo_core.features.tokens import Tokens


class Vectorizer(Component):
    """Texts → features, fitted on the training split only.

    Attributes:
        layout: What its encoders return: `"bag"`, `"sequence"` or `"dense"`.
        input_type: What a text contains: `"text"` for words, `"numbers"` for `name=value` pairs joined by `"; "`,
            `"fields"` for columns of texts, categories and numbers, as `write_fields` joins them.
        has_feature_names: `True` if each feature has a readable name, which explanations need.
        targets: The types of targets whose labels `fit` supports.
    """

    required_methods = ("fit", "restore")
    layout: ClassVar[Layout]
    input_type: ClassVar[InputType] = "text"
    has_feature_names: ClassVar[bool] = True
    targets: ClassVar[tuple[TargetType, ...]] = ANY_TARGETS

    def check_fields(self, fields: Mapping[str, FieldGroup]) -> Iterator[Problem]:
        """Yield the problems with the columns of the task, of the input type "fields": names, each with its group.

        Called when a recipe is checked, before data is read."""
        return iter(())

    def tokenize(self, texts: pl.Series) -> pl.Series:
        """Normalized texts → a column of lists of tokens, each text by itself, without empty tokens.

        By default with the tokenizer in the slot `tokenizer`; a vectorizer without this slot splits whole columns at
        spaces, in native code. All splits are tokenized once. Called for chunks of texts, in several threads at once,
        and for each text that is predicted."""
        tokenizer = self.own_tokenizer()
        return texts.str.split(" ") if tokenizer is None else tokenizer.tokenize(texts)

    def own_tokenizer(self) -> Tokenizer | None:
        """The component in the slot `tokenizer`; None for a vectorizer without this slot. Not to be overridden.

        Called when texts are tokenized, and when an encoder is fitted or restored: what the tokenizer learns from the
        training split is applied to the tokens before `fit`, `fit_transform` and `transform` get them."""
        return getattr(self, "tokenizer", None)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        """Fit on the training split: tokens and class indices `(rows,)` int64.

        Of multi-label targets, `labels` is a matrix `(rows, classes)` float32: 1 for a label that the text has, else 0.

        Called once for a training, on the CPU; the same tokens must give the same encoder."""
        raise NotImplementedError

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag | Dense | Sequence]:
        """`fit`, then transform the same tokens: override it if doing both together is faster.

        Called once for a training, instead of `fit`."""
        encoder = self.fit(tokens, labels)
        return encoder, encoder.transform(tokens)

    def restore(self, state: State) -> Encoder:
        """Rebuild an encoder from its `state()`. The state comes from a file: validate all of it.

        Called once when a run is opened. Raises ValueError, KeyError or TypeError if the state is invalid."""
        raise NotImplementedError
