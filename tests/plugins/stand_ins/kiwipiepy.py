"""Stand-in for the package kiwipiepy: words split at spaces and before a few particles and endings."""

from __future__ import annotations

from attrs import frozen

GRAMMAR = {"이": "JKS", "은": "JX", "다": "EF", "지": "EF"}
STEMS = {"맛있": "VA", "맛없": "VA"}


@frozen
class Token:
    form: str
    tag: str


class Kiwi:
    def __init__(self, num_workers: int) -> None:
        self.num_workers = num_workers

    def tokenize(self, text: str) -> list[Token]:
        return [token for word in text.split() for token in self._split(word)]

    def _split(self, word: str) -> list[Token]:
        stem, last = word[:-1], word[-1]
        if not stem or last not in GRAMMAR:
            return [Token(word, "NNG")]
        return [Token(stem, STEMS.get(stem, "NNG")), Token(last, GRAMMAR[last])]
