"""The tokenizer words: the rules of Unicode Standard Annex 29 one by one, and against the package regex."""

import polars as pl
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_tokenizers.tokenizers import Words

BOUNDARY = regex.compile(r"(?w)\b", regex.V1)
SPACES = regex.compile(r"^\p{White_Space}+|\p{White_Space}+$")
LETTERS = "abé1٣２_‿אבגカタひ漢ก้한글ㄱ❤👩🏽🇰🇷🇺"
DIFFICULT = LETTERS + "'\".,:;·!-/$\u0301\u0308\u00ad\u200b\u200d\u2019\u202f\u00a0\u3000\t\r\n\u0085\u2028"

# the texts are words, joined here by "|", and whitespace, which is dropped
RULES = {
    "WB1, WB2: an empty text": "",
    "WB3: the end of a line is whitespace": "a|\r\n|b",
    "WB3a, WB3b: so are other line ends": "a|\u0085|b|\u2028|c|\t|\x0b|d",
    "WB3c: emoji joined to emoji": "👨\u200d👩\u200d👧|a",
    "WB3c: after a letter": "a\u200d❤|b",
    "WB3c: at the start": "\u200d❤|b",
    "WB3d: spaces together": "a|   |b",
    "WB4: marks after a letter": "a\u0301b|.",
    "WB4: marks after other characters": "!\u0301|a",
    "WB4: a soft hyphen within a word": "zu\u00adcker",
    "WB4: skin color": "👍🏽|👍",
    "WB4: Thai vowels and tone marks": "น้|ำ",
    "WB4: Devanagari": "नमस्ते| |दुनिया",
    "WB5: letters": "Straße| |naïve| |слово| |λέξη| |كلمة",
    "WB5: hangul syllables and letters": "안녕하세요| |ㅋㅋㅋ",
    "WB6, WB7: an apostrophe between letters": "don't| |l’été",
    "WB6, WB7: a period and a colon between letters": "e.g|.| |s:t",
    "WB6, WB7: a middle dot": "col·legi",
    "WB6, WB7: not at the ends of words": "'|tis|'| |.|net",
    "WB6, WB7: not twice": "a|'|'|b",
    "WB7a: an apostrophe after a Hebrew letter": "ג'| |א",
    "WB7a: but a digit is apart": "ג'|5",
    "WB7b, WB7c: a quote between Hebrew letters": 'צה"ל| |a|"|b',
    "WB8: digits": "2024| |٣٤",
    "WB9, WB10: letters and digits": "b2b| |4ever| |covid19",
    "WB11, WB12: a period, a comma and a semicolon between digits": "3.14| |1,000,000| |1;2| |2'500",
    "WB11, WB12: not between a letter and a digit": "a|.|5| |5|,|b",
    "WB11, WB12: not at the end of a number": "5|.| |10|,",
    "WB12: no colon between digits": "10|:|30",
    "WB13: katakana": "カタカナ|ひ|ら",
    "WB13: no letters after katakana": "カ|b",
    "WB13a, WB13b: connectors": "snake_case| |__init__| |a‿b",
    "WB13a, WB13b: digits and katakana": "1_カ_2",
    "WB13a: a narrow space between digits": "10\u202f000",
    "WB13a: a narrow space at the end of a word is dropped": "bon|\u202f|!",
    "WB15, WB16: flags in pairs": "🇰🇷|🇺🇸|🇰",
    "WB15, WB16: after a letter": "a|🇰🇷|🇺",
    "WB999: Chinese characters": "漢|字|!",
    "WB999: symbols": "$|5| |+|1| |50|%| |C|+|+| |♥|♥",
    "WB999: hyphens and slashes": "well|-|known| |and|/|or",
    "WB999: an address": "me|@|example.org",
}


def words(text: str, **settings: bool) -> list[str]:
    return Words(**settings).tokenize(pl.Series([text], dtype=pl.String))[0].to_list()


@pytest.mark.parametrize("rule", RULES)
def test_rules_of_unicode(rule):
    pieces = RULES[rule].split("|")
    assert words("".join(pieces)) == [piece for piece in pieces if piece.strip()]


@settings(max_examples=40)
@given(st.lists(st.text(st.sampled_from(DIFFICULT)), min_size=1))
def test_equals_the_package_regex(texts):
    expected = [list(filter(None, (SPACES.sub("", piece) for piece in BOUNDARY.split(text)))) for text in texts]
    assert Words().tokenize(pl.Series(texts, dtype=pl.String)).to_list() == expected


def test_punctuation_is_dropped_on_request():
    assert words("good -- don't, #1 ... ♥ __ $ 5", punctuation=False) == ["good", "don't", "1", "♥", "5"]
    assert words("?!", punctuation=False) == []
