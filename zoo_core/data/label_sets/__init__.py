"""Columns of labels whose rows may have any number of them: written in cells, read, and changed."""
