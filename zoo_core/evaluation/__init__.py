"""Evaluation: metrics of a split, diagnostics of its scores, explanations of scores, and curves of functions."""
