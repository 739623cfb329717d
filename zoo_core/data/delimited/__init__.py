"""Delimited text: its rows, and the delimiter that divides them."""
