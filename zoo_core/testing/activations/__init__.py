"""Checks of activations."""
