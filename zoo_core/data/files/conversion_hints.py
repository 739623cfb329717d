"""The settings that read a file which cannot be read as it is: its encoding, and what separates its columns."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from zoo_core.errors import Change, Problem

MAX_EXAMINED_BYTES = 1 << 26  # of a file, by which its encoding is guessed
SCORED_CHARS = 1 << 18  # of its text, by which the encodings that decode them are ranked
MAX_GUESSES = 3
MAX_CHARS_PER_NUL = 50  # of UTF-16
MAX_PLAIN_BYTES = 2  # of a character; euc_kr composes a rare syllable of eight bytes
MIN_SCORE = 0.2  # of what is worth a guess, from 0 to 1
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
LATIN, CYRILLIC = ("cp1252", "cp1250"), ("cp1251", "koi8-r")
FOREIGN_RUN = re.compile(r"[^\x00-\x7f]+")
WESTERN_SIGNS = "‘’“”„–—…«»€£°·¿¡´§®™"


def encoding_problem(message: str, where: str, data: bytes, name: str) -> Problem:
    """A problem of a file in another encoding, with the encodings that decode all of it, the likeliest first.

    `data` is the part of the file that cannot be decoded; a file on the disk is examined whole.
    """
    from zoo_core.data.files.compression import (
        is_compressed,
    )  # not for the list of readers, which needs the names above

    path = Path(name)
    whole = b""
    if path.is_file():
        with path.open("rb") as stream:
            whole = stream.read(MAX_EXAMINED_BYTES)
    examined = whole if whole and not is_compressed(whole) else data
    guesses = ["utf-8"] if _is_utf8(examined) else guess_encodings(examined)
    if not guesses:
        hint = "" if b"\0" in data else "name its encoding (reader.encoding, --encoding), or save it as UTF-8"
        return Problem(message, where, hint)
    return Problem(message, where, changes=tuple((("reader.encoding", guess),) for guess in guesses))


def _is_utf8(data: bytes) -> bool:
    """Whether this is UTF-8, which another encoding was named for; the last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, len(data) < MAX_EXAMINED_BYTES)
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def guess_encodings(data: bytes) -> list[str]:
    """The encodings that decode all of the data to a plausible text; the likeliest first.

    >>> guess_encodings("café très bon".encode("cp1252"))[0], guess_encodings("맛있는 음식".encode("cp949"))[0]
    ('cp1252', 'cp949')
    """
    if b"\0" in data:
        return _guess_utf32(data) or _guess_utf16(data)
    scores: dict[str, float] = {}
    for encoding, score in ENCODINGS.items():
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data, len(data) < MAX_EXAMINED_BYTES)
        except UnicodeDecodeError:
            continue
        runs = FOREIGN_RUN.findall(text[:SCORED_CHARS])
        foreign = "".join(runs)
        if foreign:
            isolated = len(runs) / len(foreign)  # near 1 in Western texts, near 0 in Cyrillic ones
            fits = {**dict.fromkeys(LATIN, isolated), **dict.fromkeys(CYRILLIC, 1 - isolated)}.get(encoding, 1.0)
            scores[encoding] = fits * sum(map(score, foreign)) / len(foreign)
    likely = [encoding for encoding, score in scores.items() if score >= MIN_SCORE]
    return sorted(likely, key=lambda encoding: -scores[encoding])[:MAX_GUESSES]


def _guess_utf32(data: bytes) -> list[str]:
    """UTF-32, with a byte-order mark or without: no other bytes decode as it."""
    is_marked = data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE))
    if not data or len(data) % 4:
        return []
    for encoding in ["utf-32"] if is_marked else ["utf-32-le", "utf-32-be"]:
        with suppress(UnicodeDecodeError):
            if "\0" not in data.decode(encoding):
                return [encoding]
    return []


def _guess_utf16(data: bytes) -> list[str]:
    """UTF-16 without a byte-order mark: at even or at odd positions, many bytes are NUL, as in spaces and line ends."""
    zeros = [data[start::2].count(0) for start in (0, 1)]
    encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    try:
        text = data[: len(data) // 2 * 2].decode(encoding)
    except UnicodeDecodeError:
        return []
    is_text = "\n" in text and "\0" not in text and max(zeros) > len(data) / MAX_CHARS_PER_NUL
    return [encoding] if is_text else []


def other_delimiter(header: str, delimiter: str = "") -> str:
    """The delimiter that a header has more often than `delimiter`; "" if there is none.

    >>> other_delimiter("text;label", ","), other_delimiter("text,label", ","), other_delimiter("text", ",")
    (';', '', '')
    """
    counts = {other: header.count(other) for other in DELIMITERS if other != delimiter}
    found = max(counts, key=lambda other: counts[other])
    return found if counts[found] > (header.count(delimiter) if delimiter else 0) else ""


def delimiter_change(delimiter: str) -> Change:
    """The setting that names a delimiter."""
    return (("reader.delimiter", "tab" if delimiter == "\t" else delimiter),)


def _of_script(name: str, upper: float) -> Callable[[str], float]:
    """A score: whether a character is a letter of this script; `upper` is the score of one that is not lower-case."""

    def score(character: str) -> float:
        is_letter = unicodedata.name(character, "").startswith(name)
        return (1.0 if character.islower() else upper) if is_letter else 0.0

    return score


def _western(character: str) -> float:
    return 0.9 if character in WESTERN_SIGNS else _of_script("LATIN", 0.5)(character)


def _encodable(encoding: str, ideograph: float, hangul: float = 0.0) -> Callable[[str], float]:
    """A score: what a character of these kinds counts if it is common, that is, in an older and smaller encoding."""

    def score(character: str) -> float:
        try:
            if len(character.encode(encoding)) > MAX_PLAIN_BYTES:
                return 0.0
        except UnicodeEncodeError:
            return 0.0
        name = unicodedata.name(character, "")
        return ideograph if name.startswith("CJK") else hangul if name.startswith("HANGUL SYLLABLE") else 0.3

    return score


def _japanese(character: str) -> float:
    name = unicodedata.name(character, "")
    return 1.0 if name.startswith(("HIRAGANA", "KATAKANA")) else 0.5 if name.startswith("CJK") else 0.0


ENCODINGS: dict[str, Callable[[str], float]] = {
    "cp949": _encodable("euc_kr", 0.3, 1.0),
    "cp932": _japanese,
    "euc-jp": _japanese,
    "gb18030": _encodable("gb2312", 0.8),
    "big5": _encodable("big5", 0.7),
    "cp1252": _western,
    "cp1250": lambda character: 0.95 * _of_script("LATIN", 0.5)(character),
    "cp1251": _of_script("CYRILLIC", 0.4),
    "koi8-r": _of_script("CYRILLIC", 0.4),
}
