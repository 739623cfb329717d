"""What Python code looks at in a run, and the figures of it."""
