"""Benchmarks of speed and accuracy, compared with other tools: `python -m benchmarks.NAME`. They are not tests."""
