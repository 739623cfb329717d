"""Runs and swaps in a folder, listed without torch."""
