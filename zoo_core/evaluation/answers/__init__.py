"""Answers that keep a promise on new rows: abstaining when confidence is low, sets of labels that cover the truth."""
