"""Texts rewritten as a stand-in for other scripts and languages; the same word is always rewritten alike."""

from __future__ import annotations

import random
import re
import zlib

SUFFIXES = [a + b for a in ("la", "de", "nun", "ki", "ler", "mi", "su", "yor", "ca") for b in ("", "r", "m", "ta", "n")]
CYRILLIC = dict(zip("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопярстувщжыз", strict=True))


def unspaced(text: str, rng: random.Random) -> str:
    """Remove all spaces."""
    return text.replace(" ", "")


def half_spaced(text: str, rng: random.Random) -> str:
    """Remove each space with probability one half."""
    return re.sub(" ", lambda _: rng.choice(("", " ")), text)


def hangul(text: str, rng: random.Random) -> str:
    """Write pairs of letters as syllables; spaces stay."""
    return re.sub("[a-z]{1,2}", lambda found: chr(0xAC00 + zlib.crc32(found[0].encode()) % 11172), text.lower())


def han(text: str, rng: random.Random) -> str:
    """Write each word as one to three ideographs, without spaces."""

    def character(part: str) -> str:
        return chr(0x4E00 + zlib.crc32(part.encode()) % 3000)

    def ideographs(found: re.Match[str]) -> str:
        letters = found[0]
        return "".join(character(letters[at : at + 4]) for at in range(0, min(len(letters), 12), 4))

    return re.sub("[a-z]+", ideographs, text.lower()).replace(" ", "")


def cyrillic(text: str, rng: random.Random) -> str:
    """Replace Latin letters by Cyrillic ones."""
    return "".join(CYRILLIC.get(letter, letter) for letter in text.lower())


def inflected(text: str, rng: random.Random) -> str:
    """Append up to three suffixes to each word, as an agglutinative language does."""
    return re.sub(r"[A-Za-z]{3,}", lambda found: found[0] + "".join(rng.choices(SUFFIXES, k=rng.randrange(4))), text)
