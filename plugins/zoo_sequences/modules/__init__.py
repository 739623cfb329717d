"""Torch modules of the embeddings and the models, usable without the rest of the zoo."""
