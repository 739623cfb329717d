"""Checks of embeddings."""
