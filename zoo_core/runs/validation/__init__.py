"""The scores of the validation rows that a run folder stores, for decisions that must not see the test split."""
