"""Checks of weightings."""
