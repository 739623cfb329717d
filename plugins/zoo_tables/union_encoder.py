"""Encoder of several columns: each is encoded by its own vectorizer, and the bags are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl
from attrs import frozen
from torch import Tensor

from zoo_core.components.contracts import Vectorizer
from zoo_core.components.encoding.tokenized_encoder import fit_and_transform, restore_encoder
from zoo_core.components.protocols import Encoder, State
from zoo_core.features.bag import Bag
from zoo_core.features.field_groups import GROUPS
from zoo_core.features.fields import read_fields
from zoo_core.features.tokens import Tokens
from zoo_core.messages import join_names
from zoo_tables.field_tokens import Column, find_columns, tokens_of_column
from zoo_tables.joined_bags import join_bags

PartOf = Callable[[Column], Vectorizer | None]  # the vectorizer of a column; None if it is left out


def tokenize_fields(texts: pl.Series, part_of: PartOf) -> pl.Series:
    """The tokens of all columns of each row, with their prefixes; those of columns that are left out are missing."""
    groups = read_fields(texts)
    lists: list[pl.Expr] = []
    for group, columns in groups.items():
        for name, values in columns.items():
            column = Column(name, group)
            part = part_of(column)
            if part is None:
                continue
            if _has_words(column):
                tokens = part.tokenize(values.fill_null(""))
                lists.append(pl.lit(tokens.list.eval(column.token(pl.element()))))
            else:
                lists.append(column.token(pl.lit(values)))
    if not lists:
        return pl.repeat([], len(texts), dtype=pl.List(pl.String), eager=True)
    joined = pl.select(pl.concat_list(lists)).to_series()
    return joined.list.eval(pl.element().filter(pl.element() != ""))


def _has_words(column: Column) -> bool:
    """Whether the values of a column are split into tokens; a category or a number is one token."""
    return column.group == "text"


@frozen(eq=False)
class Member:
    """A column and the encoder that was fitted to it."""

    column: Column
    encoder: Encoder


@frozen(eq=False)
class UnionEncoder:
    """The features of all columns of a row, those of the first column first."""

    members: tuple[Member, ...]

    @property
    def num_features(self) -> int:
        return sum(member.encoder.num_features for member in self.members)

    def transform(self, tokens: Tokens) -> Bag:
        ranges = {column: (start, stop) for column, start, stop in find_columns(tokens.words)}
        bags = []
        for member in self.members:
            own = tokens_of_column(tokens, member.column, *ranges.get(member.column, (0, 0)))
            bags.append(_require_bag(member.encoder.transform(own)))
        return join_bags(bags, len(tokens))

    def feature_names(self) -> list[str]:
        names: list[str] = []
        for member in self.members:
            own = member.encoder.feature_names()
            if len(own) != member.encoder.num_features:
                return []
            names += map(member.column.feature, own)
        return names

    def state(self) -> State:
        columns = [member.column for member in self.members]
        state: State = {"columns": [column.name for column in columns], "groups": [column.group for column in columns]}
        for number, member in enumerate(self.members):
            state.update({f"{number}.{name}": value for name, value in member.encoder.state().items()})
        return state


def fit_union(part_of: PartOf, tokens: Tokens, labels: Tensor) -> tuple[UnionEncoder, Bag]:
    """Fit the vectorizer of each column to its tokens; return the encoder and the features of these tokens."""
    members, bags = [], []
    for column, start, stop in find_columns(tokens.words):
        part = part_of(column)
        if part is not None:
            own = tokens_of_column(tokens, column, start, stop)
            fit = fit_and_transform if _has_words(column) else type(part).fit_transform
            encoder, features = fit(part, own, labels)
            if encoder.num_features:
                members.append(Member(column, encoder))
                bags.append(_require_bag(features))
    return UnionEncoder(tuple(members)), join_bags(bags, len(tokens))


def restore_union(part_of: PartOf, state: State) -> UnionEncoder:
    """Restore from `UnionEncoder.state()`; ValueError, KeyError or TypeError for any other state."""
    columns = tuple(_read_columns(state))
    inner: list[State] = [{} for _ in columns]
    for key, value in state.items():
        if key in ("columns", "groups"):
            continue
        number, dot, name = key.partition(".")
        if not (dot and number.isdecimal() and number == str(int(number)) and int(number) < len(columns)):
            raise ValueError(f"{key} is not of one of the columns")
        inner[int(number)][name] = value
    members = []
    for column, part_state in zip(columns, inner, strict=True):
        part = part_of(column)
        if part is None:
            raise ValueError(f"column {column.name} has no vectorizer")
        restore = restore_encoder if _has_words(column) else type(part).restore
        members.append(Member(column, restore(part, part_state)))
    return UnionEncoder(tuple(members))


def _read_columns(state: State) -> Iterator[Column]:
    names, groups = _read_strings(state, "columns"), _read_strings(state, "groups")
    if len(names) != len(groups) or len(set(names)) != len(names):
        raise ValueError("columns and groups must be as long, and columns different")
    for name, group in zip(names, groups, strict=True):
        known = next((known for known in GROUPS if known == group), None)
        if known is None:
            raise ValueError(f"groups must be some of {join_names(GROUPS)}")
        yield Column(name, known)


def _read_strings(state: State, name: str) -> Sequence[str]:
    values = state[name]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} must be a list of strings")
    return values


def _require_bag(features: object) -> Bag:
    """Features that are a Bag, as the layout of every vectorizer in the slot is. Raises TypeError for others."""
    if not isinstance(features, Bag):
        raise TypeError(f"expected a bag of features, not {type(features).__name__}")
    return features
