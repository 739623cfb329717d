"""Reports of swaps: tables, lines, and the conclusion."""
