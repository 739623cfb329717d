"""Normalization against plain Python, character by character."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.features.normalization import VERSIONS, normalize
from zoo_core.features.tokens import tokenize_column

any_texts = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=20), min_size=1, max_size=6)
MARKS = ".,!?。，！？"
SCRIPTS = st.text(
    st.one_of(
        st.characters(max_codepoint=0x233),
        st.sampled_from("жДñ नमस्ते好吃。！½ﬁ²Ⅳ…❤“”«»′″‘’‛ʼ´\u00ad\u200b\u200c\u200d\u2060\ufe0f\ufeff\u0301"),
        st.sampled_from("a' "),
    ),
    max_size=20,
)
INVISIBLE = "\u00ad\u200c\u200d\u2060\ufe0f\ufeff"


def book(text: str) -> str:
    """The textbook's `preprocess_text` (Rao & McMahan, section 3.6)."""
    text = text.lower()
    text = re.sub(r"([.,!?])", r" \1 ", text)
    return re.sub(r"[^a-zA-Z.,!?]+", r" ", text)


@given(any_texts)
def test_book_style(texts):
    assert normalize(pl.Series(texts), "book").to_list() == [book(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["", " ", "NA", "I'm 100% sure!!", "a\n\nb\\n", "ÉTÉ", "...", "İ", "ß", "don’t", "1,000.5"]
)
def test_book_style_of_odd_texts(text):
    assert normalize(pl.Series([text]), "book").to_list() == [book(text)]


def unicode_style(text: str) -> str:
    """The same for every script, character by character."""
    visible = "".join("'" if character in "’‘‛ʼ´" else character for character in text if character not in INVISIBLE)
    normalized = ""
    for character in unicodedata.normalize("NFKC", visible).lower():
        category = unicodedata.category(character)[0]
        if category == "M" and not (normalized and unicodedata.category(normalized[-1])[0] in "LMN"):
            continue
        if character in MARKS or category == "S":
            normalized += f" {character} "
        else:
            normalized += character if category in "LMN" or character == "'" else " "
    inside = re.sub("(?<=[^ '])'(?=[^ '])", "\0", normalized)
    return re.sub(" +", " ", inside.replace("'", " ").replace("\0", "'"))


@given(st.lists(SCRIPTS, min_size=1, max_size=6))
def test_unicode_style(texts):
    normalized = normalize(pl.Series(texts), "unicode").to_list()
    assert [re.sub(" +", " ", text) for text in normalized] == [unicode_style(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto\u00admobile auto\u2060mobile \ufeffauto\ufeffmobile", ["automobile"] * 3),  # soft hyphen, joiner, mark
        ("\u0dc1\u0dca\u200d\u0dbb\u0dd3", ["\u0dc1\u0dca\u0dbb\u0dd3"]),  # Sinhala
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", ["\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"]),  # Persian
        ("I \u2764\ufe0f it \u2764 \ufe0f", ["i", "\u2764", "it", "\u2764"]),
        ("e\u0301\u00e9 \u0301x", ["éé", "x"]),
        ("two\u200bwords", ["two", "words"]),
        ("“good” ‘food’ «menu» 'now' 5′ 6″ „so“ ''x''", ["good", "food", "menu", "now", "5", "6", "so", "x"]),
        ("don’t I'd rock'n'roll dogs' 'tis don´t l'", ["don't", "i'd", "rock'n'roll", "dogs", "tis", "don't", "l"]),
    ],
)
def test_words_with_unseen_characters_and_quotes(text, expected):
    assert words(normalize(pl.Series([text, "plain"]), "unicode")) == [expected, ["plain"]]


@pytest.mark.parametrize("style", ["book", "unicode", "none"])
@given(texts=any_texts)
def test_each_text_is_normalized_by_itself(style, texts):
    whole = normalize(pl.Series(texts), style).to_list()
    assert whole == [normalize(pl.Series([text]), style).item() for text in texts]
    assert style != "none" or whole == texts


def words(texts: pl.Series) -> list[list[str]]:
    tokens = tokenize_column(texts, lambda column: column.str.split(" "))
    return [tokens.row(row) for row in range(len(tokens))]


@pytest.mark.parametrize("style", ["book", "unicode"])
@given(st.lists(st.text(st.sampled_from("abÉ .,!?'’9\n"), max_size=12), min_size=1, max_size=5))
def test_tokens_of_texts_normalized_twice(style, texts):
    once = normalize(pl.Series(texts), style)
    assert words(normalize(once, style)) == words(once)
    marks = [[letter for letter in text if letter in ".,!?"] for text in texts]
    assert [[word for word in row if word in ".,!?"] for row in words(once)] == marks


SAMPLE = [
    "Caf\u00e9 d\u2019\u00e9t\u00e9: \u2018so-so\u2019, isn't it?! 3\u20ac \uff21\u2167\ufb01",
    "auto\u00admobiles two\u200bwords \u2764\ufe0f\U0001f60d",
    "맛있는 음식。 a\u0301 'tis",
]


@pytest.mark.parametrize(
    ("style", "version", "digest"),
    [("book", 1, "1e36da6c5c38"), ("unicode", 2, "c83737ca5713"), ("none", 1, "96235abdcb05")],
)
def test_a_style_that_changes_has_another_version(style, version, digest):
    normalized = "\n".join(normalize(pl.Series(SAMPLE), style))
    assert (VERSIONS[style], sha256(normalized.encode()).hexdigest()[:12]) == (version, digest)
