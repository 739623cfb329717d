"""Counts of the texts that an encoder reads only a part of."""

from __future__ import annotations

from attrs import frozen


@frozen
class CutTexts:
    """How many texts an encoder cuts, and how many of all their tokens it leaves out by that."""

    texts: int = 0
    lost_tokens: int = 0
    tokens: int = 0
