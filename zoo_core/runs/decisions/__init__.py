"""The decision rule that a run stores: chosen on validation rows, kept in its folder, read without trust."""
