"""Contracts of what follows the model."""
