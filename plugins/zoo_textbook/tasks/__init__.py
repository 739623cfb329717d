"""Tasks: what the columns of a table mean, for any text, any numbers, and surnames."""
