"""Checks of schedulers."""
