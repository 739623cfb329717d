"""Checks of tokenizers: a list for each text, each text by itself, in order, and the same in every chunk and thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import polars as pl

from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.tokenizers.inputs import INPUTS, USUAL, first_pass, fit, tokenize, tokenizer_of

THREADS = 4


@register_check("tokenizer", "each text needs its tokens beside its label")
def one_list_for_each_text(subject: Subject) -> None:
    for description, texts in INPUTS:
        found, where = tokenizer_of(subject).tokenize(texts), f"for {description}"
        is_column = isinstance(found, pl.Series) and found.dtype == pl.List(pl.String)
        dtype = found.dtype if isinstance(found, pl.Series) else type(found).__name__
        assert is_column, f"{where} tokenize() gives {dtype}, expected a series of lists of strings"
        assert len(found) == len(texts), f"{where} it gives {len(found)} lists for {len(texts)} texts"
        assert not found.null_count(), f"{where} it gives null for text {found.is_null().arg_true()[0]}"


@register_check("tokenizer", "texts are tokenized in chunks, and one by one when they are predicted")
def each_text_by_itself(subject: Subject) -> None:
    for description, texts in INPUTS:
        together = tokenize(subject, None, texts)
        parts = [tokenize(subject, None, texts.slice(start, 1))[0] for start in range(min(len(texts), 20))]
        assert_equal(parts, together[: len(parts)], f"for {description} a text has other tokens alone")
        assert_equal(
            tokenize(subject, None, texts.reverse())[::-1], together, f"for {description} in reverse a text has others"
        )


@register_check("tokenizer", "a text is read as often as people like, in several threads at once")
def repeatable_in_threads(subject: Subject) -> None:
    texts = INPUTS.makers[USUAL]()
    expected = tokenize(subject, None, texts)
    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(lambda _: tokenize(subject, None, texts), range(THREADS)):
            assert_equal(found, expected, "called in several threads at once, it gives other tokens")


@register_check("tokenizer", "the caller may use its inputs again")
def does_not_modify_texts(subject: Subject) -> None:
    for description, texts in INPUTS:
        before = texts.clone()
        tokenizer_of(subject).tokenize(texts)
        assert texts.equals(before), f"for {description} it changes its texts"


@register_check("tokenizer", "what is not in the tokens can never be learned")
def tokens_come_from_the_text(subject: Subject) -> None:
    texts = INPUTS.makers[USUAL]()
    found = tokenize(subject, fit(subject, texts), texts)
    assert all(found), f'no token of "{texts[[bool(row) for row in found].index(False)]}"'
    distinct = {tuple(row) for row in found}
    assert len(distinct) == texts.n_unique(), f"{texts.n_unique()} different texts have {len(distinct)} lists of tokens"


@register_check("tokenizer", "what is learned is applied to the words of a split, each by itself")
def splits_each_word_by_itself(subject: Subject) -> None:
    fitted = fit(subject, INPUTS.makers[USUAL]())
    if fitted is None:
        return
    for description, texts in INPUTS:
        words = first_pass(subject, texts).words
        lists, where = fitted.split(words), f"for {description}"
        is_column = isinstance(lists, pl.Series) and lists.dtype == pl.List(pl.String)
        assert is_column and len(lists) == len(words), f"{where} split() does not give a list of strings for each word"
        backward = fitted.split(words.reverse()).reverse()
        assert_equal(backward.to_list(), lists.to_list(), f"{where} a word is split in another way beside other words")
