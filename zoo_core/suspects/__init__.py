"""Rows whose label is likely wrong: out-of-fold probabilities, confident learning, near neighbors."""
