"""The contracts of what decides about rows: their split, their order in an epoch, their texts in training."""
