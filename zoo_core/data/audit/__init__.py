"""The audit of a file of labeled texts: its statistics, and the problems found in it."""
