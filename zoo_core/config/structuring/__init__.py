"""Structuring of plain values by their types."""
