"""Data in memory, as frames, arrays, lists and rows of a Python program, read into tables of strings."""
