"""Modules with components whose fault is in what their import does."""
