"""Confidence intervals of the loss and of every metric, due to the sample of rows that they were computed on."""
