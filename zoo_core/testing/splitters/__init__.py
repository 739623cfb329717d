"""Checks of splitters."""
