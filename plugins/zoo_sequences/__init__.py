"""Sequences: token ids in order, embeddings, and the models that read them."""
