"""Checks of readers."""
