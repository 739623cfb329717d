from __future__ import annotations


class Whitespace:
    def split(self, text: str) -> list[str]:
        return text.split()
