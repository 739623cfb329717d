"""Vectorizers of tables. Their encoders, which need torch, are in `union_encoder` and `number_encoder`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Encoder, Named, Problem, State, Vectorizer, setting, slot
from zoo_core.messages import join_names, quote_name

if TYPE_CHECKING:
    import polars as pl
    import torch

    from zoo_core.components.component import InputType
    from zoo_core.features.bag import Bag
    from zoo_core.features.field_groups import FieldGroup
    from zoo_core.features.tokens import Tokens
    from zoo_tables.field_tokens import Column

INPUT_TYPES: dict[FieldGroup, InputType] = {"text": "text", "categories": "text", "numbers": "numbers"}  # by group


@frozen
class Union(Vectorizer):
    """The features of several vectorizers in one bag: of texts, categories and numbers beside one another.

    Every column has a vectorizer of its own: that of its name in `parts`, or that of its group, `text`, `categories` or
    `numbers`. "none" leaves the columns of a group, or one column, out. Feature names begin with the column:
    "subject: good", "category=Fast food", "price". A category is one token, spaces included.

    Source: Rao & McMahan, section 1.2 (observations as vectors); scikit-learn's `ColumnTransformer`."""

    name = "union"
    layout = "bag"
    input_type = "fields"
    parts: Named[Vectorizer] = slot(
        {"text": "ngrams", "categories": "one-hot", "numbers": "scaled-numbers"},
        "vectorizers by column, or by the group text, categories or numbers",
        where={"layout": "bag"},
    )

    @property
    def has_feature_names(self) -> bool:  # type: ignore[override]
        return all(part.has_feature_names for part in self.parts.given().values())

    def check(self) -> Iterator[Problem]:
        if not self.parts.given():
            yield Problem("every vectorizer is left out, which leaves no features", setting="parts")
        for name, part in self.parts.given().items():
            if part.input_type == "fields":
                yield Problem(f'vectorizer "{part.name}" reads rows of several columns', setting=f"parts.{name}")

    def check_fields(self, fields: Mapping[str, FieldGroup]) -> Iterator[Problem]:
        from zoo_core.config.assignment import join_key

        for name in self.parts:
            if name not in fields and name not in INPUT_TYPES:
                yield Problem(
                    "unknown column", hint=f"the columns are {join_names(fields)}", setting=join_key(["parts", name])
                )
        for name, group in fields.items():
            key = self._key_of(name, group)
            part = self.parts.get(key)
            if part is not None and part.input_type != INPUT_TYPES[group]:
                expected = f"expected one that reads {INPUT_TYPES[group]}"
                message = f'vectorizer "{part.name}" reads {part.input_type}, {expected}, for column {quote_name(name)}'
                yield Problem(message, setting=join_key(["parts", key]))

    def _key_of(self, name: str, group: FieldGroup) -> str:
        """The key of a column in `parts`: its name, or its group."""
        return name if name in self.parts and name not in INPUT_TYPES else group

    def _part_of(self, column: Column) -> Vectorizer | None:
        return self.parts.get(self._key_of(column.name, column.group))

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from zoo_tables.union_encoder import tokenize_fields

        return tokenize_fields(texts, self._part_of)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag]:
        from zoo_tables.union_encoder import fit_union

        return fit_union(self._part_of, tokens, labels)

    def restore(self, state: State) -> Encoder:
        from zoo_tables.union_encoder import restore_union

        return restore_union(self._part_of, state)


@frozen
class ScaledNumbers(Vectorizer):
    """Numeric columns as weights of a bag, scaled by the training split; numbers may be missing.

    Feature names are the columns. standard: (x - mean) / standard deviation; minmax: (x - min) / (max - min). A column
    that is constant in the training split becomes 0.

    Source: Rao & McMahan, section 1.2 (observations as numbers); the scales are scikit-learn's (`StandardScaler`,
    `MinMaxScaler`), which leave missing numbers out, as this does."""

    name = "scaled-numbers"
    layout = "bag"
    input_type = "numbers"
    scale: Literal["standard", "minmax", "none"] = setting("standard", "how each column is scaled")
    missing: Literal["mean", "zero", "indicator"] = setting(
        "mean",
        "what a missing number is: the mean of the column, the number 0, or the mean beside a feature that says so",
        no_effect="it only matters for rows with missing numbers",
    )

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from zoo_tables.number_encoder import split_pairs

        return split_pairs(texts)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from zoo_tables.number_encoder import NumberEncoder

        return NumberEncoder.fit(tokens, scale=self.scale, missing=self.missing)

    def restore(self, state: State) -> Encoder:
        from zoo_tables.number_encoder import NumberEncoder

        return NumberEncoder.restore(state, missing=self.missing)
