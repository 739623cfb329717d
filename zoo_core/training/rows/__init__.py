"""The rows of an epoch: their order, and their changed texts."""
