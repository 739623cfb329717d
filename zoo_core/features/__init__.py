"""Values between texts and models: tokens, bags, sequences, dense matrices and batches."""
