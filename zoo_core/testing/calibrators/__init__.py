"""Checks of calibrators."""
