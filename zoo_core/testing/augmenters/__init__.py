"""Checks of augmenters."""
