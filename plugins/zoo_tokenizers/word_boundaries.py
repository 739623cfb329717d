"""Texts split at the word boundaries of Unicode Standard Annex 29, in native code.

The rules are one regular expression, with their numbers in comments: a match is a word, or one other character.
"""

from __future__ import annotations

import polars as pl

from zoo_tokenizers.rows import split_apart

PUNCTUATION = r"^[\p{P}$+<=>^`|~]*$"
MARKS = r"[\p{wb=Extend}\p{wb=Format}\x{200D}]*"  # WB4: they belong to the character before them
EMOJI = r"\x{200D}\p{Extended_Pictographic}"  # WB3c: a joiner and what it joins
TAIL = f"(?:{MARKS}{EMOJI})*{MARKS}"


def _unit(properties: str) -> str:
    """One character with one of these properties, and its marks."""
    names = "".join(rf"\p{{wb={name}}}" for name in properties.split())
    return f"[{names}]{MARKS}"


HEBREW = _unit("Hebrew_Letter")
ANY_LETTER = _unit("ALetter Hebrew_Letter")
BETWEEN_LETTERS = _unit("MidLetter MidNumLet Single_Quote")
SINGLE_QUOTE, DOUBLE_QUOTE = _unit("Single_Quote"), _unit("Double_Quote")
DIGIT = _unit("Numeric")
BETWEEN_DIGITS = _unit("MidNum MidNumLet Single_Quote")
KATAKANA = f"(?:{_unit('Katakana')})+"  # WB13
CONNECTORS = f"(?:{_unit('ExtendNumLet')})+"
FLAG = _unit("Regional_Indicator")

LETTER = f"(?:{HEBREW}(?:{DOUBLE_QUOTE}{HEBREW})+|{ANY_LETTER})"  # WB7b, WB7c
BEFORE_LETTER = f"(?:{LETTER}{BETWEEN_LETTERS})*"  # WB6, WB7
NUMBER = f"{DIGIT}(?:{BETWEEN_DIGITS}{DIGIT})*"  # WB11, WB12
RUN = f"(?:{NUMBER}|{BEFORE_LETTER}{LETTER})"  # WB5, WB8 to WB10, when repeated
LAST_RUN = f"(?:{NUMBER}|{BEFORE_LETTER}(?:{HEBREW}{SINGLE_QUOTE}|{LETTER}))"  # WB7a
LAST = f"(?:{RUN}*{LAST_RUN}|{KATAKANA})"
CONNECTED = f"(?:(?:{RUN}+|{KATAKANA})?{CONNECTORS})+{LAST}?"  # WB13a, WB13b
PLAIN = f"(?:{CONNECTED}|{LAST}|{FLAG}{FLAG})"  # WB15, WB16
WORD = rf"{PLAIN}|\S{MARKS}"  # WB999
WORD_OR_EMOJI = rf"{PLAIN}{EMOJI}{TAIL}|{PLAIN}|{EMOJI}{TAIL}|\S{TAIL}"  # 50 times slower, for texts with WB3c
NARROW_SPACE = "\u202f"  # the one space that connects letters and digits


def split_words(texts: pl.Series) -> pl.Series:
    """Texts → the words and other characters of each, without whitespace."""
    words = split_apart(
        texts,
        texts.str.contains(EMOJI),
        special=lambda some: some.str.extract_all(WORD_OR_EMOJI),
        usual=lambda others: others.str.extract_all(WORD),
    )
    if texts.str.contains(NARROW_SPACE, literal=True).any():
        return words.list.eval(pl.element().str.strip_chars().filter(pl.element().str.contains(r"\S")))
    return words


def drop_punctuation(words: pl.Series) -> pl.Series:
    """Lists of words → those that do not consist of punctuation only (ASCII, and Unicode category P)."""
    return words.list.eval(pl.element().filter(~pl.element().str.contains(PUNCTUATION)))
