"""Files: reading them into tables of strings, by format, encoding and compression, and writing tables."""
