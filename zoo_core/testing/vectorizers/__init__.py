"""Checks of vectorizers."""
