"""Abstaining and prediction sets on the command line: the options, and what is printed of them."""
