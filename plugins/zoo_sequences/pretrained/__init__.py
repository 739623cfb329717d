"""Pretrained vectors: files of words and their numbers, and the embedding that starts with them."""
