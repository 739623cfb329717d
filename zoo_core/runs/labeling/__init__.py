"""Which unlabeled rows to label first: those that the model is unsure of, and that differ from one another."""
