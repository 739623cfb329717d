"""Tokenizers: how normalized texts are split into tokens."""
