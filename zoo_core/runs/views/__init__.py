"""What Python code looks at in a run, the figures of it, and its predictions."""
