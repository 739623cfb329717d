"""The groups of the columns of a row. Imports nothing: contracts need it."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["GROUPS", "FieldGroup"]
FieldGroup = Literal["text", "categories", "numbers"]  # of a column of the input type "fields"
GROUPS: tuple[FieldGroup, ...] = get_args(FieldGroup)
