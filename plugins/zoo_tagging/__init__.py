"""Tagging: several labels for a text."""
