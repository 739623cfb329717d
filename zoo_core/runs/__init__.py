"""Runs: folders of trained runs, written atomically and read without trust; prediction, evaluation and locks."""
