"""Checks of every kind of component."""
