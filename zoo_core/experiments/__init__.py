"""Experiments: swaps of components, their trials, statistics and reports, and the comparison of two runs."""
