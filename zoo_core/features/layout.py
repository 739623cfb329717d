"""Layout."""

from __future__ import annotations

from typing import Literal

Layout = Literal["bag", "sequence", "dense"]
