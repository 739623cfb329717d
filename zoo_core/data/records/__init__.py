"""Records, which need not all have the same keys: JSON objects, and values that a row lacks."""
