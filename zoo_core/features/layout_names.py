"""The names of the layouts that texts are encoded into; `layouts` has their classes, which need torch."""

from __future__ import annotations

from typing import Literal

__all__ = ["Layout"]

Layout = Literal["bag", "sequence", "dense"]
