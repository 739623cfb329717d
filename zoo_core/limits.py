"""Limits on what is read, unless a setting says otherwise."""

from __future__ import annotations

LONGEST = 1_000_000  # characters of a field
