"""Checks of what a plugin provides besides components."""
