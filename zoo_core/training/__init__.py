"""Training: data preparation, preflight checks, the loop, checkpoints and the public pipeline."""
