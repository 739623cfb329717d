"""Metrics of predicted labels and of predicted probabilities, and their accumulators."""
