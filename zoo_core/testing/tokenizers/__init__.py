"""Checks of tokenizers."""
