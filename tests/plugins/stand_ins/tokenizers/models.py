from __future__ import annotations


class WordLevel:
    def __init__(self, vocab: dict[str, int], unk_token: str) -> None:
        self.vocab, self.unk_token = vocab, unk_token
