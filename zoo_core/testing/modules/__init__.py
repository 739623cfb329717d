"""Checks of the torch modules of activations, losses and models."""
