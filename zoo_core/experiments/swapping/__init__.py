"""A whole swap in one call: its trials, tables and charts."""
