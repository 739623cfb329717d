"""Metrics of several labels a text, and their accumulators."""
