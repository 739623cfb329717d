"""Data: files read into tables, tables into examples and splits, and audits of both."""
